using System.Collections.ObjectModel;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor;

/// <summary>A virtual machine instance: a VM that is running, is about to run, or has just ended.</summary>
public sealed class KubeVirtVmi
{
    private readonly ObjectUid _uid;
    private readonly ObjectTime _created;
    private readonly ObjectTime _started;
    private readonly long _memory = -1;
    private readonly int _cpus = -1;
    private ObjectDetail? _detail;

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>How far its life has come: <c>Pending</c>, <c>Scheduling</c>, <c>Scheduled</c>, <c>Running</c>, <c>Succeeded</c>, <c>Failed</c>, <c>Unknown</c>; null until KubeVirt says something.</summary>
    public string? Phase { get; init; }

    /// <summary>The node it runs on; null while it has none.</summary>
    public string? Node { get; init; }

    /// <summary>The vCPUs of the guest: sockets times cores times threads, hot-plugged ones included.</summary>
    public int? VCpus
    {
        get => _cpus < 0 ? null : _cpus;
        init => _cpus = value ?? -1;
    }

    /// <summary>The memory of the guest in bytes, hot-plugged memory included; null when it does not say.</summary>
    public long? Memory
    {
        get => _memory < 0 ? null : _memory;
        init => _memory = value ?? -1;
    }

    /// <summary>The addresses of all its interfaces, without repetitions, in the order of the object.</summary>
    public required IReadOnlyList<string> IPAddresses { get; init; }

    /// <summary>What the guest agent says of the operating system, such as <c>Fedora Linux 42</c>; null without a guest agent.</summary>
    public string? GuestOS { get; init; }

    /// <summary>Whether its condition Ready is True.</summary>
    public bool Ready { get; init; }

    /// <summary>Whether its condition Paused is True.</summary>
    public bool Paused { get; init; }

    /// <summary>Whether the guest agent is connected.</summary>
    public bool AgentConnected { get; init; }

    /// <summary>Whether it can be migrated while it runs; null until KubeVirt knows.</summary>
    public bool? LiveMigratable { get; init; }

    /// <summary>Why it does not start or run, in one line: reason and message of the condition that is the cause; null when nothing is wrong.</summary>
    public string? Problem { get; init; }

    /// <summary>Why it cannot be migrated while it runs, in one line (condition <c>LiveMigratable</c>); null when it can, and until KubeVirt knows.</summary>
    public string? MigrationProblem { get; init; }

    /// <summary>The labels of the instance.</summary>
    public required ReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>When the object was made: the last start of its VM; null when it does not say.</summary>
    public DateTimeOffset? Created
    {
        get => _created.Value;
        init => _created = new ObjectTime(value);
    }

    /// <summary>When it came to the phase Running; null when it never did.</summary>
    public DateTimeOffset? Started
    {
        get => _started.Value;
        init => _started = new ObjectTime(value);
    }

    /// <summary>The VM it belongs to; null for an instance without a VM.</summary>
    public string? VM { get; init; }

    /// <summary>The unique id; null when it does not say.</summary>
    public string? Uid
    {
        get => _uid.Text;
        init => _uid = ObjectUid.Of(value);
    }

    /// <summary>The unique id as it is read.</summary>
    internal ObjectUid Id
    {
        init => _uid = value;
    }

    /// <summary>The session whose cluster it is of; null when it comes from none.</summary>
    internal KubeVirtSession? Session { get; init; }

    /// <summary>The cluster it is of: the context of the kubeconfig, else the address of the API server; null where it comes from no session.</summary>
    public string? Cluster => Session?.ToString();

    /// <summary>The parts that a list does not hold: disks, interfaces, conditions and more. Read from the cluster at the first call, unless the list was asked to keep them.</summary>
    /// <exception cref="KubernetesException">It may not be read, it is gone or another one of its name has taken its place, or the session has been closed.</exception>
    public KubeVirtMachineDetail GetDetail() => Detail.Read();

    /// <summary>The object as the API gave it, as JSON. Read as <see cref="GetDetail"/> does.</summary>
    /// <exception cref="KubernetesException">As with <see cref="GetDetail"/>.</exception>
    public string GetJson() => Detail.Json();

    /// <summary>What the guest agent says: the operating system out of the object, and host name and version of the agent as virt-api asks it now. Without an agent that is connected nobody is asked.</summary>
    /// <exception cref="KubernetesException">As with <see cref="GetDetail"/>; the guest agent may not be asked.</exception>
    public KubeVirtGuest GetGuest() => Detail.Guest(AgentConnected);

    /// <summary>The name of the virt-launcher pod that it runs in, on its node: during a migration there are two. Null when there is none.</summary>
    /// <exception cref="KubernetesException">Pods may not be listed, or the session has been closed.</exception>
    public string? GetLauncherPod() => Detail.LauncherPod(Node);

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";

    /// <summary>Keeps the object as a list gave it, so that nobody has to be asked again.</summary>
    internal KubeVirtVmi Keep(ReadOnlySpan<byte> json)
    {
        Detail.Keep(json);
        return this;
    }

    private ObjectDetail Detail => _detail ?? Interlocked.CompareExchange(ref _detail, new ObjectDetail(Session, KubeVirtResources.Instances, Namespace, Name, Uid), null) ?? _detail;
}
