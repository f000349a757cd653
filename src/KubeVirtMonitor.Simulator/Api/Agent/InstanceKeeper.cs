using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// Keeps the objects of machines as events change them, as the controllers of KubeVirt do: the instance, its VirtualMachine, its launcher pods, its migrations. What others have
/// written into the spec of an instance stays.
/// </summary>
internal sealed class InstanceKeeper(ContentContext context)
{
    /// <summary>What others may have changed in the status of an instance that goes on.</summary>
    private static readonly string[] Kept = ["conditions", "interfaces"];

    public void Apply(ClusterChange change)
    {
        lock (context.Store.Gate)
        {
            Instance(change);
            Pods(change);
            Migrations(change);
            Machine(change.After);
        }
    }

    private void Instance(ClusterChange change)
    {
        (SimulatedVmi before, SimulatedVmi after) = (change.Before, change.After);
        ResourceCollection collection = Collection(ResourceTypes.KubeVirtGroup, "virtualmachineinstances");
        if (collection.Find(after.Namespace, after.Name) is not { } present) return;
        JsonObject whole = present.ToJson();
        JsonObject fresh = InstanceContent.Instance(context, after);
        if (before.Uid != after.Uid)
        {
            fresh["spec"] = whole["spec"]!.DeepClone();
            collection.Remove(present, ApiObject.From(collection.Type, whole, context.Store.NextVersion()));
            Put(collection, fresh);
            return;
        }

        if (whole["metadata"]!["labels"] is not JsonObject labels) whole["metadata"]!["labels"] = labels = [];
        labels.Remove("kubevirt.io/nodeName");
        if (after.Node is not null) labels["kubevirt.io/nodeName"] = after.Node;
        foreach (PluggedDisk disk in after.PluggedDisks.Except(before.PluggedDisks)) InstanceContent.Plug(whole["spec"]!.AsObject(), disk);
        if (whole["status"] is not JsonObject status) whole["status"] = status = [];
        JsonObject now = fresh["status"]!.AsObject();
        bool begins = before.Phase != after.Phase;
        foreach (string gone in status.Select(static field => field.Key).Where(key => !now.ContainsKey(key) && (begins || key == "migrationState")).ToArray()) status.Remove(gone);
        foreach ((string key, JsonNode? value) in now)
        {
            if (begins || !Kept.Contains(key)) status[key] = value?.DeepClone();
        }

        if (before.AgentConnected != after.AgentConnected && status["conditions"] is JsonArray conditions)
        {
            conditions.RemoveAll(static one => (string?)one?["type"] == "AgentConnected");
            if (after.AgentConnected) conditions.Add((JsonNode)Meta.Condition("AgentConnected", true, context.Now));
        }

        Put(collection, whole);
    }

    private void Pods(ClusterChange change)
    {
        (SimulatedVmi before, SimulatedVmi after) = (change.Before, change.After);
        ResourceCollection pods = Collection("", "pods");
        if (before.Uid != after.Uid)
        {
            Remove(pods, before.Namespace, before.LauncherPod);
            pods.Put(LauncherContent.Pod(context, pods.Type, after));
            return;
        }

        if (before.Phase != after.Phase) pods.Put(LauncherContent.Pod(context, pods.Type, after));
        foreach (SimulatedMigration migration in change.Migrations.Where(static each => each.TargetPod is not null))
        {
            if (migration.Phase == "Failed") Remove(pods, after.Namespace, migration.TargetPod!);
            else if (pods.Find(after.Namespace, migration.TargetPod!) is null) pods.Put(LauncherContent.Pod(context, pods.Type, after with { Node = migration.TargetNode, LauncherPod = migration.TargetPod!, Started = context.Now }));
        }

        // The pod that was left ends well, and stays until the instance goes.
        if (before.LauncherPod == after.LauncherPod || pods.Find(before.Namespace, before.LauncherPod)?.ToJson() is not { } left) return;
        Put(pods, PodStatus.Succeeded(left, context.Now));
    }

    private void Migrations(ClusterChange change)
    {
        ResourceCollection collection = Collection(ResourceTypes.KubeVirtGroup, "virtualmachineinstancemigrations");
        foreach (SimulatedMigration migration in change.Migrations) collection.Put(InstanceContent.Migration(context, collection.Type, migration));
        if (!change.Migrations.Any(static each => each.Ended is not null)) return;
        HashSet<string> kept = [.. context.Cluster.Migrations.Where(each => each.Vmi == change.After.Name && each.Namespace == change.After.Namespace).Select(static each => each.Name)];
        string own = $"migrate-{change.After.Name}-";
        foreach (ApiObject old in collection.List().Where(each => each.Namespace == change.After.Namespace && each.Name.StartsWith(own, StringComparison.Ordinal) && !kept.Contains(each.Name)).ToArray())
            Remove(collection, change.After.Namespace, old.Name);
    }

    private void Machine(SimulatedVmi vmi)
    {
        ResourceCollection collection = Collection(ResourceTypes.KubeVirtGroup, "virtualmachines");
        if (collection.Find(vmi.Namespace, vmi.Name)?.ToJson() is not { } whole || context.Cluster.VirtualMachines.FirstOrDefault(vm => vm.Name == vmi.Name && vm.Namespace == vmi.Namespace) is not { } machine) return;
        JsonObject status = MachineContent.Status(machine, vmi);
        if (JsonNode.DeepEquals(whole["status"], status)) return;
        whole["status"] = status;
        MachineContent.Wrote(whole["metadata"]!.AsObject(), context.Now);
        Put(collection, whole);
    }

    private void Remove(ResourceCollection collection, string space, string name)
    {
        if (collection.Find(space, name) is { } present) collection.Remove(present, ApiObject.From(collection.Type, present.ToJson(), context.Store.NextVersion()));
    }

    private void Put(ResourceCollection collection, JsonObject whole) => collection.Put(ApiObject.From(collection.Type, whole, context.Store.NextVersion()));

    private ResourceCollection Collection(string group, string plural) => context.Store[group, plural];
}
