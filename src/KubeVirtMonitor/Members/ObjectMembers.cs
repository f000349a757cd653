using System.Management.Automation;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Members;

/// <summary>
/// The properties that <c>KubeVirtMonitor.Types.ps1xml</c> adds to objects of a cluster. Reading one may ask the cluster, so they are hidden from <c>*</c>, and with it from
/// Export-Csv, ConvertTo-Json and Format-List: nobody asks 10,000 times by accident.
/// </summary>
public static class ObjectMembers
{
    /// <summary>The object as the API gave it: <c>$vm.Raw.spec.template</c>, or <c>$vm.Raw | ConvertTo-Json -Depth 20</c>.</summary>
    /// <param name="self">A VM, an instance, a node or a component.</param>
    public static object? Raw(PSObject self) => Read(() => RawObject.Of(self?.BaseObject switch
    {
        KubeVirtVM vm => vm.GetJson(),
        KubeVirtVmi vmi => vmi.GetJson(),
        KubeVirtNode node => node.GetJson(),
        KubeVirtComponent component => component.GetJson(),
        _ => "null",
    }));

    /// <summary>The session whose cluster it is of.</summary>
    /// <param name="self">An object of a cluster; nothing for what comes from a file or an address.</param>
    public static KubeVirtSession? Session(PSObject self) => self?.BaseObject switch
    {
        KubeVirtVM vm => vm.Session,
        KubeVirtVmi vmi => vmi.Session,
        KubeVirtNode node => node.Session,
        KubeVirtComponent component => component.Session,
        MetricSample sample => sample.Session,
        KubeVirtUsage usage => usage.Session,
        KubeVirtUsageDetail detail => detail.Session,
        VmiProbe probe => probe.Session,
        ProbeResult result => result.Session,
        HealthResult result => result.Session,
        AlertResult result => result.Session,
        AgentPatchStatus status => status.Session,
        AgentPatchChange change => change.Session,
        _ => null,
    };

    /// <summary>Sockets, cores, threads and model of the processor.</summary>
    /// <param name="self">A VM or an instance.</param>
    public static KubeVirtCpu? Cpu(PSObject self) => Detail(self)?.Cpu;

    /// <summary>The memory at the start, now and as requested.</summary>
    /// <param name="self">A VM or an instance.</param>
    public static KubeVirtMemory? Memory(PSObject self) => Detail(self)?.Memory;

    /// <summary>Why instance type and preference cannot be applied, so that processor and memory are not known.</summary>
    /// <param name="self">A VM.</param>
    public static string? NotExpanded(PSObject self) => Detail(self)?.NotExpanded;

    /// <summary>The volumes with their disks.</summary>
    /// <param name="self">A VM or an instance.</param>
    public static IReadOnlyList<KubeVirtDisk>? Disks(PSObject self) => Detail(self)?.Disks;

    /// <summary>The network interfaces.</summary>
    /// <param name="self">A VM or an instance.</param>
    public static IReadOnlyList<KubeVirtInterface>? Interfaces(PSObject self) => Detail(self)?.Interfaces;

    /// <summary>The conditions.</summary>
    /// <param name="self">A VM, an instance or a node.</param>
    public static IReadOnlyList<KubeVirtCondition>? Conditions(PSObject self) => self?.BaseObject is KubeVirtNode node ? node.Conditions : Detail(self)?.Conditions;

    /// <summary>The raw families of a metric, one for each name and span of KubeVirt versions.</summary>
    /// <param name="self">A definition.</param>
    public static IReadOnlyList<RawMetric>? RawMetrics(PSObject self) => (self?.BaseObject as MetricDefinition)?.RawMetrics;

    /// <summary>The documents of the text.</summary>
    /// <param name="self">A patch.</param>
    public static IReadOnlyList<JsonObject>? Documents(PSObject self) => (self?.BaseObject as AgentPatch)?.Documents;

    /// <summary>The permission to list machines and instances.</summary>
    /// <param name="self">A patch.</param>
    public static JsonObject? ClusterRoleBinding(PSObject self) => (self?.BaseObject as AgentPatch)?.ClusterRoleBinding;

    /// <summary>Files for the Agent's <c>conf.d</c>, by path.</summary>
    /// <param name="self">A patch.</param>
    public static IReadOnlyDictionary<string, string>? AgentConfiguration(PSObject self) => (self?.BaseObject as AgentPatch)?.AgentConfiguration;

    /// <summary>The migration that runs or was the last.</summary>
    /// <param name="self">An instance.</param>
    public static KubeVirtMigration? Migration(PSObject self) => Detail(self)?.Migration;

    /// <summary>The nodes of its pods.</summary>
    /// <param name="self">An instance.</param>
    public static IReadOnlyList<string>? PodNodes(PSObject self) => Detail(self)?.PodNodes;

    /// <summary>What the guest agent says.</summary>
    /// <param name="self">An instance.</param>
    public static KubeVirtGuest? Guest(PSObject self) => Read(() => (self?.BaseObject as KubeVirtVmi)?.GetGuest());

    /// <summary>The name of the virt-launcher pod.</summary>
    /// <param name="self">An instance.</param>
    public static string? LauncherPod(PSObject self) => Read(() => (self?.BaseObject as KubeVirtVmi)?.GetLauncherPod());

    private static KubeVirtMachineDetail? Detail(PSObject? self) => Read(() => self?.BaseObject switch
    {
        KubeVirtVM vm => vm.GetDetail(),
        KubeVirtVmi vmi => vmi.GetDetail(),
        _ => null,
    });

    // PowerShell makes nothing of what a property throws, save for this: a session that is closed must not look like a machine without disks.
    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (KubernetesException exception)
        {
            throw new MethodInvocationException(exception.Message, exception);
        }
    }
}
