using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Completion;

/// <summary>Completes the numbers of open sessions, also by what their contexts and servers begin with.</summary>
public sealed class SessionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = Completions.Bare(wordToComplete);
        return SessionStore.Current.Sessions
            .Select(static session => (Session: session, Number: session.Id.ToString(CultureInfo.InvariantCulture)))
            .Where(one => Array.Exists([one.Number, one.Session.Context ?? "", one.Session.Server.Host], text => text.StartsWith(word, StringComparison.OrdinalIgnoreCase)))
            .Select(static one => Completions.Result(null, one.Number, $"{one.Session.Place}{(one.Session.IsDefault ? ", the default session" : "")}", $"{one.Number} {one.Session}"));
    }
}
