using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes the open sessions of the runspace, the default one last.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtSession")]
[OutputType(typeof(KubeVirtSession))]
public sealed class GetKubeVirtSessionCommand : PSCmdlet
{
    /// <summary>Wildcards on the contexts.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string[]? Context { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        WildcardPattern[] patterns = this.Patterns(Context);
        IReadOnlyList<KubeVirtSession> sessions = SessionStore.Current.Sessions;
        foreach (string context in (Context ?? []).Where(one => !WildcardPattern.ContainsWildcardCharacters(one) && !sessions.Any(session => string.Equals(session.Context, one, StringComparison.OrdinalIgnoreCase))))
            WriteError(ErrorRecords.NoSessionOf(context));
        foreach (KubeVirtSession session in sessions)
        {
            if (patterns.Length == 0 || NamePatterns.IsAnyMatch(patterns, session.Context ?? "")) WriteObject(session);
        }
    }
}
