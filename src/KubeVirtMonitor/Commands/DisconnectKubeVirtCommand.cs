using System.Management.Automation;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Closes sessions and their connections.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "KubeVirt", DefaultParameterSetName = SessionSet)]
[OutputType(typeof(void))]
public sealed class DisconnectKubeVirtCommand : PSCmdlet
{
    private const string SessionSet = "Session";
    private const string ContextSet = "Context";

    /// <summary>The sessions.</summary>
    [Parameter(Position = 0, ParameterSetName = SessionSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public KubeVirtSession[]? Session { get; set; }

    /// <summary>A context of the kubeconfig.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ContextSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Context { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (KubeVirtSession session in Wanted()) SessionStore.Current.Close(session);
    }

    private KubeVirtSession[] Wanted()
    {
        SessionStore store = SessionStore.Current;
        KubeVirtSession[] found = Session
            ?? (Context is { } context ? [.. store.Sessions.Where(session => session.Context == context)] : store.Default is { } known ? [known] : []);
        if (found.Length == 0) WriteError(Context is { } wanted ? ErrorRecords.NoSessionOf(wanted) : ErrorRecords.NoSession());
        return found;
    }
}
