using System.Management.Automation;
using System.Net;
using System.Security;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Opens a session to a cluster, or takes an open one, and makes it the default of the runspace.</summary>
[Cmdlet(VerbsCommunications.Connect, "KubeVirt", DefaultParameterSetName = KubeConfigSet)]
[OutputType(typeof(KubeVirtSession))]
public sealed class ConnectKubeVirtCommand : CancellableCommand
{
    private const string KubeConfigSet = "KubeConfig";
    private const string ServerSet = "Server";
    private const string InClusterSet = "InCluster";
    private const string SessionSet = "Session";

    /// <summary>The kubeconfig.</summary>
    [Parameter(Position = 0, ParameterSetName = KubeConfigSet)]
    [ValidateNotNullOrEmpty]
    public string? KubeConfigPath { get; set; }

    /// <summary>Contexts of the kubeconfig; the last one becomes the default.</summary>
    [Parameter(ParameterSetName = KubeConfigSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string[]? Context { get; set; }

    /// <summary>An open session, which becomes the default.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SessionSet, ValueFromPipeline = true)]
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateNotNull]
    public KubeVirtSession? Session { get; set; }

    /// <summary>The address of the API server.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ServerSet)]
    [ValidateNotNull]
    public Uri? Server { get; set; }

    /// <summary>A bearer token.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ServerSet)]
    [ValidateNotNull]
    public SecureString? Token { get; set; }

    /// <summary>A PEM file with the only roots to trust.</summary>
    [Parameter(ParameterSetName = ServerSet)]
    [ValidateNotNullOrEmpty]
    public string? CertificateAuthority { get; set; }

    /// <summary>The name that the server's certificate has to carry.</summary>
    [Parameter(ParameterSetName = ServerSet)]
    [ValidateNotNullOrEmpty]
    public string? ServerName { get; set; }

    /// <summary>Takes any certificate of the API server.</summary>
    [Parameter(ParameterSetName = ServerSet)]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>The proxy.</summary>
    [Parameter(ParameterSetName = ServerSet)]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>The service account of the pod this runs in.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InClusterSet)]
    public SwitchParameter InCluster { get; set; }

    /// <summary>The namespace KubeVirt is installed in.</summary>
    [Parameter(ParameterSetName = KubeConfigSet)]
    [Parameter(ParameterSetName = ServerSet)]
    [Parameter(ParameterSetName = InClusterSet)]
    [ValidateNotNullOrEmpty]
    public string? InstallNamespace { get; set; }

    /// <summary>The way to the components.</summary>
    [Parameter(ParameterSetName = KubeConfigSet)]
    [Parameter(ParameterSetName = ServerSet)]
    [Parameter(ParameterSetName = InClusterSet)]
    public ComponentRoute Route { get; set; }

    /// <summary>How long the API server may be silent, in seconds.</summary>
    [Parameter(ParameterSetName = KubeConfigSet)]
    [Parameter(ParameterSetName = ServerSet)]
    [Parameter(ParameterSetName = InClusterSet)]
    [ValidateRange(1, int.MaxValue / 1000)]
    public int TimeoutSec { get; set; } = (int)new KubernetesClientOptions().Timeout.TotalSeconds;

    private protected override void Process()
    {
        if (Session is { } chosen)
        {
            if (!chosen.IsOpen) ThrowTerminatingError(ErrorRecords.SessionClosed(chosen));
            SessionStore.Current.Add(chosen, isDefault: true);
            WriteObject(chosen);
            return;
        }

        if (KubeConfigPath is { } path && Context is null && !File.Exists(FullPath(path)) && Path.GetFileName(path) == path)
        {
            WriteError(ErrorRecords.NoKubeConfig(path, FullPath(path)!));
            return;
        }

        // Which of them is the default is known, and shown, at the end.
        List<KubeVirtSession> opened = [];
        foreach (string? context in Context?.Distinct(StringComparer.Ordinal) ?? [null])
        {
            try
            {
                opened.Add(Open(context));
            }
            catch (KubernetesException error) when (Context?.Length > 1)
            {
                WriteError(ErrorRecords.Failed(error, context));
            }
        }

        foreach (KubeVirtSession session in opened) WriteObject(session);
    }

    private KubeVirtSession Open(string? context)
    {
        KubernetesConnection connection = Describe(context);
        foreach (string warning in connection.Warnings) WriteWarning(warning);
        KubernetesClientOptions patience = new() { Timeout = TimeSpan.FromSeconds(TimeoutSec) };
        KubeVirtSessionOptions options = new() { InstallNamespace = InstallNamespace, Route = Route };
        string source = connection.Source == connection.Server.ToString() ? "" : $" (from {connection.Source})";
        WriteVerbose($"Connecting to {connection.Server}{source} with {connection.CredentialKind}.");
        KubeVirtSession session = Await(cancellationToken => SessionOpener.OpenAsync(connection, patience, options, cancellationToken));
        Uses(session);
        SessionStore.Current.Add(session, isDefault: true);
        return session;
    }

    private KubernetesConnection Describe(string? context)
    {
        string folder = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        string? kubeConfig = FullPath(KubeConfigPath);
        string? authority = FullPath(CertificateAuthority);
        return AwaitRead(() => ParameterSetName switch
        {
            InClusterSet => KubernetesConnection.InCluster(),
            ServerSet => KubernetesConnection.FromToken(Server!, new NetworkCredential("", Token).Password, new ServerOptions
            {
                CertificateAuthority = authority,
                ServerName = ServerName,
                SkipCertificateCheck = SkipCertificateCheck,
                Proxy = Proxy,
            }),
            _ => SessionOpener.FromKubeConfig(kubeConfig, context, folder),
        });
    }

    private string? FullPath(string? path) => path is null ? null : GetUnresolvedProviderPathFromPSPath(path);
}
