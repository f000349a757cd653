using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What virt-controller does with an object that has just been created, as far as it shows: finalizers, and a status. Nothing is ever started by it.</summary>
internal static class VirtController
{
    /// <summary>The object as virt-controller leaves it, or null when it has nothing to do with it.</summary>
    public static JsonObject? Settle(ResourceType type, JsonObject created, DateTimeOffset now)
    {
        if (type.Group != ResourceTypes.KubeVirtGroup || created["status"]?["phase"] is not null) return null;
        JsonObject item = (JsonObject)created.DeepClone();
        JsonObject metadata = item["metadata"]!.AsObject();
        switch (type.Kind)
        {
            case "VirtualMachine":
                metadata["finalizers"] ??= new JsonArray("kubevirt.io/virtualMachineControllerFinalize");
                item["status"] = new JsonObject
                {
                    ["conditions"] = new JsonArray(Meta.Condition("Ready", false, now, "VMINotExists", "VMI does not exist")),
                    ["printableStatus"] = "Stopped",
                    ["runStrategy"] = item["spec"]?["runStrategy"]?.DeepClone(),
                };
                break;
            case "VirtualMachineInstance":
                item["status"] = Status(item, now);
                break;
            default:
                return null;
        }

        JsonObject annotations = metadata["annotations"] as JsonObject ?? [];
        foreach ((string key, JsonNode? value) in MachineContent.Observed()) annotations[key] = value?.DeepClone();
        metadata["annotations"] = annotations;
        return item;
    }

    /// <summary>An instance waits for its pod, or has none because the API server would not take it.</summary>
    private static JsonObject Status(JsonObject instance, DateTimeOffset now)
    {
        string pod = $"virt-launcher-{(string?)instance["metadata"]!["name"]}-{StableId.Suffix(0, "launcher", (string?)instance["metadata"]!["uid"] ?? "")}";
        (string Field, string Message)[] refusals = [.. KubeVirtWebhooks.PodRefusals(instance["spec"]!.AsObject())];
        string phase = refusals.Length > 0 ? "Pending" : "Scheduling";
        JsonArray conditions = [refusals.Length > 0
            ? Meta.Condition("Ready", false, now, "PodNotExists", "virt-launcher pod has not yet been scheduled")
            : Meta.Condition("Ready", false, now, "GuestNotRunning", "Guest VM is not reported as running")];
        if (refusals.Length > 0)
            conditions.Add((JsonNode)Meta.Condition("Synchronized", false, now, "FailedCreate", "failed to create virtual machine pod: " + ApiErrors.Invalid("Pod", "", pod, refusals).Status.Message));
        return new JsonObject
        {
            ["conditions"] = conditions,
            ["guestOSInfo"] = new JsonObject(),
            ["phase"] = phase,
            ["phaseTransitionTimestamps"] = new JsonArray(new JsonObject { ["phase"] = phase, ["phaseTransitionTimestamp"] = Meta.Time(now) }),
            ["runtimeUser"] = 107,
        };
    }
}
