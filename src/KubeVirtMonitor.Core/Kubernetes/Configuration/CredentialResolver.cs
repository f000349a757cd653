namespace KubeVirtMonitor.Kubernetes;

/// <summary>Picks the credential of a user entry, by kubectl's order: certificate with token or password, else a plugin.</summary>
internal static class CredentialResolver
{
    public static IKubernetesCredential Resolve(KubeConfigEntry user, PluginCluster cluster, bool isPlain, KubeConfigOptions options)
    {
        IKubernetesCredential? certificate = ClientCertificate(user);
        IKubernetesCredential? header = Header(user);
        if (header is not null && certificate is not null) return new CombinedCredential(certificate, header);
        if (header is not null) return header;
        if (certificate is not null) return certificate;
        bool hasProvider = user.Map("auth-provider") is not null;
        if (user.Map("exec") is { } exec)
        {
            return hasProvider
                ? throw user.Error("exec", "stands beside an auth-provider; only one of them can log in", "Remove one of the two.")
                : ExecSettings.Read(exec, user, cluster, options);
        }

        if (user.Map("auth-provider") is { } provider)
            return provider.Text("name") == "oidc" ? OidcCredential.Read(provider, options.Variable) : throw Provider(user);
        // Said on purpose, as for kubectl; what is misspelt is not.
        if (isPlain || user.Body.Count == 0) return NoCredential.Instance;
        throw user.Error(
            "",
            "holds no credentials that are known here",
            "Log in again so that it gets a token, certificate or plugin, or write 'user: {}' to send requests anonymously.",
            KubernetesError.CredentialMissing);
    }

    private static IKubernetesCredential? Header(KubeConfigEntry user)
    {
        string? token = user.Text("token");
        string? file = user.FilePath("tokenFile");
        string? name = user.Text("username");
        string? password = user.Text("password");
        bool hasToken = token is not null || file is not null;
        bool hasBasic = name is not null || password is not null;
        if (hasToken && hasBasic) throw user.Error("", "has both a token and a user name or password", "Remove one of the two.");
        if (token is not null) TokenText.Check(token, user.PlaceOf("token"), user.File);
        if (file is not null) return new TokenFileCredential(file, user.PlaceOf("tokenFile"), user.File, token);
        if (token is not null) return new TokenCredential(token);
        if (!hasBasic) return null;
        return name is not null && !name.Contains(':', StringComparison.Ordinal)
            ? new BasicCredential(name, password ?? "")
            : throw user.Error("username", name is null ? "is missing, although there is a password" : "holds a colon, which basic authentication cannot carry", "Write the user name there.");
    }

    private static CertificateCredential? ClientCertificate(KubeConfigEntry user)
    {
        PemSource? certificate = PemSource.Of(user, "client-certificate");
        PemSource? key = PemSource.Of(user, "client-key");
        if (certificate is null && key is null) return null;
        if (certificate is null) throw user.Error("client-certificate-data", "is missing, although there is a client key", "Add the certificate that belongs to the key.");
        return key is null
            ? throw user.Error("client-key-data", "is missing, although there is a client certificate", "Add the key that belongs to the certificate.")
            : new CertificateCredential(certificate, key);
    }

    private static KubernetesException Provider(KubeConfigEntry user)
    {
        string name = user.Map("auth-provider")!.Text("name") ?? "";
        string instead = name switch
        {
            "gcp" => "kubectl no longer speaks it either: install gke-gcloud-auth-plugin and run 'gcloud container clusters get-credentials' again.",
            "azure" => "kubectl no longer speaks it either: run 'kubelogin convert-kubeconfig'.",
            _ => "Ask for an exec credential plugin instead, or use a token.",
        };
        return user.Error("auth-provider", $"asks for the built-in login '{name}', which is not supported", instead, KubernetesError.CredentialUnsupported);
    }
}
