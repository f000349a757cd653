using System.Text;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Installs a patch in a cluster and removes it, without changing what others added.</summary>
/// <param name="isTrial">Everything is checked, by the server too, and nothing is changed: what is returned is what would be.</param>
/// <param name="uid">The unique id of the KubeVirt resource that is meant, such as that of a trial; null = whichever there is.</param>
internal sealed class AgentPatchInstaller(KubeVirtSession session, bool isTrial = false, string? uid = null)
{
    private const int MostAttempts = 6;

    private static readonly ResourceType ServiceAccounts = new("", "v1", "serviceaccounts");

    /// <summary>Puts a patch in. It is tried again when somebody else was faster.</summary>
    /// <param name="force">Goes on when a patch of others touches the same annotations; theirs stays, and this one is made the longest text, which virt-operator applies last.</param>
    /// <exception cref="KubernetesException">There is no KubeVirt or several, no such service account, a conflict, or a permission is missing.</exception>
    public async Task<AgentPatchChange> InstallAsync(AgentPatch patch, bool force = false, CancellationToken cancellationToken = default)
    {
        if (patch.Tool != AgentTool.Datadog)
            throw new KubernetesException(KubernetesError.ArgumentInvalid, $"a patch for {patch.Tool} changes nothing in the KubeVirt resource", "Apply its documents with 'kubectl apply -f -'.") { Setting = Setting.AgentPatch };
        if (patch.InstallNamespace != session.InstallNamespace)
            throw new KubernetesException(KubernetesError.ArgumentInvalid, $"the patch is for KubeVirt in namespace {patch.InstallNamespace}, but that of {session} is in {session.InstallNamespace}", $"Create it for namespace {session.InstallNamespace}.") { Setting = Setting.InstallNamespace };
        List<string> warnings = [.. await CheckAccountAsync(patch, cancellationToken).ConfigureAwait(false)];
        AccessChange access = await AccessChange.ForInstallAsync(session.Client, patch.ClusterRoleBinding!, cancellationToken).ConfigureAwait(false);
        return await ChangeAsync(patch, access, warnings, AgentPatchAction.Installed, (merge, notes) =>
        {
            (ComponentPatch Own, PatchConflict Conflict)[] conflicts = [.. patch.Patches.SelectMany(own => PatchConflicts.Find(merge.Before, own, merge.Record).Select(conflict => (own, conflict)))];
            if (conflicts.Length > 0 && !force)
            {
                throw new KubernetesException(
                    KubernetesError.Conflict,
                    $"other patches already set these annotations: {string.Join("; ", conflicts.Select(one => one.Conflict.Text))}",
                    "Remove that patch, or override it: it is then kept, and this one is made the longest, which virt-operator applies last.")
                { Setting = Setting.Force };
            }

            notes.AddRange(conflicts.Select(one => $"Overridden: {one.Conflict.Text}."));
            merge.Add(patch);
            foreach (IGrouping<ComponentPatch, PatchConflict> rivals in conflicts.GroupBy(one => one.Own, one => one.Conflict)) merge.Outweigh(rivals.Key, rivals.Select(rival => rival.Place));
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes out exactly what was put in.</summary>
    /// <param name="patch">The patch; null = all that this module put in.</param>
    /// <exception cref="KubernetesException">There is no KubeVirt or several, or a permission is missing.</exception>
    public async Task<AgentPatchChange> UninstallAsync(AgentPatch? patch = null, CancellationToken cancellationToken = default)
    {
        JsonObject[]? wanted = patch?.Patches.Select(one => one.ToJson()).ToArray();
        bool IsWanted(JsonObject entry) => wanted is null || PatchRecord.IndexOf(wanted, entry) >= 0;
        JsonObject resource = await ReadAsync(session, cancellationToken).ConfigureAwait(false);
        // What others have put in needs the permission as well.
        PatchMerge trial = new(resource);
        trial.Remove(IsWanted);
        bool isLast = trial.Record.Entries.Count == 0 && !trial.OfOthers().Any();
        AccessChange access = await AccessChange.ForUninstallAsync(session.Client, isLast, cancellationToken).ConfigureAwait(false);
        return await ChangeAsync(patch, access, [], AgentPatchAction.Removed, (merge, _) => merge.Remove(IsWanted), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The KubeVirt resource of a session's cluster, with the record of what was put in, wherever that is kept.</summary>
    internal static async Task<JsonObject> ReadAsync(KubeVirtSession session, CancellationToken cancellationToken)
    {
        InstallationProjection found = await InstallationFinder.FindAsync(session.Client, session.InstallNamespace, cancellationToken).ConfigureAwait(false);
        string name = found.Name.Length == 0 ? "kubevirt" : found.Name;
        JsonNode? json = await session.Client.GetAsync(KubeVirtResources.Installations.PathOf(session.InstallNamespace, name), cancellationToken).ConfigureAwait(false);
        JsonObject resource = ObjectOf(json);
        if (HyperConverged.Owns(resource)) await HyperConverged.AdoptRecordAsync(session.Client, resource, cancellationToken).ConfigureAwait(false);
        return resource;
    }

    private static JsonObject ObjectOf(JsonNode? json) =>
        json as JsonObject ?? throw new KubernetesException(KubernetesError.BadAnswer, "the KubeVirt resource is not an object", "Look at it with 'kubectl get kubevirts -A -o yaml'.");

    private async Task<AgentPatchChange> ChangeAsync(
        AgentPatch? patch, AccessChange access, List<string> warnings, AgentPatchAction action, Action<PatchMerge, List<string>> apply, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            JsonObject resource = await ReadAsync(session, cancellationToken).ConfigureAwait(false);
            ObjectIdentity.Check(resource, uid, ObjectIdentity.Unchanged);
            List<string> notes = [.. warnings];
            PatchMerge merge = new(resource);
            apply(merge, notes);
            JsonObject? body = merge.ToMergePatch();
            bool isManaged = HyperConverged.Owns(resource);
            bool isGivenBack = !isManaged && action == AgentPatchAction.Removed && merge.Record.Entries.Count == 0 && FieldOwnership.IsOwner(resource);
            if (body is not null && !isManaged && action == AgentPatchAction.Installed && FieldOwnership.Warning(resource) is { } warning) notes.Add(warning);
            AgentPatchChange change = new()
            {
                Name = (string)resource["metadata"]!["name"]!,
                Namespace = session.InstallNamespace,
                Uid = ObjectIdentity.UidOf(resource),
                Action = action,
                Difference = ChangeText.Of(resource, merge, access.Text, isGivenBack ? $"- field manager {AgentAccess.Manager}" : null),
                Restarts = isManaged ? [] : merge.Changed(),
                Warnings = [.. notes, .. merge.Warnings],
                Patch = patch,
                Session = session,
                Attempts = attempt,
            };
            if (body is null && !access.IsNeeded && !isGivenBack) return change with { Action = AgentPatchAction.Unchanged };
            if (body is not null && isManaged)
            {
                string command = $"kubectl patch hyperconvergeds.hco.kubevirt.io {HyperConverged.NameOf(resource)} -n {session.InstallNamespace} --type merge";
                return change with
                {
                    Action = AgentPatchAction.Managed,
                    Difference = ChangeText.Of(resource, merge),
                    Document = AgentPatchText.OfOwner(patch, command, await HyperConverged.DocumentAsync(session.Client, resource, merge, cancellationToken).ConfigureAwait(false)),
                    Warnings = [.. change.Warnings, $"KubeVirt {change.Namespace}/{change.Name} is managed by a HyperConverged resource, which would undo the change: nothing was changed. Patch that resource with the Document of the result: {command} -p $result.Document. Then run this command again for the ClusterRoleBinding."],
                };
            }

            string path = KubeVirtResources.Installations.PathOf(session.InstallNamespace, change.Name);
            try
            {
                // Access first: a check that runs without it fails.
                if (action == AgentPatchAction.Installed) await access.ApplyAsync(session.Client, isTrial, cancellationToken).ConfigureAwait(false);
                JsonObject after = body is null ? resource : ObjectOf(await WriteAsync(path, PatchKind.Merge, body, cancellationToken).ConfigureAwait(false));
                if (action == AgentPatchAction.Removed) await access.ApplyAsync(session.Client, isTrial, cancellationToken).ConfigureAwait(false);
                if (isGivenBack && !isTrial) await GiveBackAsync(path, after, FieldOwnership.Others(resource) is { Length: > 0 } owners ? owners : merge.Record.Owners, cancellationToken).ConfigureAwait(false);
                return change;
            }
            catch (KubernetesException exception) when (exception.Error == KubernetesError.Conflict && attempt < MostAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50 << attempt), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // The record and the list are gone by now; what is left to do is done again when somebody else was faster.
    private async Task GiveBackAsync(string path, JsonObject resource, IReadOnlyList<JsonObject> owners, CancellationToken cancellationToken)
    {
        for (int attempt = 1; FieldOwnership.IsOwner(resource); attempt++)
        {
            JsonArray steps =
            [
                new JsonObject { ["op"] = "replace", ["path"] = "/metadata/managedFields", ["value"] = FieldOwnership.Without(resource, owners) },
                new JsonObject { ["op"] = "replace", ["path"] = "/metadata/resourceVersion", ["value"] = resource["metadata"]!["resourceVersion"]?.DeepClone() },
            ];
            try
            {
                await WriteAsync(path, PatchKind.Json, steps, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (KubernetesException exception) when (exception.Error == KubernetesError.Conflict && attempt < MostAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50 << attempt), cancellationToken).ConfigureAwait(false);
                resource = await ReadAsync(session, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Task<JsonNode?> WriteAsync(string path, PatchKind kind, JsonNode body, CancellationToken cancellationToken) =>
        session.Client.PatchAsync(path, kind, body, new WriteOptions { DryRun = isTrial, FieldManager = AgentAccess.Manager }, cancellationToken);

    private async Task<string[]> CheckAccountAsync(AgentPatch patch, CancellationToken cancellationToken)
    {
        try
        {
            await session.Client.GetAsync(ServiceAccounts.PathOf(patch.AgentNamespace, patch.AgentServiceAccount), cancellationToken).ConfigureAwait(false);
            return [];
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.NotFound)
        {
            throw new KubernetesException(
                KubernetesError.NotFound,
                $"there is no service account {patch.AgentServiceAccount} in namespace {patch.AgentNamespace}",
                "Install the Agent first, or create the patch with the account that it uses: 'kubectl get serviceaccounts -A' lists them.",
                exception)
            { Setting = Setting.AgentAccount };
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.Forbidden)
        {
            return [$"Whether the service account {patch.AgentNamespace}/{patch.AgentServiceAccount} exists is not known. {exception.Message}"];
        }
    }
}

/// <summary>Writes a change so that a person can judge it.</summary>
internal static class ChangeText
{
    public static string Of(JsonObject resource, PatchMerge merge, params string?[] more)
    {
        StringBuilder text = new();
        text.Append("KubeVirt ").Append(resource["metadata"]!["namespace"]).Append('/').Append(resource["metadata"]!["name"]).Append(", spec.customizeComponents.patches:\n");
        foreach (JsonNode? entry in merge.Before)
        {
            bool stays = entry is null || merge.After.Any(one => JsonNode.DeepEquals(one, entry));
            Entry(text, stays ? ' ' : '-', entry, isWhole: !stays);
        }

        foreach (JsonNode? entry in merge.After)
        {
            if (entry is not null && !merge.Before.Any(one => JsonNode.DeepEquals(one, entry))) Entry(text, '+', entry, isWhole: true);
        }

        if (merge.Before.Count + merge.After.Count == 0) text.Append("  (none)\n");
        foreach (string line in more.OfType<string>()) text.Append(line).Append('\n');
        return text.ToString().TrimEnd('\n');
    }

    private static void Entry(StringBuilder text, char sign, JsonNode? entry, bool isWhole)
    {
        text.Append(sign).Append(' ').Append(entry?["resourceType"]).Append(' ').Append(entry?["resourceName"]).Append(" (").Append(entry?["type"]).Append(")\n");
        if (!isWhole) return;
        foreach ((string key, JsonNode? value) in AnnotationText.SetBy(entry) ?? []) text.Append(sign).Append("   ").Append(key).Append(": ").Append(value).Append('\n');
    }

}
