namespace KubeVirtMonitor.Alerts;

/// <summary>What is known of a cluster at one moment, as far as alerts need it. What could not be read is absent, and <see cref="Missing"/> says why.</summary>
internal sealed class AlertFacts
{
    /// <summary>The session through which it was read; null in tests.</summary>
    public KubeVirtSession? Session { get; init; }

    /// <summary>The KubeVirt version; null where it is not known, which counts as the newest.</summary>
    public KubeVirtVersion? Version { get; init; }

    /// <summary>The time, by the clock of the API server where that is known.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>Why something could not be read, as sentences, by what was to be read.</summary>
    public Dictionary<AlertNeeds, string> Missing { get; } = [];

    /// <summary>The pods of the components, those that have ended included.</summary>
    public List<AlertPod> Pods { get; } = [];

    /// <summary>Pods of machines in phase Failed.</summary>
    public int FailedLaunchers { get; set; }

    /// <summary>Pods of machines that run, with the memory that their container <c>compute</c> requests, in bytes.</summary>
    public List<(string Namespace, string Pod, string? Vmi, string? Node, double? Memory)> Launchers { get; } = [];

    /// <summary>The nodes.</summary>
    public List<AlertNode> Nodes { get; } = [];

    /// <summary>How many pods the deployments of components want, by their names.</summary>
    public Dictionary<string, int> Replicas { get; } = new(StringComparer.Ordinal);

    /// <summary>Since when deployments have had fewer pods available than they need, by their names.</summary>
    public Dictionary<string, DateTimeOffset> Unavailable { get; } = new(StringComparer.Ordinal);

    /// <summary>The daemon set of virt-handler: pods that are ready, and nodes where one should run; null where there is none.</summary>
    public (int Ready, int Desired)? DaemonSet { get; set; }

    /// <summary>The KubeVirt resource; null where it could not be read.</summary>
    public AlertInstallation? Installation { get; set; }

    /// <summary>VirtualMachines in states that they should not stay in.</summary>
    public List<AlertMachine> Machines { get; } = [];

    /// <summary>How many VirtualMachines there are.</summary>
    public int MachineCount { get; set; }

    /// <summary>The VirtualMachineInstances by namespace and name.</summary>
    public Dictionary<(string Namespace, string Name), AlertInstance> Instances { get; } = [];

    /// <summary>What pods use at the moment, by namespace and name: CPUs, bytes of their working set, and the seconds over which the CPUs were measured.</summary>
    public Dictionary<(string Namespace, string Pod), (double Cpu, double Memory, double Seconds)> PodUsage { get; } = [];

    /// <summary>Requests of deprecated versions of KubeVirt's API, as the API server counts them; one look, or two.</summary>
    public List<ApiRequestCounts> ApiRequests { get; } = [];

    /// <summary>From when to when the newest certificate of KubeVirt's authority holds.</summary>
    public (DateTimeOffset From, DateTimeOffset Until)? Authority { get; set; }

    /// <summary>What the scrapes of the components gave.</summary>
    public AlertLooks Looks { get; set; } = new();

    /// <summary>Why something that is needed could not be read; null where all of it was.</summary>
    public string? WhyMissing(AlertNeeds needs)
    {
        string[] reasons = [.. Missing.Where(one => (needs & one.Key) != 0).Select(static one => one.Value).Distinct(StringComparer.Ordinal)];
        return reasons.Length == 0 ? null : string.Join(' ', reasons);
    }

    /// <summary>The pods of a component that have not ended.</summary>
    public IReadOnlyList<AlertPod> PodsOf(ComponentKind component) => [.. Pods.Where(pod => pod.Component == component && pod.Phase is not ("Succeeded" or "Failed"))];
}

/// <summary>A pod of a component.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Component">The component.</param>
/// <param name="Phase">Such as <c>Running</c>.</param>
/// <param name="Ready">Whether its condition Ready is True.</param>
internal sealed record AlertPod(string Name, ComponentKind Component, string? Phase, bool Ready)
{
    /// <summary>The namespace.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The node.</summary>
    public string? Node { get; init; }

    /// <summary>When its condition Ready became what it is.</summary>
    public DateTimeOffset? ReadySince { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Why it is not Ready, as a sentence.</summary>
    public string? ReadyNote { get; init; }

    /// <summary>The memory that the container of the component requests, in bytes.</summary>
    public double? MemoryRequest { get; init; }

    /// <summary>The CPUs that the container of the component requests.</summary>
    public double? CpuRequest { get; init; }
}

/// <summary>A node.</summary>
/// <param name="Name">Its name.</param>
internal sealed record AlertNode(string Name)
{
    /// <summary>Whether it says what can be allocated on it.</summary>
    public bool HasAllocatable { get; init; }

