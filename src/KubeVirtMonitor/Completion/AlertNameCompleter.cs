using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeVirtMonitor.Alerts;

namespace KubeVirtMonitor.Completion;

/// <summary>Completes the names of alerts by any part of them.</summary>
public sealed class AlertNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string text = Completions.Bare(wordToComplete);
        return AlertCatalog.Default.Definitions.DistinctBy(static alert => alert.Name).Where(alert => alert.Name.Contains(text, StringComparison.OrdinalIgnoreCase)).OrderBy(static alert => alert.Name, StringComparer.OrdinalIgnoreCase)
            .Select(alert => Completions.Result(wordToComplete, alert.Name, alert.Summary));
    }
}
