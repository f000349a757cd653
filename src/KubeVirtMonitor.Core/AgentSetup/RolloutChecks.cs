using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Whether the patch is in the KubeVirt resource, and whether virt-operator has rolled it out to the pods.</summary>
internal sealed class RolloutChecks(IKubernetesClient client, string space)
{
    public static IEnumerable<AgentPatchStatus> OfResource(JsonObject resource, AgentPatch wanted)
    {
        string target = $"KubeVirt {resource["metadata"]!["namespace"]}/{resource["metadata"]!["name"]}";
        PatchMerge merge = new(resource);
        foreach (ComponentPatch patch in wanted.Patches)
        {
            AgentPatchStatus Say(AgentPatchState state, string message, string advice = "", Setting? setting = null) => new(AgentPatchCheck.Patch, target, state, $"The patch of {patch} is {message}.", advice) { Setting = setting };
            string? conflict = PatchConflicts.Find(merge.Before, patch, merge.Record).Select(one => one.Text).FirstOrDefault();
            AgentPatchStatus status = PatchRecord.IndexOf(merge.Before, patch.ToJson()) < 0
                ? HyperConverged.Owns(resource)
                    ? Say(AgentPatchState.Failed, "missing", "Add it to the HyperConverged resource. If you have done so, check the condition ReconcileComplete of that resource.", Setting.InstalledPatch)
                    : Say(AgentPatchState.Failed, "missing", "Install it.", Setting.InstalledPatch)
                : PatchConflicts.Stuck(merge.Before, patch) is { } stuck
                    ? Say(AgentPatchState.Failed, $"present, but virt-operator cannot apply patch {stuck}, and therefore applies none of them", $"Check the type and the text of patch {stuck}: the types are strategic, merge and json.")
                    : PatchConflicts.Overruled(merge.Before, patch) is { } overruled
                        ? Say(AgentPatchState.Failed, $"present but has no effect: {overruled}", "virt-operator applies the longest text last. Remove the other patch, or override it.", Setting.Force)
                        : conflict is not null
                            ? Say(AgentPatchState.Warning, $"present and takes effect, although {conflict}", "Remove the other patch: this one only takes effect for as long as its text is longer.")
                            : Say(AgentPatchState.Passed, "there");
            yield return status with { Component = patch.Component };
        }

        long? generation = JsonText.Integer(resource["metadata"]?["generation"]);
        long? observed = JsonText.Integer(resource["status"]?["observedGeneration"]);
        yield return observed is null || generation is null
            ? new(AgentPatchCheck.Operator, target, AgentPatchState.Skipped, "The resource does not show which change virt-operator has observed.")
            : observed >= generation
                ? new(AgentPatchCheck.Operator, target, AgentPatchState.Passed, $"virt-operator has observed the last change (generation {generation}).")
                : Failure(resource) is { } failure
                    ? new(AgentPatchCheck.Operator, target, AgentPatchState.Failed, $"virt-operator has observed generation {observed}, and cannot continue: {failure}", "Correct or remove the patch that cannot be applied: it blocks all others.")
                    : new(AgentPatchCheck.Operator, target, AgentPatchState.Failed, $"virt-operator has observed generation {observed}; the last one is {generation}.", "Wait. If this does not change, check the log of virt-operator.") { Setting = Setting.Timeout };
    }

    /// <summary>Whether virt-operator has seen the last change of its resource; null where the resource does not show it.</summary>
    public static bool? IsObserved(JsonObject resource) => JsonText.Integer(resource["metadata"]?["generation"]) is { } last && JsonText.Integer(resource["status"]?["observedGeneration"]) is { } seen ? seen >= last : null;

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
                status = Judge(target, (await client.GetAsync(type.PathOf(space, patch.ResourceName), cancellationToken).ConfigureAwait(false))!, patch);
            }
            catch (KubernetesException exception) when (exception.Error == KubernetesError.NotFound)
            {
                status = new(AgentPatchCheck.Rollout, target, AgentPatchState.Failed, "It does not exist.", "Check the log of virt-operator.");
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
            return new(AgentPatchCheck.Rollout, target, AgentPatchState.Failed, $"The template does not carry {string.Join(", ", missing)} as in the patch.", "virt-operator rolls out one component after the other: wait, then check its log.") { Setting = Setting.Timeout };
        // As 'kubectl rollout status' judges it: a deployment has more pods than it wants for a while, and old ones stay until new ones can be used.
        JsonNode? status = workload["status"];
        bool isDaemon = patch.ResourceType == "DaemonSet";
        long wanted = JsonText.Integer(isDaemon ? status?["desiredNumberScheduled"] : workload["spec"]?["replicas"]) ?? (isDaemon ? 0 : 1);
        long updated = JsonText.Integer(status?[isDaemon ? "updatedNumberScheduled" : "updatedReplicas"]) ?? 0;
        long available = JsonText.Integer(status?[isDaemon ? "numberAvailable" : "availableReplicas"]) ?? 0;
        long old = isDaemon ? 0 : Math.Max((JsonText.Integer(status?["replicas"]) ?? 0) - updated, 0);
        bool isSeen = JsonText.Integer(status?["observedGeneration"]) >= JsonText.Integer(workload["metadata"]?["generation"]);
        if (isSeen && updated >= wanted && old == 0 && available >= wanted)
            return new(AgentPatchCheck.Rollout, target, AgentPatchState.Passed, $"The template carries the annotations, and {updated} of {wanted} pods were created from it.");
        string message = !isSeen ? "The change of its template has not been observed yet."
            : updated < wanted ? $"{updated} of {wanted} pods were created from the template with the annotations."
            : old > 0 ? $"All {wanted} pods from the template with the annotations exist, and {old} from an earlier one."
            : $"{available} of {wanted} pods from the template with the annotations are ready.";
        string? stuck = isDaemon ? null : (status?["conditions"] as JsonArray ?? []).Where(static one => (string?)one?["reason"] == "ProgressDeadlineExceeded").Select(static one => (string?)one?["message"]).FirstOrDefault();
        return stuck is null
            ? new(AgentPatchCheck.Rollout, target, AgentPatchState.Failed, message, "They are being replaced: wait.") { Setting = Setting.Timeout }
            : new(AgentPatchCheck.Rollout, target, AgentPatchState.Failed, $"{message} The rollout makes no progress: {stuck}", "Look at the pods that are not ready: 'kubectl describe pods' in that namespace says why.");
    }

    // What virt-operator says when it gives up, for now.
    private static string? Failure(JsonObject resource) => (resource["status"]?["conditions"] as JsonArray ?? [])
        .Where(static one => (string?)one?["type"] == "Synchronized" && (string?)one["status"] == "False")
        .Select(static one => (string?)one?["message"])
        .FirstOrDefault();
}
