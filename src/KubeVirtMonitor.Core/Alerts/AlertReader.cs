using System.Buffers;
using System.Net;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Alerts;

/// <summary>
/// Reads what alerts need of the Kubernetes API: each kind once, all kinds side by side, and of thousands of machines only what shows. What is refused or absent is noted in
/// <see cref="AlertFacts.Missing"/>, and takes nothing from the rest.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="needs">What is wanted.</param>
internal sealed class AlertReader(KubeVirtSession session, AlertNeeds needs)
{
    private const AlertNeeds Scrapes = AlertNeeds.VirtApi | AlertNeeds.VirtController | AlertNeeds.VirtHandler | AlertNeeds.VirtOperator;

    /// <summary>Reads the facts.</summary>
    public async Task<AlertFacts> ReadAsync(CancellationToken cancellationToken)
    {
        AlertFacts facts = new()
        {
            Session = session,
            Version = KubeVirtVersion.TryParse(session.KubeVirtVersion, out KubeVirtVersion version) ? version : null,
            Now = session.Time.GetUtcNow(),
        };
        // Each writes to what is its own in the facts; only the reasons are shared.
        List<Task> reads = [];
        void Read(AlertNeeds need, Func<AlertFacts, CancellationToken, Task> read)
        {
            if ((needs & need) != 0) reads.Add(TryAsync(facts, need, read, cancellationToken));
        }

        Read(AlertNeeds.Pods | Scrapes, ReadPodsAsync);
        Read(AlertNeeds.Launchers, (needs & AlertNeeds.PodMetrics) != 0 ? ReadLaunchersAsync : ReadFailedAsync);
        Read(AlertNeeds.Nodes, ReadNodesAsync);
        Read(AlertNeeds.Deployments, ReadDeploymentsAsync);
        Read(AlertNeeds.DaemonSets, ReadDaemonSetAsync);
        Read(AlertNeeds.KubeVirt, ReadInstallationAsync);
        Read(AlertNeeds.Machines, ReadMachinesAsync);
        Read(AlertNeeds.Instances, ReadInstancesAsync);
        Read(AlertNeeds.PodMetrics, ReadPodUsageAsync);
        Read(AlertNeeds.Authority, ReadAuthorityAsync);
        Read(AlertNeeds.ApiServer, ReadApiRequestsAsync);
        Task<DateTimeOffset?> clock = ServerClock.ReadAsync(session, cancellationToken);
        await Task.WhenAll(reads).ConfigureAwait(false);
        if (await clock.ConfigureAwait(false) is { } now) facts.Now = now;
        return facts;
    }

    /// <summary>Counts the requests of deprecated APIs once more.</summary>
    public Task ReadAgainAsync(AlertFacts facts, CancellationToken cancellationToken) =>
        (needs & AlertNeeds.ApiServer) != 0 && facts.ApiRequests.Count == 1 ? TryAsync(facts, AlertNeeds.ApiServer, ReadApiRequestsAsync, cancellationToken) : Task.CompletedTask;

