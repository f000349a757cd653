namespace KubeVirtMonitor.Kubernetes;

/// <summary>The connection to one API server: its address, how it is verified, and the credential. Shows no secrets.</summary>
internal sealed class KubernetesConnection
{
    internal KubernetesConnection(Uri server, IKubernetesCredential credential)
    {
        Server = server;
        Credential = credential;
    }

    /// <summary>The address of the API server; may have a path that precedes that of every request.</summary>
    public Uri Server { get; }

    /// <summary>The context it comes from; null when it comes from none.</summary>
    public string? ContextName { get; internal init; }

    /// <summary>The user entry it comes from; null when it comes from none.</summary>
    public string? UserName { get; internal init; }

    /// <summary>The namespace of the context or of the service account. Null when there is none: nothing falls back to <c>default</c>.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>The file or place it comes from, for messages.</summary>
    public string Source { get; internal init; } = "";

    /// <summary>How this side shows itself, such as <c>token</c>, <c>client certificate</c>, <c>exec plugin aws</c>.</summary>
    public string CredentialKind => Credential.Kind;

    /// <inheritdoc cref="IKubernetesCredential.IsAtHand"/>
    public bool IsCredentialAtHand => Credential.IsAtHand;

    /// <summary>What deserves a warning, as sentences: certificates not checked, nothing encrypted.</summary>
    public IReadOnlyList<string> Warnings { get; internal init; } = [];

    internal IKubernetesCredential Credential { get; }

    internal ServerTrust Trust { get; init; } = new();

    internal Uri? ProxyAddress { get; init; }

    internal bool DisableCompression { get; init; }

    /// <summary>Headers that ask the server to act as somebody else; empty when nobody is impersonated.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> ImpersonationHeaders { get; init; } = [];

    /// <summary>The service account of the pod that this process runs in.</summary>
    /// <param name="environment">Looks up an environment variable; null = those of the process.</param>
    /// <exception cref="KubernetesException">This process runs in no pod, or its service account is not mounted.</exception>
    public static KubernetesConnection InCluster(Func<string, string?>? environment = null) =>
        InClusterSource.Load(environment ?? Environment.GetEnvironmentVariable, InClusterSource.DefaultFolder);

    /// <summary>A server and a token, without any kubeconfig.</summary>
    /// <param name="server">The address, https.</param>
    /// <param name="token">The bearer token.</param>
    /// <param name="options">How the server is verified.</param>
    /// <exception cref="KubernetesException">The address is not https, the token is empty, or the CA file holds no certificate.</exception>
    public static KubernetesConnection FromToken(Uri server, string token, ServerOptions? options = null) =>
        ServerSource.FromToken(server, token, options ?? new ServerOptions());

    /// <inheritdoc/>
    public override string ToString() => ContextName ?? Server.ToString();
}

/// <summary>How to verify and reach a server that is not in a kubeconfig.</summary>
internal sealed record ServerOptions
{
    /// <summary>The only CA certificates that are trusted, a PEM file; null = those of the system.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>The name that the certificate has to carry instead of the host in the address; also sent as SNI.</summary>
    public string? ServerName { get; init; }

    /// <summary>Takes any certificate. The connection is then encrypted, but with whom is not known.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>The proxy, http, https or socks5; null = that of the environment.</summary>
    public Uri? Proxy { get; init; }
}
