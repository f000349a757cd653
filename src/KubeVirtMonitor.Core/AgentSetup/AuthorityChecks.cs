using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Net;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Whether the Agent has the authorities that KubeVirt uses now: the ConfigMap in its namespace, and its mount in the Agent's containers.</summary>
/// <param name="wanted">The patch.</param>
/// <param name="targets">The pods of KubeVirt, whose annotations say where the authorities are.</param>
/// <param name="agents">The pods of the Agent.</param>
internal sealed class AuthorityChecks(KubeVirtSession session, AgentPatch wanted, IReadOnlyList<MetricTarget> targets, AgentPods agents)
{
    private const int MostNames = 3;

    // A directory is searched for the names hash.0, hash.1 and so on.
    private static readonly Regex HashName = new(@"^(?<hash>[0-9a-f]{8})\.(?<number>0|[1-9][0-9]*)$", RegexOptions.CultureInvariant);

    /// <summary>The paths that the annotations of instances that verify give.</summary>
    private string[] Paths { get; } =
    [
        .. targets.SelectMany(static target => target.Checks.SelectMany(check => check.Instances.Select(instance => TlsStatement.AuthorityOf(check, instance))))
            .OfType<string>().Distinct(StringComparer.Ordinal),
    ];

    /// <summary>The points about mounts: one for each pod of the Agent that has a pod of KubeVirt on its node, and path; of other Agents, those that have no mount.</summary>
    public IEnumerable<AgentPatchStatus> OfMounts()
    {
        foreach (PodDocument agent in Runners())
        {
            foreach (string path in Paths) yield return OfMount(agent, path);
        }

        foreach (PodDocument other in agents.Others.Where(IsNeeded))
        {
            foreach (string path in Paths.Where(path => MountAt(other, path) is null))
                yield return new(AgentPatchCheck.Mount, $"{other.Namespace}/{other.Name}", AgentPatchState.Warning, $"Another Agent on the node has nothing mounted at {path}: where it runs the checks of the annotations too, they fail.", "Remove one of the Agents, or exclude the containers of KubeVirt in it (DD_CONTAINER_EXCLUDE).");
        }
    }

    /// <summary>The points about ConfigMaps: those that are mounted, else the one that should be.</summary>
    public async Task<List<AgentPatchStatus>> OfConfigMapsAsync(CancellationToken cancellationToken)
    {
        List<AgentPatchStatus> found = [];
        foreach (string path in Paths)
        {
            PodMount[] mounts = [.. Runners().Select(agent => MountAt(agent, path)).OfType<PodMount>()];
            // What is no ConfigMap, such as what a driver brings in, cannot be read here; its mount is a point of its own.
            if (mounts.Length > 0 && mounts.All(static mount => mount.Maps.Count == 0)) continue;
            foreach (PodMount mount in mounts.Where(static mount => mount.Maps.Count > 0).DefaultIfEmpty(new PodMount(path, null, [new MountedMap(AgentAuthority.Name)])).DistinctBy(static mount => mount.Key))
                found.Add(await OfMountedAsync(path, mount, cancellationToken).ConfigureAwait(false));
        }

        return found;
    }

    private IEnumerable<PodDocument> Runners() => agents.Agents.Where(IsNeeded);

    private bool IsNeeded(PodDocument agent) => targets.Any(target => target.Pod.Node == agent.Node);

    private AgentPatchStatus OfMount(PodDocument agent, string path)
    {
        AgentPatchStatus Say(AgentPatchState state, string message, string advice = "") => new(AgentPatchCheck.Mount, agent.Name, state, message, advice) { Setting = advice.Length > 0 ? Setting.AgentMount : null };
        if (AgentPods.ContainerOf(agent) is not { } container) return Say(AgentPatchState.Skipped, $"It has no container agent: its containers are {string.Join(", ", agent.Containers)}.");
        string how = $"Mount ConfigMap {AgentAuthority.Name} as a directory at {path} in container {container} of the Agent's DaemonSet.";
        if (MountAt(agent, path) is not { } mount) return Say(AgentPatchState.Failed, $"Container {container} has nothing mounted at {path}, where the annotations expect KubeVirt's authorities.", how);
        if (mount.SubPath is { } part) return Say(AgentPatchState.Warning, $"{path} is mounted with subPath {part}: such a mount never changes, and will have none of the authorities that KubeVirt makes in the future.", how);
        if (mount.Maps.Count == 0) return Say(AgentPatchState.Skipped, $"What is mounted at {mount.Path} is no ConfigMap, and its content cannot be looked at.");
        return Say(AgentPatchState.Passed, $"{path} is ConfigMap {string.Join(" and ", mount.Names)}.");
    }

