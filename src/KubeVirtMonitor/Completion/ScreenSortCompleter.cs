using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.Completion;

/// <summary>Completes the properties of usage that the live screen has columns for; of its topic, where that is given.</summary>
public sealed class ScreenSortCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(wordToComplete, UsageScreenState.SortNames(Enum.TryParse($"{fakeBoundParameters["Topic"]}", ignoreCase: true, out UsageTopic topic) ? topic : null).Distinct().Select(static name => (name, name)));
}
