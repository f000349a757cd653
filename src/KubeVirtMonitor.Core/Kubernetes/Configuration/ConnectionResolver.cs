namespace KubeVirtMonitor.Kubernetes;

/// <summary>Turns the entries of a kubeconfig into a connection.</summary>
internal static class ConnectionResolver
{
    public static KubernetesConnection Resolve(KubeConfigEntry? context, KubeConfigEntry cluster, KubeConfigEntry? user, KubeConfigOptions options)
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
            ContextName = context?.Name,
            ClusterName = cluster.Name,
            UserName = user?.Name,
            Namespace = ReadNamespace(context),
            Source = (context ?? cluster).File,
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
            throw cluster.Error("insecure-skip-tls-verify", "is set although a certificate authority is given too", "Remove insecure-skip-tls-verify to verify the server, or the authority to trust anyone.");
        return new ServerTrust
        {
            Authorities = pem is null ? null : Certificates.ReadAuthorities(pem, path ?? $"{place} in {cluster.File}", cluster.File, place),
            AuthorityPem = pem,
            AuthorityPlace = path ?? place,
            ServerName = cluster.Text("tls-server-name"),
            SkipCertificateCheck = skip,
        };
    }

    private static string? ReadNamespace(KubeConfigEntry? context)
    {
        if (context?.Text("namespace") is not { } name) return null;
        return ResourceNames.IsLabel(name)
            ? name
            : throw context.Error("namespace", "is no valid namespace name", "Lower-case letters, digits and dashes, at most 63 characters.");
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
            throw user.Error("as", "is missing, although a uid, groups or extras to impersonate are given", "Name the user to act as.");
        // Sent twice, the runtime would join them to one header line, and the server would take "a, b" for one group.
        if (headers.DistinctBy(header => header.Key).Count() < headers.Count)
        {
            throw user.Error(
                "as",
                "asks to act as several groups, or with several values of one extra, which cannot be sent from here",
                "Leave one, or bind the permissions to the user that is impersonated.",
                KubernetesError.CredentialUnsupported);
        }

        if (headers.Exists(header => !TokenText.IsHeaderValue(header.Value)))
            throw user.Error("as", "or what goes with it holds characters that no HTTP header can carry", "Remove line breaks and control characters.");
        return headers;
    }
}
