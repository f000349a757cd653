using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Loading;

namespace KubeVirtMonitor.Sessions;

/// <summary>Opens sessions.</summary>
internal static class SessionOpener
{
    /// <summary>What a kubeconfig says, or the service account of the pod where there is no kubeconfig, as kubectl does it.</summary>
    /// <param name="path">The file; null = as kubectl looks for it.</param>
    /// <param name="context">The context; null = the current one.</param>
    /// <param name="folder">The folder of the shell, which relative paths in KUBECONFIG count from; PowerShell's is not that of the process.</param>
    /// <exception cref="KubernetesException">There is nothing to connect with.</exception>
    public static KubernetesConnection FromKubeConfig(string? path, string? context, string folder)
    {
        KubeConfig config;
        try
        {
            config = KubeConfig.Load(new KubeConfigOptions { Path = path, WorkingDirectory = folder, Yaml = LazyYamlReader.Instance });
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.NoConfiguration && path is null && context is null && IsInPod())
        {
            return KubernetesConnection.InCluster();
        }

        return config.Resolve(context);
    }

    /// <summary>Connects.</summary>
    /// <param name="connection">Where to, and as whom.</param>
    /// <param name="client">How patient the client is.</param>
    /// <param name="options">What is known beforehand.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="KubernetesException">It cannot be opened.</exception>
    public static Task<KubeVirtSession> OpenAsync(KubernetesConnection connection, KubernetesClientOptions client, KubeVirtSessionOptions options, CancellationToken cancellationToken) =>
        KubeVirtSession.OpenAsync(new KubernetesClient(connection, DependencyLoadContext.Create<IKubernetesLibrary>("KubeVirtMonitor.Kubernetes", "KubeVirtMonitor.Kubernetes.KubernetesLibrary"), client), options, cancellationToken);

    private static bool IsInPod() => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST"));
}
