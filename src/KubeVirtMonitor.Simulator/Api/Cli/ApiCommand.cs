using KubeVirtMonitor.Simulator.Api;
using KubeVirtMonitor.Simulator.Datadog;

namespace KubeVirtMonitor.Simulator;

/// <summary>Serves a cluster with its Kubernetes API server until Ctrl+C.</summary>
public sealed class ApiCommand : ICommand
{
    private static readonly string[] OfAgents = ["--agent-version", "--agent-mounts-authority", "--agent-fault", "--second-agent"];

    /// <inheritdoc/>
    public string Name => "cluster";

    /// <inheritdoc/>
    public string Summary => "Serves a simulated cluster with its Kubernetes API server, and writes a kubeconfig.";

    /// <inheritdoc/>
    public IReadOnlyList<OptionSpec> Options { get; } =
    [
        CommonOptions.Version,
        CommonOptions.Handlers,
        CommonOptions.Vmis,
        CommonOptions.Seed,
        new("--namespace", "NAME", "the install namespace (kubevirt)"),
        new("--port", "PORT", "the port of the API server; 0 = any free port (0)"),
        new("--folder", "FOLDER", "where the kubeconfig and its plugin are written (a temporary folder)"),
        new("--fault", "TARGET=FAULT", "a fault of the endpoint of a pod, such as handler/0=slow:5s; may be repeated", Repeats: true),
        new("--token-lifetime", "TIME", "lifetime of the tokens of simulator-rotating and simulator-exec; they are renewed after half of it (10m)"),
        new("--shared-address", null, "all pods on 127.0.0.1 with different ports, instead of one address for each pod"),
        new("--datadog-agent", "NAMESPACE", "a Datadog Agent with its Cluster Agent in this namespace (none)"),
        new("--agent-version", "VERSION", "the version of the Datadog Agent, such as 7.58.0 (7.71.0)"),
        new("--agent-mounts-authority", null, "the Datadog Agent mounts ConfigMap datadog-agent-kubevirt-ca at /etc/kubevirt-ca from the start"),
        new("--agent-fault", "FAULT", "a fault of the Datadog Agent: not-run, hanging, no-python, unreachable or no-json (none)"),
        new("--second-agent", "NAMESPACE", "a second Datadog Agent in another namespace (none)"),
        new("--hyperconverged", null, "KubeVirt was installed by the HyperConverged operator, which manages its resource"),
        new("--kube-state-metrics", null, "there is kube-state-metrics, whose address is printed; it tells the labels of nodes too"),
        new("--every-kind", null, "also nodes, and in the namespace kinds VMs, of every kind: instance types, dedicated CPUs, hot-plugged, paused, unschedulable and more"),
        new("--prometheus", "URL", "a server with the API of Prometheus, to which the services of monitoring in the cluster lead (no monitoring)"),
        new("--monitoring", "STACK", "what monitoring is installed: kube-prometheus, kube-prometheus-stack, rancher, chart, victoria-metrics, victoria-metrics-cluster, thanos or openshift; may be repeated (kube-prometheus)", Repeats: true),
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
        TimeSpan lifetime = arguments.Duration("--token-lifetime") ?? TimeSpan.FromMinutes(10);
        SimulatedCluster cluster = CommonOptions.ClusterOf(arguments);
        await using SimulatorHost host = await SimulatorHost.StartAsync(
            cluster,
            new HostOptions
            {
                PodAddresses = !arguments.Has("--shared-address"), Faults = ServeCommand.Faults(arguments.All("--fault")),
                DirtyRateWait = CommonOptions.DirtyRateWaitOf(arguments), LauncherTimeout = CommonOptions.LauncherTimeoutOf(arguments),
            },
            cancellation);
        await using SimulatedApiServer server = await SimulatedApiServer.StartAsync(
            host,
            new ApiServerOptions
            {
                Port = arguments.Number("--port", 0, 0, 65_535), Folder = arguments.Text("--folder"), TokenLifetime = lifetime, AgentNamespace = arguments.Text("--datadog-agent"), Agent = AgentOf(arguments),
                HyperConverged = arguments.Has("--hyperconverged"), KubeState = arguments.Has("--kube-state-metrics"), KubeStateNodeLabels = arguments.Has("--kube-state-metrics"), EveryKind = arguments.Has("--every-kind"), Monitoring = MonitoringOf(arguments),
            },
            cancellation);
        await output.WriteLineAsync($"KubeVirt {cluster.Release.Version}: {cluster.Nodes.Count} nodes, {cluster.VirtualMachines.Count} VMs, {cluster.VirtualMachineInstances.Count} VMIs");
        await output.WriteLineAsync($"  API server  {server.Uri}");
        await output.WriteLineAsync($"  kubeconfig  {server.Kubeconfig.Path}");
        if (server.KubeStateUri is { } state) await output.WriteLineAsync($"  kube-state-metrics  {state}");
        await output.WriteLineAsync();
        await output.WriteLineAsync("To simulate problems, send one of these requests with the token of the kubeconfig:");
        foreach ((string path, string description) in ControlHandler.Paths) await output.WriteLineAsync($"  {path,-30} {description}");
        await output.WriteLineAsync();
        await output.WriteLineAsync("With kubectl:");
        await output.WriteLineAsync($"  kubectl --kubeconfig '{server.Kubeconfig.Path}' get vmi --all-namespaces");
        await output.WriteLineAsync("In PowerShell:");
        await output.WriteLineAsync($"  Connect-KubeVirt -KubeConfigPath '{server.Kubeconfig.Path}'");
        await output.WriteLineAsync();
        await output.WriteLineAsync(arguments.Has(CommonOptions.Duration.Name) ? $"Serving for {arguments.Text(CommonOptions.Duration.Name)}." : "Serving until Ctrl+C.");
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task rotating = RotateAsync(server.Kubeconfig, lifetime / 2, over.Token);
        await CommonOptions.WaitAsync(arguments, cancellation);
        await over.CancelAsync();
        await rotating;
        return 0;
    }

