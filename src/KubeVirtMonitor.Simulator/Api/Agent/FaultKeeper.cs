using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Keeps the objects of what goes wrong, and of what recovers, as the controllers of Kubernetes and KubeVirt do: pods, nodes, machines, failed virt-launchers.</summary>
internal sealed class FaultKeeper(ContentContext context, PodKeeper pods, LeaseKeeper leases)
{
    private const string Outdated = "kubevirt.io/outdatedLauncherImage";

    private ClusterFaults Faults => context.Cluster.Faults;

    public void Apply(ClusterEvent what)
    {
        foreach (SimulatedPod pod in Faults.Pods(what.Target).ToArray())
        {
            if (what.Kind == "down") pods.Fail(pod.Id);
            else if (what.Kind == "unready") pods.Ready(pod.Id, ready: false);
            else if (what.Kind == "recover") _ = pods.RecoverAsync(pod.Id);
        }

        if (ClusterFaults.Component(what.Target) is ComponentKind.Controller or ComponentKind.Operator)
        {
            string lease = $"virt-{what.Target}";
            leases.Renew();
            if (Faults.Leaders(ClusterFaults.Component(what.Target)!.Value) == 0) leases.Stopped.Add(lease);
            else if (what.Kind == "recover") leases.Stopped.Remove(lease);
        }

        lock (context.Store.Gate)
        {
            foreach (SimulatedNode node in Faults.Nodes(what.Target)) Node(node);
            if (what.Kind is "stuck" or "machine" or "recover") Machines(what);
            if (what.Kind is "launchers" or "recover") Launchers(what.Target);
        }
    }

    private static void Set(JsonArray conditions, string type, bool status, DateTimeOffset now, string? reason = null, string? message = null)
    {
        if (conditions.FirstOrDefault(one => (string?)one?["type"] == type) is { } present && (string?)present["status"] == (status ? "True" : "False")) return;
        conditions.RemoveAll(one => (string?)one?["type"] == type);
        conditions.Add((JsonNode)Meta.Condition(type, status, now, reason, message));
    }

    private void Node(SimulatedNode node)
    {
        ResourceCollection nodes = context.Store["", "nodes"];
        if (nodes.Find(null, node.Name)?.ToJson() is not { } whole) return;
        NodeState state = Faults.NodeOf(node.Name);
        foreach (string list in new[] { "allocatable", "capacity" }) whole["status"]![list]!["devices.kubevirt.io/kvm"] = state.Kvm ? "1k" : "0";
        JsonObject labels = whole["metadata"]!["labels"]!.AsObject();
        labels["kubevirt.io/schedulable"] = state.Schedulable ? "true" : "false";
        foreach (string role in labels.Select(static label => label.Key).Where(static key => key.StartsWith("node-role.kubernetes.io/", StringComparison.Ordinal)).ToArray()) labels.Remove(role);
        if (state.Role is not null) labels["node-role.kubernetes.io/" + state.Role] = "";
        if (state.Cordoned) whole["spec"]!["unschedulable"] = true;
        else whole["spec"]!.AsObject().Remove("unschedulable");
        nodes.Put(ApiObject.From(nodes.Type, whole, context.Store.NextVersion()));
    }

    private void Machines(ClusterEvent what)
    {
        ResourceCollection machines = context.Store[ResourceTypes.KubeVirtGroup, "virtualmachines"];
        foreach (SimulatedVm vm in context.Cluster.VirtualMachines.Where(vm => ClusterMotion.IsMeant(what.Target, vm.Namespace, vm.Name)))
        {
            SimulatedVmi? vmi = context.Cluster.VirtualMachineInstances.FirstOrDefault(each => each.Name == vm.Name && each.Namespace == vm.Namespace);
            if (vmi is not null) Instance(vmi);
            if (machines.Find(vm.Namespace, vm.Name)?.ToJson() is not { } whole) continue;
            JsonObject status = MachineContent.Status(vm, vmi);
            if (JsonNode.DeepEquals(whole["status"], status)) continue;
            whole["status"] = status;
            MachineContent.Wrote(whole["metadata"]!.AsObject(), context.Now);
            machines.Put(ApiObject.From(machines.Type, whole, context.Store.NextVersion()));
        }

        ResourceCollection kubevirts = context.Store[ResourceTypes.KubeVirtGroup, "kubevirts"];
        int outdated = context.Cluster.VirtualMachineInstances.Count(static vmi => vmi.Outdated);
        foreach (ApiObject kubevirt in kubevirts.List().ToArray())
        {
            JsonObject whole = kubevirt.ToJson();
            if ((int?)whole["status"]?["outdatedVirtualMachineInstanceWorkloads"] == outdated) continue;
            whole["status"]!["outdatedVirtualMachineInstanceWorkloads"] = outdated;
            kubevirts.Put(ApiObject.From(kubevirts.Type, whole, context.Store.NextVersion()));
        }
    }

    private void Instance(SimulatedVmi vmi)
    {
        ResourceCollection instances = context.Store[ResourceTypes.KubeVirtGroup, "virtualmachineinstances"];
        if (instances.Find(vmi.Namespace, vmi.Name)?.ToJson() is not { } whole) return;
        JsonObject before = whole.DeepClone().AsObject();
        if (whole["metadata"]!["labels"] is not JsonObject labels) whole["metadata"]!["labels"] = labels = [];
        if (vmi.Outdated) labels[Outdated] = "";
        else labels.Remove(Outdated);
        if (whole["status"]?["conditions"] is JsonArray conditions && vmi.Node is not null) Set(conditions, "LiveMigratable", vmi.Evictable, context.Now, vmi.Evictable ? null : "DisksNotLiveMigratable", vmi.Evictable ? null : "cannot migrate VMI");
        if (!JsonNode.DeepEquals(before, whole)) instances.Put(ApiObject.From(instances.Type, whole, context.Store.NextVersion()));
    }

    /// <summary>So many failed pods as there are to be, and no more.</summary>
    private void Launchers(string space)
    {
        ResourceCollection all = context.Store["", "pods"];
        int count = Faults.FailedLaunchers(space);
        ApiObject[] present = [.. all.List().Where(pod => pod.Namespace == space && pod.Name.StartsWith("virt-launcher-gone-", StringComparison.Ordinal))];
        foreach (ApiObject pod in present.Skip(count)) all.Remove(pod, ApiObject.From(all.Type, pod.ToJson(), context.Store.NextVersion()));
        SimulatedVmi? model = context.Cluster.VirtualMachineInstances.FirstOrDefault(static vmi => vmi.Node is not null);
        if (model is null) return;
        for (int i = present.Length; i < count; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"gone-{i:0000}");
            SimulatedVmi vmi = model with { Name = name, Namespace = space, LauncherPod = $"virt-launcher-{name}-{StableId.Suffix(context.Cluster.Options.Seed, "launcher", name)}", Uid = context.Uid("virtualmachineinstances", name) };
            JsonObject failed = PodStatus.Succeeded(LauncherContent.Pod(context, all.Type, vmi).ToJson(), context.Now);
            failed["status"]!["phase"] = "Failed";
            all.Put(ApiObject.From(all.Type, failed, context.Store.NextVersion()));
        }
    }
}
