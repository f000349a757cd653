using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Installs a patch in a cluster and removes it, without changing what others added.</summary>
/// <param name="isTrial">Everything is checked, by the server too, and nothing is changed: what is returned is what would be.</param>
/// <param name="uid">The unique id of the KubeVirt resource that is meant, such as that of a trial; null = whichever there is.</param>
/// <param name="patience">How long to look for another authority of KubeVirt once virt-operator has seen the change; null = 15 seconds.</param>
internal sealed class AgentPatchInstaller(KubeVirtSession session, bool isTrial = false, string? uid = null, TimeSpan? patience = null)
{
    private const int MostAttempts = 6;

    // virt-operator looks at its resource again within seconds.
    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(15);

    private static readonly ResourceType ServiceAccounts = new("", "v1", "serviceaccounts");

    /// <summary>Puts a patch in. It is tried again when somebody else was faster.</summary>
    /// <param name="force">Goes on when a patch of others touches the same annotations; theirs stays, and this one is made the longest text, which virt-operator applies last.</param>
    /// <exception cref="KubernetesException">There is no KubeVirt or several, no such service account, a conflict, or a permission is missing.</exception>
    public async Task<AgentPatchChange> InstallAsync(AgentPatch patch, bool force = false, CancellationToken cancellationToken = default)
    {
        if (patch.Tool != AgentTool.Datadog)
            throw new KubernetesException(KubernetesError.ArgumentInvalid, $"a patch for {patch.Tool} changes nothing in the KubeVirt resource", "Apply its documents with 'kubectl apply -f -'.") { Setting = Setting.AgentPatch };
        // What the patch was created with a warning about is known; what is so in this cluster only is not.
        IReadOnlyList<string> known = patch.Warnings;
        patch = ForThis(patch);
        List<string> warnings = [.. await CheckAccountAsync(patch, cancellationToken).ConfigureAwait(false), .. patch.Warnings.Except(known, StringComparer.Ordinal), .. await MountAsync(patch, cancellationToken).ConfigureAwait(false)];
        return await ChangeAsync(patch, warnings, AgentPatchAction.Installed, (merge, notes) =>
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
        }, (merge, notes) => BesideInstalledAsync(patch, merge, notes, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<OwnedObject>> BesideInstalledAsync(AgentPatch patch, PatchMerge merge, List<string> notes, CancellationToken cancellationToken)
    {
        List<OwnedObject> beside = [];
        if (patch.Verifies) beside.Add(await AgentAuthority.ForInstallAsync(session, patch.AgentNamespace, cancellationToken).ConfigureAwait(false));
        // What another namespace of the Agent, or a patch that verified, has left.
        foreach (string space in await OwnMapsAsync(notes, cancellationToken).ConfigureAwait(false))
        {
            bool isLeft = merge.NeedsAuthority ? space == merge.EarlierAgentNamespace && space != patch.AgentNamespace : !merge.OfOthers().Any();
            if (isLeft) beside.Add(await AgentAuthority.ForUninstallAsync(session.Client, space, cancellationToken).ConfigureAwait(false));
        }

        if (await AgentAccess.ForInstallAsync(session.Client, patch.ClusterRoleBinding, cancellationToken).ConfigureAwait(false) is { } access) beside.Add(access);
        return beside;
    }

    // Where there is a ConfigMap of this module's; whoever may not look is told, and nothing is removed.
    private async Task<IReadOnlyList<string>> OwnMapsAsync(List<string> notes, CancellationToken cancellationToken)
    {
        try
        {
            return await AgentAuthority.NamespacesAsync(session.Client, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.Forbidden)
        {
            notes.Add($"Whether another namespace has a ConfigMap {AgentAuthority.Name} that is no longer needed is not known. {exception.Message}");
            return [];
        }
    }

    // For the cluster of the session, whose settings count where none were given.
    private AgentPatch ForThis(AgentPatch patch)
    {
        AgentPatch own = patch.In(session);
        return own.InstallNamespace == session.InstallNamespace
            ? own
            : throw new KubernetesException(KubernetesError.ArgumentInvalid, $"the patch is for KubeVirt in namespace {own.InstallNamespace}, but that of {session} is in {session.InstallNamespace}", $"Create it for namespace {session.InstallNamespace}.") { Setting = Setting.InstallNamespace };
    }

    /// <summary>Waits for the authority that virt-operator makes after a change of its resource, and gives the Agent that one too.</summary>
    /// <remarks>
    /// Seen with KubeVirt 1.9.0: for a new generation virt-operator writes its Secret kubevirt-ca without the annotation of its duration, takes that for another
    /// duration when it looks again, and makes a new authority (createOrUpdateCertificateSecret and certificationNeedsRotation in
    /// pkg/virt-operator/resource/apply/core.go). The pods that restart for the patch have certificates of it, and the Agent would trust none of them.
    /// </remarks>
    private async Task<AgentPatchChange> FollowAuthorityAsync(AgentPatchChange change, string agentNamespace, CancellationToken cancellationToken)
    {
        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan? seenAt = null;
        try
        {
            while (true)
            {
                OwnedObject authority = await AgentAuthority.ForInstallAsync(session, agentNamespace, cancellationToken).ConfigureAwait(false);
                if (authority.IsNeeded)
                {
                    await authority.ApplyAsync(session.Client, dryRun: false, cancellationToken).ConfigureAwait(false);
                    return change with { Difference = $"{change.Difference}\n{authority.Text}" };
                }

                // A resource that does not show what was seen is looked at as long as one that was seen at once.
                if (seenAt is null && RolloutChecks.IsObserved(await ReadAsync(session, cancellationToken).ConfigureAwait(false)) != false) seenAt = clock.Elapsed;
                if (seenAt is { } seen && clock.Elapsed - seen > _patience) return change;
                if (clock.Elapsed > 4 * _patience) return Unfollowed("virt-operator has not seen the change yet.");
                await Task.Delay(_patience / 30, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (KubernetesException exception)
        {
            // What was changed is changed, and is not to be lost with what could not be waited for.
            return Unfollowed(exception.Message);
        }

        AgentPatchChange Unfollowed(string why) => change with
        {
            Warnings = [.. change.Warnings, $"The authority that virt-operator makes after the change could not be waited for: {why} The Agent gets no metrics until ConfigMap {agentNamespace}/{AgentAuthority.Name} is renewed."],
        };
    }

    /// <summary>Gives the Agent the authorities that KubeVirt has now, and changes nothing else: no pod restarts.</summary>
    /// <exception cref="KubernetesException">The patch does not verify, the authorities cannot be read, or a permission is missing.</exception>
    public async Task<AgentPatchChange> RenewAuthorityAsync(AgentPatch patch, CancellationToken cancellationToken = default)
    {
        if (!patch.Verifies) throw new KubernetesException(KubernetesError.ArgumentInvalid, "the patch does not verify certificates, and needs no authority", "Create one that verifies.") { Setting = Setting.AgentPatch };
        patch = ForThis(patch);
        OwnedObject authority = await AgentAuthority.ForInstallAsync(session, patch.AgentNamespace, cancellationToken).ConfigureAwait(false);
        await authority.ApplyAsync(session.Client, isTrial, cancellationToken).ConfigureAwait(false);
        return new AgentPatchChange
        {
            Name = AgentAuthority.Name,
            Namespace = patch.AgentNamespace,
            Action = authority.IsNeeded ? AgentPatchAction.Installed : AgentPatchAction.Unchanged,
            Difference = authority.Text ?? "",
            Patch = patch,
            Session = session,
            Attempts = 1,
        };
    }

    /// <summary>Takes out exactly what was put in.</summary>
    /// <param name="patch">The patch; null = all that this module put in.</param>
    /// <exception cref="KubernetesException">There is no KubeVirt or several, or a permission is missing.</exception>
    public async Task<AgentPatchChange> UninstallAsync(AgentPatch? patch = null, CancellationToken cancellationToken = default)
    {
        patch = patch?.In(session);
        JsonObject[]? wanted = patch?.Patches.Select(one => one.ToJson()).ToArray();
        bool IsWanted(JsonObject entry) => wanted is null || PatchRecord.IndexOf(wanted, entry) >= 0;
        return await ChangeAsync(patch, [], AgentPatchAction.Removed, (merge, _) => merge.Remove(IsWanted), async (merge, notes) =>
        {
            // What others have put in needs the permission and the authorities as well.
            List<OwnedObject> beside = [await AgentAccess.ForUninstallAsync(session.Client, merge.Record.Entries.Count == 0 && !merge.OfOthers().Any(), cancellationToken).ConfigureAwait(false)];
            if (merge.NeedsAuthority) return beside;
            foreach (string space in await OwnMapsAsync(notes, cancellationToken).ConfigureAwait(false)) beside.Insert(0, await AgentAuthority.ForUninstallAsync(session.Client, space, cancellationToken).ConfigureAwait(false));
            return beside;
        }, cancellationToken).ConfigureAwait(false);
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
        AgentPatch? patch, List<string> warnings, AgentPatchAction action, Action<PatchMerge, List<string>> apply, Func<PatchMerge, List<string>, Task<List<OwnedObject>>> look, CancellationToken cancellationToken)
    {
        // What a try before this one did beside the resource is part of the change as well.
        List<string> done = [];
        for (int attempt = 1; ; attempt++)
        {
            JsonObject resource = await ReadAsync(session, cancellationToken).ConfigureAwait(false);
            ObjectIdentity.Check(resource, uid, ObjectIdentity.Unchanged);
            List<string> notes = [.. warnings];
            PatchMerge merge = new(resource);
            apply(merge, notes);
            List<OwnedObject> beside = await look(merge, notes).ConfigureAwait(false);
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
                Difference = ChangeText.Of(resource, merge, [.. done, .. beside.Select(static one => one.Text), isGivenBack ? $"- field manager {AgentAccess.Manager}" : null]),
                Restarts = isManaged ? [] : await RestartsAsync(merge.Changed(), cancellationToken).ConfigureAwait(false),
                Warnings = [.. notes, .. merge.Warnings],
                Patch = patch,
                Session = session,
                Attempts = attempt,
            };
            if (body is null && !beside.Any(static one => one.IsNeeded) && done.Count == 0 && !isGivenBack) return change with { Action = AgentPatchAction.Unchanged };
            if (body is not null && isManaged)
            {
                string command = $"kubectl patch hyperconvergeds.hco.kubevirt.io {HyperConverged.NameOf(resource)} -n {session.InstallNamespace} --type merge";
                return change with
                {
                    Action = AgentPatchAction.Managed,
                    Difference = ChangeText.Of(resource, merge),
                    Document = AgentPatchText.OfOwner(patch, command, await HyperConverged.DocumentAsync(session.Client, resource, merge, cancellationToken).ConfigureAwait(false)),
                    Warnings = [.. change.Warnings, $"KubeVirt {change.Namespace}/{change.Name} is managed by a HyperConverged resource, which would undo the change: nothing was changed. Patch that resource with the Document of the result: {command} -p $result.Document. {(beside.Any(static one => one.IsNeeded) ? $"Then run this command again for {string.Join(" and ", beside.Where(static one => one.IsNeeded).Select(static one => one.What))}." : "")}".TrimEnd()],
                };
            }

            string path = KubeVirtResources.Installations.PathOf(session.InstallNamespace, change.Name);
            try
            {
                // What the checks need comes first: without it they fail.
                if (action == AgentPatchAction.Installed) await ApplyAsync(beside, done, cancellationToken).ConfigureAwait(false);
                JsonObject after = body is null ? resource : ObjectOf(await WriteAsync(path, PatchKind.Merge, body, cancellationToken).ConfigureAwait(false));
                if (action == AgentPatchAction.Removed) await ApplyAsync(beside, done, cancellationToken).ConfigureAwait(false);
                if (isGivenBack && !isTrial) await GiveBackAsync(path, after, FieldOwnership.Others(resource) is { Length: > 0 } owners ? owners : merge.Record.Owners, cancellationToken).ConfigureAwait(false);
                return !isTrial && change.Restarts.Count > 0 && merge is { NeedsAuthority: true, Record.AgentNamespace.Length: > 0 } ? await FollowAuthorityAsync(change, merge.Record.AgentNamespace, cancellationToken).ConfigureAwait(false) : change;
            }
            catch (KubernetesException exception) when (exception.Error == KubernetesError.Conflict && attempt < MostAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50 << attempt), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<string[]> MountAsync(AgentPatch patch, CancellationToken cancellationToken)
    {
        if (!patch.Verifies) return [];
        AgentPods agents;
        try
        {
            agents = await AgentPods.FindAsync(session.Client, patch.AgentNamespace, patch.AgentServiceAccount, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception)
        {
            return [$"Whether the Agent mounts ConfigMap {AgentAuthority.Name} is not known. {exception.Message}"];
        }

        string path = patch.Options.AuthorityPath;
        int without = agents.Agents.Count(agent => AuthorityChecks.MountAt(agent, path) is null);
        return without == 0 ? [] : [$"{without} of {agents.Agents.Count} pods of the Agent have nothing mounted at {path}. They send none of these metrics until they mount ConfigMap {AgentAuthority.Name} there: the patch written as HelmValues, DatadogAgent or DaemonSetPatch says how."];
    }

    // The pods that go: by name, or by number where there are many.
    private async Task<string[]> RestartsAsync(IReadOnlyList<string> workloads, CancellationToken cancellationToken)
    {
        if (workloads.Count == 0) return [];
        ComponentSurvey survey;
        try
        {
            survey = await session.FindComponentsAsync(null, withLeaders: false, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException)
        {
            // Their names are good to know, and nothing to fail for.
            return [.. workloads];
        }

        return [.. workloads.Select(workload =>
        {
            string[] pods = [.. survey.Components.Where(one => workload.EndsWith(' ' + ComponentFacts.NameOf(one.Component), StringComparison.Ordinal)).Select(static one => one.Name)];
            return pods.Length switch
            {
                0 => workload,
                <= 3 => $"{workload} ({string.Join(", ", pods)})",
                _ => $"{workload} ({pods.Length} pods)",
            };
        })];
    }

    private async Task ApplyAsync(IEnumerable<OwnedObject> beside, List<string> done, CancellationToken cancellationToken)
    {
        foreach (OwnedObject one in beside.Where(static one => one.IsNeeded))
        {
            await one.ApplyAsync(session.Client, isTrial, cancellationToken).ConfigureAwait(false);
            if (!isTrial) done.Add(one.Text!);
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
        foreach ((string key, JsonNode? value) in AnnotationText.SetBy(entry) ?? []) text.Append(sign).Append("   ").Append(key).Append(": ").Append(Shown(JsonText.Of(value))).Append('\n');
    }

    // Whoever judges a change need not read the names of all families.
    private static string? Shown(string? annotation)
    {
        if (annotation is null || JsonText.ObjectOf($"{{\"it\":{annotation}}}") is not { } json) return annotation;
        Shorten(json);
        return json["it"]?.ToJsonString(DatadogCheck.Plain);
    }

    private static void Shorten(JsonNode? node)
    {
        if (node is JsonObject instance && instance["metrics"] is JsonArray metrics) instance["metrics"] = $"({metrics.Sum(static one => one is JsonObject mapped ? mapped.Count : 1)} families)";
        foreach (JsonNode? below in node switch { JsonObject one => one.Select(static field => field.Value), JsonArray all => all, _ => [] }) Shorten(below);
    }
}
