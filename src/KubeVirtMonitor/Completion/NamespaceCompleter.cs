using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace KubeVirtMonitor.Completion;

/// <summary>Completes the namespaces of machines that the session has listed. Does not use the network.</summary>
public sealed class NamespaceCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        SeenBy.Session(fakeBoundParameters) is { } session
            ? Completions.Of(wordToComplete, session.Seen.Namespaces.Select(name => (name, $"namespace of {session}")))
            : [];
}
