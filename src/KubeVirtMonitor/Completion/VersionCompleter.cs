using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Completion;

/// <summary>Completes the KubeVirt versions whose names the catalogue knows.</summary>
public sealed class VersionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        MetricCatalog.KnownVersions
            .Select(version => string.Create(CultureInfo.InvariantCulture, $"{version.Major}.{version.Minor}"))
            .Where(version => version.StartsWith(wordToComplete ?? "", StringComparison.Ordinal))
            .Select(version => new CompletionResult(version));
}
