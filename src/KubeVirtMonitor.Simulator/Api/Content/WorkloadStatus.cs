using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The status of deployments and daemon sets, as the controllers of Kubernetes 1.36 write it: counts of zero are left out where they are in the types of Go.</summary>
internal static class WorkloadStatus
{
    public static JsonObject OfDaemonSet(JsonNode? generation, int desired, int present, int updated, int ready)
    {
        JsonObject status = new()
        {
            ["currentNumberScheduled"] = present,
            ["desiredNumberScheduled"] = desired,
            ["numberMisscheduled"] = 0,
            ["numberReady"] = ready,
            ["observedGeneration"] = generation?.DeepClone(),
        };
        foreach ((string name, int count) in new[] { ("numberAvailable", ready), ("numberUnavailable", desired - ready), ("updatedNumberScheduled", updated) })
        {
            if (count > 0) status[name] = count;
        }

        return status;
    }

    /// <param name="generation">The generation that is observed.</param>
    /// <param name="deployment">The deployment with its status until now, and how many pods it wants.</param>
    /// <param name="set">The name of the deployment, and the hash of its template.</param>
    /// <param name="pods">How many pods there are, are of that template, are ready, and terminate beside these.</param>
    /// <param name="now">The time.</param>
    public static JsonObject OfDeployment(JsonNode? generation, JsonObject deployment, (string Name, string Revision) set, (int All, int Updated, int Ready, int Terminating) pods, DateTimeOffset now)
    {
        int wanted = (int?)deployment["spec"]?["replicas"] ?? 1;
        bool complete = pods.Updated == wanted && pods.All == wanted && pods.Ready == wanted;
        string name = $"ReplicaSet \"{set.Name}-{set.Revision}\"";
        JsonArray conditions =
        [
            pods.Ready >= wanted - (wanted / 4)
                ? Condition("Available", true, "MinimumReplicasAvailable", "Deployment has minimum availability.")
                : Condition("Available", false, "MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
            complete
                ? Condition("Progressing", true, "NewReplicaSetAvailable", $"{name} has successfully progressed.")
                : Condition("Progressing", true, "ReplicaSetUpdated", $"{name} is progressing."),
        ];
        JsonObject status = new() { ["conditions"] = conditions, ["observedGeneration"] = generation?.DeepClone(), ["terminatingReplicas"] = pods.Terminating };
        foreach ((string field, int count) in new[] { ("availableReplicas", pods.Ready), ("readyReplicas", pods.Ready), ("replicas", pods.All), ("unavailableReplicas", pods.All - pods.Ready), ("updatedReplicas", pods.Updated) })
        {
            if (count > 0) status[field] = count;
        }

        return status;

        JsonObject Condition(string type, bool holds, string reason, string message)
        {
            JsonNode? before = (deployment["status"]?["conditions"] as JsonArray)?.FirstOrDefault(one => (string?)one?["type"] == type);
            string said = holds ? "True" : "False";
            string time = Meta.Time(now);
            bool stays = (string?)before?["status"] == said;
            return new JsonObject
            {
                ["lastTransitionTime"] = stays ? before!["lastTransitionTime"]?.DeepClone() : time,
                ["lastUpdateTime"] = stays && (string?)before!["reason"] == reason && (string?)before["message"] == message ? before["lastUpdateTime"]?.DeepClone() : time,
                ["message"] = message,
                ["reason"] = reason,
                ["status"] = said,
                ["type"] = type,
            };
        }
    }
}
