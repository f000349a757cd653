using System.Management.Automation;
using KubeVirtMonitor.Binding;
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
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateNotNullOrEmpty]
    public KubeVirtSession[]? Session { get; set; }

    /// <summary>Contexts of the kubeconfig.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ContextSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string[]? Context { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (KubeVirtSession session in Wanted()) SessionStore.Current.Close(session);
    }

    private KubeVirtSession[] Wanted()
    {
        SessionStore store = SessionStore.Current;
        if (Session is not null) return Session;
        if (Context is not null) return this.OfContexts(Context);
        if (store.Default is { } known) return [known];
        WriteError(ErrorRecords.NoSession());
        return [];
    }
}
