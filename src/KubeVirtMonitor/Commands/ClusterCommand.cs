using System.Management.Automation;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet that queries a cluster: with the session it is given, that of a context, or the default one.</summary>
public abstract class ClusterCommand : CancellableCommand
{
    /// <summary>The session.</summary>
    [Parameter]
    [ValidateNotNull]
    public KubeVirtSession? Session { get; set; }

    /// <summary>A context of the kubeconfig.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Context { get; set; }

    /// <summary>The session to use; without one, the cmdlet ends with an error.</summary>
    private protected KubeVirtSession ResolveSession() => SessionResolver.Resolve(this, Session, Context);
}
