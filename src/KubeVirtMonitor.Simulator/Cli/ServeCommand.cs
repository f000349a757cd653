using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Simulator;

/// <summary>Serves a cluster until Ctrl+C.</summary>
public sealed class ServeCommand : ICommand
{
    /// <inheritdoc/>
    public string Name => "serve";

    /// <inheritdoc/>
    public string Summary => "Serves a simulated cluster on loopback until Ctrl+C.";

    /// <inheritdoc/>
    public IReadOnlyList<OptionSpec> Options { get; } =
    [
        CommonOptions.Version,
        CommonOptions.Handlers,
        CommonOptions.Vmis,
        CommonOptions.Seed,
        new("--namespace", "NAME", "the install namespace, which is part of the names in the certificates (kubevirt)"),
        CommonOptions.Port,
        new("--http", null, "plain HTTP instead of HTTPS"),
        CommonOptions.CaFile,
        new("--fault", "TARGET=FAULT", "a fault of an endpoint, such as handler/0=slow:5s; may be repeated", Repeats: true),
        new("--token", "TEXT", "require this bearer token"),
        new("--credential", "USER:PASSWORD", "require basic authentication"),
        new("--client-certificate", "FILE", "require a client certificate, and write a valid one to this file (PKCS #12 without a password)"),
        .. CommonOptions.Motion,
        CommonOptions.Speed,
        CommonOptions.DirtyRateWait,
        CommonOptions.Duration,
    ];

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParsedArguments arguments, TextWriter output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(output);
        SimulatedCluster cluster = CommonOptions.ClusterOf(arguments);
        HostOptions options = new()
        {
            PlainHttp = arguments.Has("--http"),
            FirstPort = arguments.Number("--port", 0, 0, 65_535),
            CertificateAuthorityFile = arguments.Text(CommonOptions.CaFile.Name),
            Access = Access(arguments),
            Faults = Faults(arguments.All("--fault")),
            DirtyRateWait = CommonOptions.DirtyRateWaitOf(arguments),
            LauncherTimeout = CommonOptions.LauncherTimeoutOf(arguments),
        };
        if (options.PlainHttp && options.Access.RequireClientCertificate) throw new UsageException("--client-certificate requires HTTPS; omit --http.");
        await using SimulatorHost host = await SimulatorHost.StartAsync(cluster, options, cancellation);
        if (arguments.Text("--client-certificate") is { } file)
        {
            using X509Certificate2 client = host.CertificateAuthority.IssueClient("simulator-client");
            await File.WriteAllBytesAsync(file, client.Export(X509ContentType.Pkcs12), cancellation);
        }

        await WriteAsync(host, options, arguments, output);
        await CommonOptions.WaitAsync(arguments, cancellation);
        return 0;
    }

    /// <summary>Reads faults such as <c>handler/0=slow:5s</c>.</summary>
    /// <exception cref="UsageException">One cannot be read.</exception>
    public static IReadOnlyDictionary<string, Fault> Faults(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        Dictionary<string, Fault> faults = new(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new UsageException($"--fault: '{text}' has no target. Write it like handler/0=slow:5s.");
            if (!faults.TryAdd(text[..equals], ParsedArguments.Convert("--fault", text[(equals + 1)..], Fault.Parse)))
                throw new UsageException($"--fault: '{text[..equals]}' has two faults; an endpoint can have one.");
        }

        return faults;
    }

    private static AccessPolicy Access(ParsedArguments arguments)
    {
        string? credential = arguments.Text("--credential");
        int colon = credential?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (credential is not null && colon <= 0) throw new UsageException("Write --credential as USER:PASSWORD.");
        if (credential is not null && arguments.Has("--token")) throw new UsageException("--credential and --token cannot be combined: a request has only one Authorization header.");
        return new AccessPolicy
        {
            BearerToken = arguments.Text("--token"),
            UserName = credential?[..colon],
            Password = credential?[(colon + 1)..],
            RequireClientCertificate = arguments.Has("--client-certificate"),
        };
    }

    private static async Task WriteAsync(SimulatorHost host, HostOptions options, ParsedArguments arguments, TextWriter output)
    {
        await output.WriteLineAsync($"KubeVirt {host.Cluster.Release.Version}: {host.Cluster.Nodes.Count} nodes, {host.Cluster.VirtualMachineInstances.Count} VMIs");
        await output.WriteLineAsync();
        int width = host.Endpoints.Max(endpoint => endpoint.Id.Length);
        foreach (SimulatedEndpoint endpoint in host.Endpoints)
        {
            string note = endpoint.Pod.Leading && endpoint.Pod.Component == ComponentKind.Controller ? "  leading" : "";
            if (endpoint.Fault is { } fault) note += $"  fault: {fault.Kind}";
            await output.WriteLineAsync($"  {endpoint.Id.PadRight(width)}  {endpoint.MetricsUri}{note}");
        }

        SimulatedEndpoint shown = host.Endpoints.FirstOrDefault(endpoint => endpoint.Pod.Component == ComponentKind.Handler) ?? host.Endpoints[0];
        string more = options.Access.BearerToken is not null ? " -Token (Read-Host -AsSecureString)" : options.Access.UserName is { } user ? $" -Credential {user}" : "";
        if (arguments.Text("--client-certificate") is { } file) more += $" -Certificate (Get-PfxCertificate '{Path.GetFullPath(file)}')";
        await output.WriteLineAsync();
        if (!options.PlainHttp) await output.WriteLineAsync($"Certificate authority: {host.CertificateAuthorityFile}");
        await output.WriteLineAsync("In PowerShell:");
        await output.WriteLineAsync($"  Get-KubeVirtMetric {CommonOptions.CmdletParameters(host, shown)}{more}");
        await output.WriteLineAsync();
        await output.WriteLineAsync(arguments.Has(CommonOptions.Duration.Name) ? $"Serving for {arguments.Text(CommonOptions.Duration.Name)}." : "Serving until Ctrl+C.");
    }
}
