using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeVirtMonitor.Series;

namespace KubeVirtMonitor.Completion;

/// <summary>Completes what samples are grouped by: their properties, and tags that tell the devices of a machine apart.</summary>
public sealed class GroupKeyCompleter : IArgumentCompleter
{
    private static readonly string[] Tags = ["drive", "interface", "id", "mount_point", "verb", "code", "name"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(wordToComplete, GroupKey.Properties.Where(static name => name != nameof(GroupProperty.Name)).Select(static name => (name, $"The property {name} of samples")).Concat(Tags.Select(static name => (name, $"The tag {name}"))));
}
