using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The status of pods.</summary>
internal static class PodStatus
{
    /// <summary>A pod that runs and whose containers are not ready.</summary>
    public static JsonObject NotReady(JsonObject pod)
    {
        JsonObject status = pod["status"]!.AsObject();
        foreach (JsonNode? condition in status["conditions"] as JsonArray ?? [])
        {
            if ((string?)condition?["type"] is not ("Ready" or "ContainersReady")) continue;
            condition["status"] = "False";
            condition["reason"] = "ContainersNotReady";
            condition["message"] = "containers with unready status";
        }

        foreach (JsonNode? container in status["containerStatuses"] as JsonArray ?? []) container!["ready"] = false;
        return pod;
    }

    /// <summary>A pod whose containers have ended well.</summary>
    public static JsonObject Succeeded(JsonObject pod, DateTimeOffset now)
    {
        JsonObject status = NotReady(pod)["status"]!.AsObject();
        status["phase"] = "Succeeded";
        foreach (JsonNode? condition in status["conditions"] as JsonArray ?? [])
        {
            if ((string?)condition?["type"] is not ("Ready" or "ContainersReady")) continue;
            condition["reason"] = "PodCompleted";
            condition.AsObject().Remove("message");
        }

        foreach (string list in new[] { "containerStatuses", "initContainerStatuses" })
        {
            foreach (JsonNode? container in status[list] as JsonArray ?? [])
            {
                container!["ready"] = false;
                container["started"] = false;
                JsonNode? started = container["state"]?["running"]?["startedAt"]?.DeepClone();
                container["state"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 0, ["finishedAt"] = Meta.Time(now), ["reason"] = "Completed", ["startedAt"] = started } };
            }
        }

        return pod;
    }

    /// <summary>A pod that runs and is ready.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="hostAddress">That of its node.</param>
    /// <param name="since">Since when.</param>
    /// <param name="uid">Its uid, from which the ids of its containers follow.</param>
    /// <param name="containers">The names and images of its containers.</param>
    public static JsonObject Running(string address, string hostAddress, DateTimeOffset since, Guid uid, params (string Name, string Image)[] containers)
    {
        JsonArray conditions = [];
        foreach (string type in new[] { "PodScheduled", "Initialized", "ContainersReady", "Ready" }) conditions.Add((JsonNode)Meta.Condition(type, true, since));
        return new JsonObject
        {
            ["conditions"] = conditions,
            ["containerStatuses"] = new JsonArray([.. containers.Select(container => new JsonObject
            {
                ["containerID"] = "containerd://" + StableId.Uid(0, "container", uid + container.Name).ToString("N") + StableId.Uid(1, "container", uid + container.Name).ToString("N"),
                ["image"] = container.Image,
                ["imageID"] = container.Image,
                ["lastState"] = new JsonObject(),
                ["name"] = container.Name,
                ["ready"] = true,
                ["restartCount"] = 0,
                ["started"] = true,
                ["state"] = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Meta.Time(since) } },
            })]),
            ["hostIP"] = hostAddress,
            ["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = hostAddress }),
            ["phase"] = "Running",
            ["podIP"] = address,
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address }),
            ["qosClass"] = "Burstable",
            ["startTime"] = Meta.Time(since),
        };
    }

    public static JsonObject Pending(DateTimeOffset since) => new()
    {
        ["conditions"] = new JsonArray(Meta.Condition("PodScheduled", false, since, "Unschedulable", "0 nodes are available: insufficient memory.")),
        ["phase"] = "Pending",
        ["qosClass"] = "Burstable",
    };
}
