using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace KubeVirtMonitor.Completion;

/// <summary>Completes the names of machines that the session has listed, of the namespace that is named. Does not use the network.</summary>
public sealed class MachineNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (SeenBy.Session(fakeBoundParameters) is not { } session) return [];
        WildcardPattern? space = fakeBoundParameters?["Namespace"] is { } text ? WildcardPattern.Get(text.ToString(), WildcardOptions.IgnoreCase) : null;
        return Completions.Of(wordToComplete, session.Seen.Machines(space is null ? null : space.IsMatch).Select(name => (name, $"machine of {session}")));
    }
}
