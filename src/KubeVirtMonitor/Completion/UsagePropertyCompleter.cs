using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.Completion;

/// <summary>Completes the properties of usage; of its parts, where those are asked for.</summary>
public sealed class UsagePropertyCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        (fakeBoundParameters.Contains("Detail") ? UsageOrder<KubeVirtUsageDetail>.Names : UsageOrder<KubeVirtUsage>.Names)
            .Where(name => name.Contains(Completions.Bare(wordToComplete), StringComparison.OrdinalIgnoreCase)).Select(name => Completions.Result(wordToComplete, name, name));
}
