using System.Collections.ObjectModel;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor;

/// <summary>A virtual machine, whether it is running or not.</summary>
public sealed class KubeVirtVM
{
    private readonly ObjectUid _uid;
    private readonly ObjectTime _created;
    private long _memory = -1;
    private int _cpus = -1;
    private ObjectDetail? _detail;

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>What KubeVirt says of it in one word (<c>status.printableStatus</c>), such as <c>Running</c>, <c>Stopped</c>, <c>Paused</c>, <c>Migrating</c>; null until it says something.</summary>
    public string? Status { get; init; }

    /// <summary>Whether its condition Ready is True: the machine runs, and its readiness probe, where it has one, succeeds.</summary>
    public bool Ready { get; init; }

    /// <summary>When it is to run: <c>Always</c>, <c>Halted</c>, <c>Manual</c>, <c>RerunOnFailure</c>, <c>Once</c>, <c>WaitAsReceiver</c>. The older field <c>spec.running</c> shows as Always or Halted.</summary>
    public string? RunStrategy { get; init; }

    /// <summary>The instance type it names; null when it names none.</summary>
    public string? InstanceType { get; init; }

    /// <summary>The preference it names; null when it names none.</summary>
    public string? Preference { get; init; }

    /// <summary>The vCPUs of the guest: sockets times cores times threads of its template; those of its instance type where it names one. Null where that is not there any more, has been changed since, or may not be read: <see cref="GetDetail"/> then asks KubeVirt.</summary>
    public int? VCpus
    {
        get => _cpus < 0 ? null : _cpus;
        init => _cpus = value ?? -1;
    }

    /// <summary>The memory of the guest in bytes of its template; or that of its instance type, as with <see cref="VCpus"/>; null when it does not say.</summary>
    public long? Memory
    {
        get => _memory < 0 ? null : _memory;
        init => _memory = value ?? -1;
    }

    /// <summary>Whether changes wait for a restart (condition RestartRequired).</summary>
    public bool RestartRequired { get; init; }

    /// <summary>How often it failed to start in a row (<c>status.startFailure.consecutiveFailCount</c>); 0 when the last start went well.</summary>
    public long StartFailures { get; init; }

    /// <summary>Why it does not start or run, in one line: reason and message of the condition that is the cause; null when nothing is wrong, also when it is stopped.</summary>
    public string? Problem { get; init; }

    /// <summary>Why it cannot be migrated while it runs, in one line (condition <c>LiveMigratable</c>); null when it can, and until KubeVirt knows.</summary>
    public string? MigrationProblem { get; init; }

    /// <summary>When the object was made; null when it does not say.</summary>
    public DateTimeOffset? Created
    {
        get => _created.Value;
        init => _created = new ObjectTime(value);
    }

    /// <summary>The labels of the VM.</summary>
    public required ReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The labels that its instance and virt-launcher pod will carry (<c>spec.template.metadata.labels</c>).</summary>
    public required ReadOnlyDictionary<string, string> TemplateLabels { get; init; }

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

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";

    /// <summary>The instance type that decides on vCPUs and memory, until it has been looked up.</summary>
    internal InstanceTypeReference? Sizing { get; set; }

    /// <summary>Takes vCPUs and memory from an instance type.</summary>
    internal void Take(int cpus, long memory) => (_cpus, _memory) = (cpus, memory);

    /// <summary>Keeps the object as a list gave it, so that nobody has to be asked again.</summary>
    internal KubeVirtVM Keep(ReadOnlySpan<byte> json)
    {
        Detail.Keep(json);
        return this;
    }

    private ObjectDetail Detail => _detail ?? Interlocked.CompareExchange(ref _detail, new ObjectDetail(Session, KubeVirtResources.VirtualMachines, Namespace, Name, Uid), null) ?? _detail;
}
