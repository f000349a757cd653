using System.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Turns the entries of a kubeconfig into a connection.</summary>
internal static class ConnectionResolver
{
    public static KubernetesConnection Resolve(KubeConfigEntry context, KubeConfigEntry cluster, KubeConfigEntry? user, KubeConfigOptions options)
    {
        ServerTrust trust = ReadTrust(cluster);
        string serverText = cluster.Text("server") ?? throw cluster.Error("server", "is missing", "Write the address of the API server there, like https://api.example:6443.");
        bool isPlain = serverText.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        Uri? proxy = cluster.Text("proxy-url") is { } text ? ProxyServer.Check(text, cluster.PlaceOf("proxy-url"), cluster.File) : null;
        Uri shownServer = ServerAddress.Check(serverText, cluster.PlaceOf("server"), cluster.File, hasCredentials: false);
        IKubernetesCredential credential = user is null
            ? NoCredential.Instance
            : CredentialResolver.Resolve(user, new PluginCluster(shownServer, cluster, trust), isPlain, options);
        Uri server = ServerAddress.Check(serverText, cluster.PlaceOf("server"), cluster.File, credential is not NoCredential);
        List<string> warnings = [];
        if (trust.SkipCertificateCheck) warnings.Add(ServerTrust.SkipWarning);
        if (!isPlain && credential is NoCredential && user is not null)
            warnings.Add($"The user '{user.Name}' has no credentials: requests are anonymous.");
        if (isPlain) warnings.Add("The server is plain http: nothing is encrypted, and requests carry no credentials of their own.");
        return new KubernetesConnection(server, credential)
        {
            ContextName = context.Name,
            UserName = user?.Name,
            Namespace = ReadNamespace(context),
            Source = context.File,
            Trust = trust,
            ProxyAddress = proxy ?? EnvironmentProxy.Find(server, options.Variable),
            DisableCompression = cluster.Flag("disable-compression"),
            ImpersonationHeaders = user is null ? [] : ReadImpersonation(user),
            Warnings = warnings,
        };
    }

    private static ServerTrust ReadTrust(KubeConfigEntry cluster)
    {
        bool skip = cluster.Flag("insecure-skip-tls-verify");
        byte[]? pem = cluster.Base64("certificate-authority-data");
        string place = cluster.PlaceOf(pem is null ? "certificate-authority" : "certificate-authority-data");
        string? path = pem is null ? cluster.FilePath("certificate-authority") : null;
        if (path is not null) pem = ConfigFiles.ReadBytes(path, "CA file", entry: place, config: cluster.File);
        if (skip && pem is not null)
            throw cluster.Error("insecure-skip-tls-verify", "is set together with a certificate authority", "Remove insecure-skip-tls-verify to verify the server, or remove the authority to trust any server.");
        return new ServerTrust
        {
            Authorities = pem is null ? null : Certificates.ReadAuthorities(pem, path ?? $"{place} in {cluster.File}", cluster.File, place),
            AuthorityPem = pem,
            AuthorityPlace = path ?? place,
            ServerName = cluster.Text("tls-server-name"),
            SkipCertificateCheck = skip,
        };
    }

    private static string? ReadNamespace(KubeConfigEntry context)
    {
        if (context.Text("namespace") is not { } name) return null;
        return ResourceNames.IsLabel(name)
            ? name
            : throw context.Error("namespace", "is not a valid namespace name", "Lower-case letters, digits and dashes, at most 63 characters.");
    }

