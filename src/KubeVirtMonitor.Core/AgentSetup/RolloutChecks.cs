using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Whether the patch is in the KubeVirt resource, and whether virt-operator has carried it to the pods.</summary>
internal sealed class RolloutChecks(IKubernetesClient client, string space)
{
    public static IEnumerable<AgentPatchStatus> OfResource(JsonObject resource, AgentPatch wanted)
    {
        string target = $"KubeVirt {resource["metadata"]!["namespace"]}/{resource["metadata"]!["name"]}";
        PatchMerge merge = new(resource);
        foreach (ComponentPatch patch in wanted.Patches)
        {
            AgentPatchStatus Say(AgentPatchState state, string message, string advice = "") => new(AgentPatchCheck.Patch, target, state, $"The patch of {patch} is {message}.", advice);
            string? conflict = PatchConflicts.Find(merge.Before, patch, merge.Record).Select(one => one.Text).FirstOrDefault();
            AgentPatchStatus status = PatchRecord.IndexOf(merge.Before, patch.ToJson()) < 0
                ? Say(AgentPatchState.Failed, "missing", "Put it in with Install-KubeVirtAgentPatch.")
                : PatchConflicts.Stuck(merge.Before, patch) is { } stuck
                    ? Say(AgentPatchState.Failed, $"there, and virt-operator cannot apply patch {stuck}, at which it gives up with all of them", $"Look at the type and the text of patch {stuck}: the types are strategic, merge and json.")
                    : PatchConflicts.Overruled(merge.Before, patch) is { } overruled
                        ? Say(AgentPatchState.Failed, $"there and does not count: {overruled}", "virt-operator applies the longest text last. Remove the other patch, or use Install-KubeVirtAgentPatch -Force.")
                        : conflict is not null
                            ? Say(AgentPatchState.Warning, $"there and counts, although {conflict}", "Remove the other patch: this one counts only as long as its text is the longer one.")
                            : Say(AgentPatchState.Passed, "there");
            yield return status with { Component = patch.Component };
        }

        long? generation = Number(resource["metadata"]?["generation"]);
        long? observed = Number(resource["status"]?["observedGeneration"]);
        yield return observed is null || generation is null
            ? new(AgentPatchCheck.Operator, target, AgentPatchState.Skipped, "The resource does not say which change virt-operator has seen.")
            : observed >= generation
                ? new(AgentPatchCheck.Operator, target, AgentPatchState.Passed, $"virt-operator has seen the last change (generation {generation}).")
                : new(AgentPatchCheck.Operator, target, AgentPatchState.Failed, $"virt-operator has seen generation {observed}, and {generation} is the last.", "Wait, with -TimeoutSec; if it stays so, look at the log of virt-operator.");
    }

    public async Task<List<AgentPatchStatus>> RunAsync(AgentPatch wanted, CancellationToken cancellationToken)
    {
        List<AgentPatchStatus> found = [];
        foreach (ComponentPatch patch in wanted.Patches)
        {
            ResourceType type = new("apps", "v1", patch.ResourceType == "DaemonSet" ? "daemonsets" : "deployments");
            string target = $"{patch.ResourceType} {space}/{patch.ResourceName}";
            AgentPatchStatus status;
            try
            {
                JsonElement json = await client.GetAsync(type.PathOf(space, patch.ResourceName), cancellationToken).ConfigureAwait(false);
                status = Judge(target, JsonNode.Parse(json.GetRawText())!, patch);
            }
            catch (KubernetesException exception) when (exception.Error == KubernetesError.NotFound)
            {
                status = new(AgentPatchCheck.Rollout, target, AgentPatchState.Failed, "It does not exist.", "Look at the log of virt-operator.");
            }

            found.Add(status with { Component = patch.Component });
        }

        return found;
    }

    private static AgentPatchStatus Judge(string target, JsonNode workload, ComponentPatch patch)
    {
        JsonNode? annotations = workload["spec"]?["template"]?["metadata"]?["annotations"];
        string[] missing = [.. patch.Annotations.Where(one => (string?)annotations?[one.Key] != one.Value).Select(one => one.Key)];
        if (missing.Length > 0)
            return new(AgentPatchCheck.Rollout, target, AgentPatchState.Failed, $"The template does not carry {string.Join(", ", missing)} as the patch has it.", "virt-operator rolls out one component after the other: wait, with -TimeoutSec; then look at its log.");
        JsonNode? status = workload["status"];
        bool isDaemon = patch.ResourceType == "DaemonSet";
        long wanted = Number(isDaemon ? status?["desiredNumberScheduled"] : status?["replicas"]) ?? 0;
        long updated = Number(status?[isDaemon ? "updatedNumberScheduled" : "updatedReplicas"]) ?? 0;
        return Number(status?["observedGeneration"]) >= Number(workload["metadata"]?["generation"]) && updated >= wanted
            ? new(AgentPatchCheck.Rollout, target, AgentPatchState.Passed, $"The template carries the annotations, and {updated} of {wanted} pods are of it.")
            : new(AgentPatchCheck.Rollout, target, AgentPatchState.Failed, $"{updated} of {wanted} pods are of the template with the annotations.", "They are being replaced: wait, with -TimeoutSec.");
    }

    private static long? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue(out long number) ? number : null;
}
