using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
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
        foreach (KubeVirtSession session in SessionStore.Current.Sessions)
        {
            if (patterns.Length == 0 || NamePatterns.IsAnyMatch(patterns, session.Context ?? "")) WriteObject(session);
        }
    }
}