    /// <summary>The mount of an Agent's pod that has a path, or a directory above it; null = there is none.</summary>
    public static PodMount? MountAt(PodDocument agent, string path) => agent.MountsOf(AgentPods.ContainerOf(agent) ?? "")
        .Where(mount => mount.Path.TrimEnd('/') is { Length: > 0 } at && (path == at || path.StartsWith(at + "/", StringComparison.Ordinal)))
        .Select(static mount => mount with { Path = mount.Path.TrimEnd('/') })
        .MaxBy(static mount => mount.Path.Length);

    private async Task<AgentPatchStatus> OfMountedAsync(string path, PodMount mount, CancellationToken cancellationToken)
    {
        string target = "ConfigMap " + string.Join(" and ", mount.Names.Select(name => $"{wanted.AgentNamespace}/{name}"));
        AgentPatchStatus Say(AgentPatchState state, string message, string advice = "", Setting? setting = null) => new(AgentPatchCheck.Authority, target, state, message, advice) { Setting = setting, AgentNamespace = wanted.AgentNamespace };
        bool isOurs = mount.Names.All(static name => name == AgentAuthority.Name);
        AgentPatchStatus Fail(string message) => isOurs
            ? Say(AgentPatchState.Failed, message, "Renew the ConfigMap, and nothing else.", Setting.AuthorityRenewal)
            : Say(AgentPatchState.Failed, message, $"Copy what {ComponentFacts.AuthorityConfigMap} in namespace {session.InstallNamespace} holds.");
        X509Certificate2[] needed;
        try
        {
            needed = [.. await ComponentAuthority.ReadAsync(session, cancellationToken).ConfigureAwait(false)];
        }
        catch (KubernetesException exception)
        {
            return Say(AgentPatchState.Skipped, $"Which authorities KubeVirt uses now is not known. {exception.Fact}", exception.Advice);
        }

        Dictionary<string, Dictionary<string, string>> data = new(StringComparer.Ordinal);
        foreach (string name in mount.Names)
        {
            try
            {
                data[name] = await DataAsync(name, cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesException exception) when (exception.Error == KubernetesError.NotFound)
            {
                return Fail($"{(mount.Names.Count() == 1 ? "It" : name)} does not exist, so the Agent cannot verify the certificates of KubeVirt.");
            }
            catch (KubernetesException exception)
            {
                return Say(AgentPatchState.Skipped, exception.Fact, exception.Advice, exception.Setting);
            }
        }

        Look look = At(path, mount.Path, mount.Files(data), needed);
        if (look.Unreadable is { } unreadable) return Fail(unreadable);
        if (look.Missing.Length == 0) return Say(AgentPatchState.Passed, needed.Length == 1 ? "It holds the authority that KubeVirt uses now." : $"It holds the {needed.Length} authorities that KubeVirt uses now.");
        // What is there, and not shown.
        PodMount whole = new(mount.Path, null, [.. mount.Names.Select(static name => new MountedMap(name))]);
        if (whole.Key != mount.Key && At(path, mount.Path, whole.Files(data), needed) is { Unreadable: null, Missing.Length: 0 })
            return Say(AgentPatchState.Failed, $"It holds {NamesOf(look.Missing)}, but the mount at {mount.Path} shows only some of its keys.", "Mount it as a directory, without items and subPath.", Setting.AgentMount);
        if (look.File is { } file) return Fail($"It has no file {file}, where the annotations expect KubeVirt's authorities.");
        return look.Elsewhere is { } elsewhere
            ? Fail($"It holds {NameOf(look.Missing[0])} under the key {elsewhere.Key}, where OpenSSL does not look for it: that is {elsewhere.Right}.")
            : Fail($"{(needed.Length == 1 ? "It lacks the authority that KubeVirt uses now:" : $"Of the {needed.Length} authorities that KubeVirt uses now, it lacks")} {NamesOf(look.Missing)}.");
    }

    // What is found at the path of the annotations, a file or a directory.
    private static Look At(string path, string mountPath, Dictionary<string, string> shown, X509Certificate2[] needed)
    {
        string place = path[mountPath.Length..].Trim('/');
        bool isFile = shown.ContainsKey(place);
        string above = place.Length == 0 ? "" : place + "/";
        Dictionary<string, string> held = isFile
            ? new(StringComparer.Ordinal) { [place] = shown[place] }
            : shown.Where(one => one.Key.StartsWith(above, StringComparison.Ordinal)).ToDictionary(one => one.Key[above.Length..], static one => one.Value, StringComparer.Ordinal);
        if (!isFile && held.Count == 0 && place.Length > 0) return new(needed, File: place);
        Dictionary<string, X509Certificate2[]> files = new(StringComparer.Ordinal);
        foreach ((string key, string text) in held.Where(one => isFile || HashName.IsMatch(one.Key)))
        {
            try
            {
                files[key] = [.. CertificateReader.FromPem(text)];
            }
            catch (CertificateException exception)
            {
                return new(needed, Unreadable: $"Its key {key} holds {exception.Message}.");
            }
        }

        X509Certificate2[] missing = [.. needed.Where(authority => !(isFile ? files.Values.SelectMany(static one => one) : Reached(files, authority)).Any(one => IsSame(authority, one)))];
        if (missing.Length == 0 || isFile) return new(missing);
        // In a directory, an authority in a file of another name is not found.
        X509Certificate2 first = missing[0];
        string? elsewhere = files.FirstOrDefault(one => one.Value.Any(other => IsSame(first, other))).Key ?? held.FirstOrDefault(one => IsHolding(one.Value, first)).Key;
        return new(missing, Elsewhere: elsewhere is null ? null : (elsewhere, NextOf(files, first)));
    }

    /// <summary>What is found of the authorities.</summary>
    /// <param name="Missing">Those that OpenSSL does not find.</param>
    /// <param name="Unreadable">What is no certificate; null = all can be read.</param>
    /// <param name="File">The file that is not there; null = there is something.</param>
    /// <param name="Elsewhere">The key of the first that is missing, and the name under which it would be found; null = it is not there.</param>
    private sealed record Look(X509Certificate2[] Missing, string? Unreadable = null, string? File = null, (string Key, string Right)? Elsewhere = null);

    private static bool IsSame(X509Certificate2 one, X509Certificate2 other) => one.RawDataMemory.Span.SequenceEqual(other.RawDataMemory.Span);

    private static bool IsHolding(string text, X509Certificate2 authority)
    {
        try
        {
            return CertificateReader.FromPem(text).Any(one => IsSame(authority, one));
        }
        catch (CertificateException)
        {
            return false;
        }
    }

    // The name under which it would be found: behind those of the same hash that are there.
    private static string NextOf(Dictionary<string, X509Certificate2[]> files, X509Certificate2 authority)
    {
        string hash = AuthorityFiles.HashOf(authority.SubjectName);
        int number = 0;
        while (files.ContainsKey(string.Create(CultureInfo.InvariantCulture, $"{hash}.{number}"))) number++;
        return string.Create(CultureInfo.InvariantCulture, $"{hash}.{number}");
    }

    // The files of one hash are tried from 0 on, until one is not there.
    private static IEnumerable<X509Certificate2> Reached(Dictionary<string, X509Certificate2[]> files, X509Certificate2 authority)
    {
        string hash = AuthorityFiles.HashOf(authority.SubjectName);
        for (int i = 0; files.TryGetValue(string.Create(CultureInfo.InvariantCulture, $"{hash}.{i}"), out X509Certificate2[]? held); i++)
        {
            foreach (X509Certificate2 one in held) yield return one;
        }
    }

    private static string NamesOf(X509Certificate2[] authorities) => authorities.Length <= MostNames
        ? string.Join(" and ", authorities.Select(NameOf))
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", authorities.Take(MostNames).Select(NameOf))} and {authorities.Length - MostNames} more");

    private static string NameOf(X509Certificate2 authority) =>
        string.Create(CultureInfo.InvariantCulture, $"{ForeignText.OfStranger.Line(authority.Subject)} valid from {authority.NotBefore.ToUniversalTime():yyyy-MM-dd} to {authority.NotAfter.ToUniversalTime():yyyy-MM-dd}");

    private async Task<Dictionary<string, string>> DataAsync(string name, CancellationToken cancellationToken)
    {
        JsonNode? json = await session.Client.GetAsync(ResourceType.ConfigMaps.PathOf(wanted.AgentNamespace, name), cancellationToken).ConfigureAwait(false);
        return (json?["data"] as JsonObject ?? []).ToDictionary(static one => one.Key, static one => JsonText.Of(one.Value) ?? "", StringComparer.Ordinal);
    }
}