    private static MonitoringOptions? MonitoringOf(ParsedArguments arguments)
    {
        IReadOnlyList<string> stacks = arguments.All("--monitoring");
        if (arguments.Text("--prometheus") is not { } address) return stacks.Count == 0 ? null : throw new UsageException("--monitoring needs --prometheus URL.");
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? upstream) || upstream.Scheme is not ("http" or "https")) throw new UsageException($"--prometheus: '{address}' is not an http or https address.");
        try
        {
            MonitoringOptions options = new() { Upstream = upstream };
            return stacks.Count == 0 ? options : options with { Stacks = [.. stacks.Select(MonitoringOptions.Parse)] };
        }
        catch (FormatException failure)
        {
            throw new UsageException($"--monitoring: {failure.Message}.");
        }
    }

    private static AgentOptions AgentOf(ParsedArguments arguments)
    {
        AgentOptions options = new() { MountsAuthority = arguments.Has("--agent-mounts-authority"), SecondNamespace = arguments.Text("--second-agent") };
        if (arguments.Text("--datadog-agent") is null && OfAgents.FirstOrDefault(arguments.Has) is { } alone)
            throw new UsageException($"{alone} needs --datadog-agent NAMESPACE.");
        try
        {
            return options with
            {
                Version = arguments.Text("--agent-version") is { } version ? new AgentRelease(version).Version : options.Version,
                Fault = arguments.Text("--agent-fault") is { } fault ? AgentFaults.Parse(fault) : AgentFault.None,
            };
        }
        catch (FormatException failure)
        {
            throw new UsageException($"--agent-fault: {failure.Message}");
        }
        catch (ArgumentException failure)
        {
            throw new UsageException($"--agent-version: {failure.Message}");
        }
    }

    /// <summary>Puts new tokens in place of old ones while these are still good, as a kubelet does.</summary>
    private static async Task RotateAsync(SimulatedKubeconfig kubeconfig, TimeSpan interval, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await Task.Delay(interval, cancellation);
                await kubeconfig.RotateTokenAsync(revoke: false, cancellation);
                await kubeconfig.RotatePluginAsync(revoke: false, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the command.
        }
    }
}
