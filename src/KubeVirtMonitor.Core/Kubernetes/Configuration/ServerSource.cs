namespace KubeVirtMonitor.Kubernetes;

/// <summary>A connection from a server address and a token.</summary>
internal static class ServerSource
{
    public static KubernetesConnection FromToken(Uri server, string token, ServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(server);
        Uri address = ServerAddress.Check(server.OriginalString, "the server address", null, hasCredentials: true);
        if (string.IsNullOrWhiteSpace(token))
            throw new KubernetesException(KubernetesError.CredentialMissing, "the token is empty", "Take one such as that of 'kubectl create token'.") { Setting = Setting.Token };
        return new KubernetesConnection(address, new TokenCredential(TokenText.Check(token.Trim(), "the token", null)))
        {
            Source = address.ToString(),
            Namespace = options.Namespace,
            ProxyAddress = options.Proxy is { } proxy ? ProxyServer.Check(proxy.OriginalString, "the proxy address", null) : EnvironmentProxy.Find(address, Environment.GetEnvironmentVariable),
            Trust = new ServerTrust
            {
                Authorities = options.CertificateAuthority is { } path
                    ? Certificates.ReadAuthorities(ConfigFiles.ReadBytes(Path.GetFullPath(path), "CA file"), path, null)
                    : null,
                AuthorityPlace = options.CertificateAuthority ?? "",
                ServerName = options.ServerName,
                SkipCertificateCheck = options.SkipCertificateCheck,
            },
            Warnings = options.SkipCertificateCheck ? [ServerTrust.SkipWarning] : [],
        };
    }
}
