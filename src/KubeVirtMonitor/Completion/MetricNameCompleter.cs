using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Completion;

/// <summary>Completes metric names from the catalogue: the module's names first, then the endpoints' own. Does not use the network.</summary>
public sealed class MetricNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        WildcardPattern pattern = WildcardPattern.Get($"{(wordToComplete ?? "").Trim('\'', '"')}*", WildcardOptions.IgnoreCase);
        ComponentKind? component = ComponentIn(fakeBoundParameters);
        MetricDefinition[] definitions = [.. MetricCatalog.Default.Definitions.Where(definition => component is null || definition.Component == component)];
        IEnumerable<CompletionResult> names = definitions
            .Where(definition => pattern.IsMatch(definition.Name))
            .Select(definition => Result(definition.Name, definition));
        IEnumerable<CompletionResult> rawNames = definitions
            .SelectMany(definition => definition.RawNames.Select(raw => (Name: raw, Definition: definition)))
            .Where(raw => pattern.IsMatch(raw.Name))
            .DistinctBy(raw => raw.Name)
            .Select(raw => Result(raw.Name, raw.Definition));
        return names.Concat(rawNames);
    }

    private static CompletionResult Result(string name, MetricDefinition definition) =>
        new(name, name, CompletionResultType.ParameterValue, $"{(definition.Unit is null ? "" : $"[{definition.Unit}] ")}{definition.Kind}: {definition.Description}");

    private static ComponentKind? ComponentIn(IDictionary? parameters) =>
        parameters?["Component"] is { } value && LanguagePrimitives.TryConvertTo(value, out ComponentKind component) ? component : null;
}