    /// <summary>Whether it offers KVM to machines.</summary>
    public bool HasKvm { get; init; }

    /// <summary>Whether KubeVirt calls it schedulable.</summary>
    public bool IsSchedulable { get; init; }

    /// <summary>Whether it is cordoned.</summary>
    public bool IsCordoned { get; init; }

    /// <summary>Whether its role is arbiter, so that it runs no machines.</summary>
    public bool IsArbiter { get; init; }
}

/// <summary>The KubeVirt resource.</summary>
/// <param name="UseEmulation">Whether machines may be emulated in software.</param>
/// <param name="EvictionStrategy">What happens to machines that do not say it when their node is drained.</param>
/// <param name="Outdated">Instances with an outdated launcher.</param>
internal sealed record AlertInstallation(bool UseEmulation, string? EvictionStrategy, long Outdated);

/// <summary>A VirtualMachine in a state that it should not stay in.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Status">Its status, as KubeVirt prints it.</param>
/// <param name="Since">Since when its status has been what it is, at the latest; of one that is being deleted, since when; null where nothing proves it.</param>
internal sealed record AlertMachine(string Namespace, string Name, string Status, DateTimeOffset? Since);

/// <summary>A VirtualMachineInstance.</summary>
/// <param name="Phase">Such as <c>Running</c>.</param>
/// <param name="Node">Its node.</param>
/// <param name="PhaseSince">Since when it has been in that phase.</param>
/// <param name="EvictionStrategy">What it says about evictions; null = what the cluster says.</param>
/// <param name="Migratable">Its condition LiveMigratable: true, false, or null where it is missing or unknown.</param>
/// <param name="HasMigratable">Whether it has that condition at all.</param>
/// <param name="MigratableSince">Since when that condition has been what it is.</param>
/// <param name="MigratableNote">Why it cannot be migrated.</param>
internal readonly record struct AlertInstance(string? Phase, string? Node, DateTimeOffset? PhaseSince, string? EvictionStrategy, bool? Migratable, bool HasMigratable, DateTimeOffset? MigratableSince, string? MigratableNote);

/// <summary>Requests of deprecated versions of KubeVirt's API, by resource, group and version and verb, since the API server started.</summary>
internal sealed class ApiRequestCounts
{
    /// <summary>The deprecated APIs that were requested: group, version, resource and subresource, as the gauge has them.</summary>
    public HashSet<(string Group, string Version, string Resource, string Subresource)> Deprecated { get; } = [];

    /// <summary>Requests to resources of KubeVirt, by API and verb.</summary>
    public Dictionary<(string Group, string Version, string Resource, string Subresource, string Verb), double> Requests { get; } = [];

    /// <summary>When it was read.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Takes a line of the metrics of the API server; others than the two families are passed over.</summary>
    /// <param name="line">The line, without its end.</param>
    public void Take(ReadOnlySpan<byte> line)
    {
        bool isDeprecated = line.StartsWith("apiserver_requested_deprecated_apis{"u8);
        if (!isDeprecated && !line.StartsWith("apiserver_request_total{"u8)) return;
        // Of tens of thousands of series, those of KubeVirt are few.
        if (line.IndexOf("group=\"kubevirt.io\""u8) < 0) return;
        int end = line.LastIndexOf((byte)'}');
        if (end < 0) return;
        Dictionary<string, string> labels = new(StringComparer.Ordinal);
        foreach (string label in System.Text.Encoding.UTF8.GetString(line[(line.IndexOf((byte)'{') + 1)..end]).Split("\",", StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = label.IndexOf("=\"", StringComparison.Ordinal);
            if (equals > 0) labels[label[..equals].Trim(' ', ',')] = label[(equals + 2)..].TrimEnd('"');
        }

        string Of(string name) => labels.GetValueOrDefault(name) ?? "";
        ReadOnlySpan<byte> rest = line[(end + 1)..].TrimStart((byte)' ');
        if (!System.Buffers.Text.Utf8Parser.TryParse(rest, out double value, out _) || Of("group") != "kubevirt.io") return;
        if (isDeprecated)
        {
            if (value != 0) Deprecated.Add((Of("group"), Of("version"), Of("resource"), Of("subresource")));
            return;
        }

        var key = (Of("group"), Of("version"), Of("resource"), Of("subresource"), Of("verb"));
        Requests[key] = Requests.GetValueOrDefault(key) + value;
    }
}