    private static List<KeyValuePair<string, string>> ReadImpersonation(KubeConfigEntry user)
    {
        List<KeyValuePair<string, string>> headers = [];
        if (user.Text("as") is { } name) headers.Add(new("Impersonate-User", name));
        if (user.Text("as-uid") is { } uid) headers.Add(new("Impersonate-Uid", uid));
        foreach (string group in user.Texts("as-groups")) headers.Add(new("Impersonate-Group", group));
        if (user.Map("as-user-extra") is { } extra)
        {
            foreach ((string key, _) in extra.Body)
            {
                foreach (string value in extra.Texts(key)) headers.Add(new("Impersonate-Extra-" + Uri.EscapeDataString(key), value));
            }
        }

        if (headers.Count > 0 && headers[0].Key != "Impersonate-User")
            throw user.Error("as", "is missing, but a uid, groups or extras to impersonate are set", "Name the user to act as.");
        // Sent twice, the runtime would join them to one header line, and the server would take "a, b" for one group.
        if (headers.DistinctBy(header => header.Key).Count() < headers.Count)
        {
            throw user.Error(
                "as",
                "impersonates several groups, or sets several values of one extra, which is not supported",
                "Keep one of them, or bind the permissions to the impersonated user.",
                KubernetesError.CredentialUnsupported);
        }

        if (headers.Exists(header => !TokenText.IsHeaderValue(header.Value)))
            throw user.Error("as", "or a value that belongs to it contains characters that are not allowed in an HTTP header", "Remove line breaks and control characters.");
        return headers;
    }
}

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
                ? throw user.Error("exec", "is set together with an auth-provider; only one of them can be used", "Remove one of the two.")
                : ExecSettings.Read(exec, user, cluster, options);
        }

        if (user.Map("auth-provider") is { } provider)
            return provider.Text("name") == "oidc" ? OidcCredential.Read(provider, options.Variable) : throw Provider(user);
        // Said on purpose, as for kubectl; what is misspelt is not.
        if (isPlain || user.Body.Count == 0) return NoCredential.Instance;
        throw user.Error(
            "",
            "contains no supported credentials",
            "Log in again so that the entry contains a token, certificate or plugin, or write 'user: {}' to send requests anonymously.",
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
            : throw user.Error("username", name is null ? "is missing, but there is a password" : "contains a colon, which basic authentication does not allow", "Write the user name there.");
    }

    private static CertificateCredential? ClientCertificate(KubeConfigEntry user)
    {
        PemSource? certificate = PemSource.Of(user, "client-certificate");
        PemSource? key = PemSource.Of(user, "client-key");
        if (certificate is null && key is null) return null;
        if (certificate is null) throw user.Error("client-certificate-data", "is missing, but there is a client key", "Add the certificate that belongs to the key.");
        return key is null
            ? throw user.Error("client-key-data", "is missing, but there is a client certificate", "Add the key that belongs to the certificate.")
            : new CertificateCredential(certificate, key);
    }

    private static KubernetesException Provider(KubeConfigEntry user)
    {
        string name = user.Map("auth-provider")!.Text("name") ?? "";
        string instead = name switch
        {
            "gcp" => "kubectl no longer supports it either: install gke-gcloud-auth-plugin and run 'gcloud container clusters get-credentials' again.",
            "azure" => "kubectl no longer supports it either: run 'kubelogin convert-kubeconfig'.",
            _ => "Use an exec credential plugin or a token instead.",
        };
        return user.Error("auth-provider", $"uses the built-in login '{name}', which is not supported", instead, KubernetesError.CredentialUnsupported);
    }
}

/// <summary>A connection from a server address and a token.</summary>
internal static class ServerSource
{
    public static KubernetesConnection FromToken(Uri server, string token, ServerOptions options)
    {
        Uri address = ServerAddress.Check(server.OriginalString, "the server address", null, hasCredentials: true);
        if (string.IsNullOrWhiteSpace(token))
            throw new KubernetesException(KubernetesError.CredentialMissing, "the token is empty", "Create one, for example with 'kubectl create token'.") { Setting = Setting.Token };
        return new KubernetesConnection(address, new TokenCredential(TokenText.Check(token.Trim(), "the token", null)))
        {
            Source = address.ToString(),
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

/// <summary>The address of an API server, validated before anything is sent.</summary>
internal static class ServerAddress
{
    /// <summary>Reads and judges an address.</summary>
    /// <param name="text">The address as it was written; without a scheme, https is meant.</param>
    /// <param name="place">Where it was written.</param>
    /// <param name="file">The file, where there is one.</param>
    /// <param name="hasCredentials">Whether credentials would go there.</param>
    public static Uri Check(string text, string place, string? file, bool hasCredentials)
    {
        string where = file is null ? place : $"{place} in {file}";
        string full = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        if (!Uri.TryCreate(full, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0 || uri.Scheme is not ("http" or "https"))
            throw Error(where, "is not an https address", "Write it like https://api.example:6443.", place, file);
        if (uri.UserInfo.Length > 0)
            throw Error(where, "contains a user name or password", "Remove it from the address; credentials belong in the user entry.", place, file);
        if (uri.Scheme == Uri.UriSchemeHttp && hasCredentials)
            throw Error(where, "is plain http, so credentials would be sent unencrypted", "Use https, or a user entry without credentials for a local 'kubectl proxy'.", place, file);
        if (uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback && !IsUnspecified(uri.IdnHost))
            throw Error(where, "is plain http to another machine", "Use https; plain http is for a local 'kubectl proxy' only.", place, file);
        return new UriBuilder(uri) { Query = "", Fragment = "" }.Uri;
    }

    /// <summary>Where to connect for a host: 0.0.0.0 and [::], as k3d and kind write them, mean this machine, as they do for kubectl (Go's net.Dial).</summary>
    /// <param name="host">A name or an address, without brackets.</param>
    public static string Dialled(string host) =>
        !IsUnspecified(host) ? host : host.Contains(':', StringComparison.Ordinal) ? "::1" : "127.0.0.1";

    private static bool IsUnspecified(string host) =>
        IPAddress.TryParse(host, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    private static KubernetesException Error(string where, string what, string advice, string place, string? file) =>
        new(KubernetesError.ConfigurationInvalid, $"{where} {what}", advice) { File = file, Entry = place };
}