    private static async Task TryAsync(AlertFacts facts, AlertNeeds need, Func<AlertFacts, CancellationToken, Task> read, CancellationToken cancellationToken)
    {
        try
        {
            await read(facts, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException error)
        {
            lock (facts.Missing)
            {
                foreach (AlertNeeds one in Enum.GetValues<AlertNeeds>())
                {
                    if (one != AlertNeeds.None && need.HasFlag(one)) facts.Missing[one] = Say(error);
                }
            }
        }
    }

    private static string Say(MonitorException error) => error.Advice.Length == 0 ? Sentence(error.What) : $"{Sentence(error.What)} {error.Advice}";

    private static string Sentence(string what) => what.Length == 0 ? what : $"{char.ToUpperInvariant(what[0])}{what[1..].TrimEnd('.')}.";

    private Task ReadPodsAsync(AlertFacts facts, CancellationToken cancellationToken) => EachAsync(
        ResourceType.Pods,
        new ListOptions { Namespace = session.InstallNamespace, LabelSelector = ComponentFacts.Selector(Enum.GetValues<ComponentKind>()) },
        "Pod",
        AlertProjections.ReadPod,
        facts,
        AlertNeeds.Pods,
        pod =>
        {
            if (pod is not null) facts.Pods.Add(pod);
        },
        cancellationToken);

    private Task ReadFailedAsync(AlertFacts facts, CancellationToken cancellationToken) => EachAsync(
        ResourceType.Pods,
        new ListOptions { LabelSelector = AlertProjections.LauncherSelector, FieldSelector = ListOptions.Fields(("status.phase", "Failed")) },
        "Pod",
        static json => true,
        facts,
        AlertNeeds.Launchers,
        _ => facts.FailedLaunchers++,
        cancellationToken);

    private Task ReadLaunchersAsync(AlertFacts facts, CancellationToken cancellationToken) => EachAsync(
        ResourceType.Pods,
        new ListOptions { LabelSelector = AlertProjections.LauncherSelector },
        "Pod",
        AlertProjections.ReadLauncher,
        facts,
        AlertNeeds.Launchers,
        pod =>
        {
            if (pod.Phase == "Failed") facts.FailedLaunchers++;
            if (pod.Phase == "Running") facts.Launchers.Add((pod.Namespace, pod.Name, pod.Vmi, pod.Node, pod.Memory));
        },
        cancellationToken);

    private Task ReadNodesAsync(AlertFacts facts, CancellationToken cancellationToken) =>
        EachAsync(ResourceType.Nodes, new ListOptions(), "Node", AlertProjections.ReadNode, facts, AlertNeeds.Nodes, facts.Nodes.Add, cancellationToken);

    private Task ReadDeploymentsAsync(AlertFacts facts, CancellationToken cancellationToken) => EachAsync(
        AlertProjections.Deployments,
        new ListOptions { Namespace = session.InstallNamespace },
        "Deployment",
        AlertProjections.ReadDeployment,
        facts,
        AlertNeeds.Deployments,
        one =>
        {
            facts.Replicas[one.Name] = one.Replicas;
            if (one.UnavailableSince is { } since) facts.Unavailable[one.Name] = since;
        },
        cancellationToken);

    private async Task ReadDaemonSetAsync(AlertFacts facts, CancellationToken cancellationToken)
    {
        string path = AlertProjections.DaemonSets.PathOf(session.InstallNamespace, ComponentFacts.NameOf(ComponentKind.Handler));
        facts.DaemonSet = await session.Client.GetAsync(
            path,
            static json => ((int)(JsonFields.IntegerAt(json, "status", "numberReady") ?? 0), (int)(JsonFields.IntegerAt(json, "status", "desiredNumberScheduled") ?? 0)),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadInstallationAsync(AlertFacts facts, CancellationToken cancellationToken)
    {
        if (session.Installation.Name.Length == 0) throw new KubernetesException(KubernetesError.Forbidden, $"the KubeVirt resource in namespace {session.InstallNamespace} may not be read");
        facts.Installation = await session.Client.GetAsync(KubeVirtResources.Installations.PathOf(session.InstallNamespace, session.Installation.Name), AlertProjections.ReadInstallation, cancellationToken).ConfigureAwait(false);
    }

    private Task ReadMachinesAsync(AlertFacts facts, CancellationToken cancellationToken) => EachAsync(
        KubeVirtResources.VirtualMachines,
        new ListOptions(),
        "VirtualMachine",
        AlertProjections.ReadMachine,
        facts,
        AlertNeeds.Machines,
        machine =>
        {
            facts.MachineCount++;
            if (machine is not null) facts.Machines.Add(machine);
        },
        cancellationToken);

    private Task ReadInstancesAsync(AlertFacts facts, CancellationToken cancellationToken)
    {
        ListSharing sharing = new();
        return EachAsync(
            KubeVirtResources.Instances,
            new ListOptions(),
            "VirtualMachineInstance",
            json => AlertProjections.ReadInstance(json, sharing.Texts),
            facts,
            AlertNeeds.Instances,
            one => facts.Instances[(one.Namespace, one.Name)] = one.Instance,
            cancellationToken);
    }

    private Task ReadPodUsageAsync(AlertFacts facts, CancellationToken cancellationToken) => EachAsync(
        AlertProjections.PodMetrics,
        new ListOptions { Namespace = (needs & AlertNeeds.Launchers) != 0 ? null : session.InstallNamespace },
        "PodMetrics",
        AlertProjections.ReadPodUsage,
        facts,
        AlertNeeds.PodMetrics,
        one => facts.PodUsage[(one.Namespace, one.Pod)] = (one.Cpu, one.Memory, one.Seconds),
        cancellationToken);

    private async Task ReadAuthorityAsync(AlertFacts facts, CancellationToken cancellationToken)
    {
        string path = ResourceType.ConfigMaps.PathOf(session.InstallNamespace, ComponentFacts.AuthorityConfigMap);
        string? pem = await session.Client.GetAsync(path, static json => JsonFields.TextAt(json, "data", ComponentFacts.AuthorityKey), cancellationToken).ConfigureAwait(false);
        try
        {
            facts.Authority = pem is null ? null : CertificateReader.FromPem(pem).Select(static one => ((DateTimeOffset From, DateTimeOffset Until)?)(one.NotBefore.ToUniversalTime(), one.NotAfter.ToUniversalTime())).MaxBy(static one => one!.Value.Until);
        }
        catch (CertificateException exception)
        {
            throw new KubernetesException(KubernetesError.BadAnswer, $"ConfigMap {ComponentFacts.AuthorityConfigMap} holds under {ComponentFacts.AuthorityKey} {exception.Message}");
        }

        if (facts.Authority is null) throw new KubernetesException(KubernetesError.BadAnswer, $"ConfigMap {ComponentFacts.AuthorityConfigMap} contains no certificate under {ComponentFacts.AuthorityKey}");
    }

    private async Task ReadApiRequestsAsync(AlertFacts facts, CancellationToken cancellationToken)
    {
        using HttpMessageInvoker invoker = new(session.Client.CreateHandler());
        using HttpRequestMessage request = new(HttpMethod.Get, session.Server.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/metrics")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        try
        {
            using HttpResponseMessage response = await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw new KubernetesException(
                    response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized ? KubernetesError.Forbidden : KubernetesError.BadAnswer,
                    $"the metrics of the API server cannot be read (status {(int)response.StatusCode})",
                    "It takes the permission 'get' on the non-resource URL /metrics.");
            }

            ApiRequestCounts counts = new() { Time = session.Time.GetUtcNow() };
            using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await ReadLinesAsync(body, counts, cancellationToken).ConfigureAwait(false);
            facts.ApiRequests.Add(counts);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new KubernetesException(KubernetesError.ConnectionFailed, "the metrics of the API server cannot be read: the connection broke off", "Try again.", exception);
        }
    }

    // A busy API server has tens of megabytes of them, of which a few lines count.
    internal static async Task ReadLinesAsync(Stream body, ApiRequestCounts counts, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        int held = 0;
        try
        {
            while (true)
            {
                int read = await body.ReadAsync(buffer.AsMemory(held), cancellationToken).ConfigureAwait(false);
                int end = held + read;
                held = TakeLines(buffer.AsSpan(0, end), counts, isLast: read == 0);
                if (read == 0) return;
                // A line that fills the buffer is none of those that are wanted.
                if (held == buffer.Length) held = 0;
                Buffer.BlockCopy(buffer, end - held, buffer, 0, held);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int TakeLines(ReadOnlySpan<byte> text, ApiRequestCounts counts, bool isLast)
    {
        while (text.IndexOf((byte)'\n') is >= 0 and int end)
        {
            counts.Take(text[..end].TrimEnd((byte)'\r'));
            text = text[(end + 1)..];
        }

        if (isLast) counts.Take(text);
        return isLast ? 0 : text.Length;
    }

    private async Task EachAsync<T>(ResourceType type, ListOptions options, string kind, JsonProjection<T> project, AlertFacts facts, AlertNeeds need, Action<T> take, CancellationToken cancellationToken)
    {
        options = options with
        {
            // One that cannot be read takes nothing from the others, and is said.
            BadItem = error =>
            {
                lock (facts.Missing) facts.Missing[need] = facts.Missing.TryGetValue(need, out string? known) ? known : Say(error);
            },
        };
        await foreach (T item in session.Client.ListAsync(type, ObjectLists.Named(kind, project), options, cancellationToken).ConfigureAwait(false)) take(item);
    }
}
