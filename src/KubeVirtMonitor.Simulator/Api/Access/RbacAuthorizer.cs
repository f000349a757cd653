using System.Collections.Concurrent;
using System.Text.Json;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Decides by the roles and bindings in the store, so that creating them has its effect; and by refusals on top.</summary>
internal sealed class RbacAuthorizer(ResourceStore store)
{
    private const string Rbac = "rbac.authorization.k8s.io";

    private readonly ConcurrentDictionary<(string, string, string?), Grants> _kept = [];
    private long _keptVersion;

    /// <summary>What is refused whatever the roles say.</summary>
    public ConcurrentDictionary<ApiRefusal, byte> Refusals { get; } = [];

    public bool Allows(ApiUser user, AccessQuery query)
    {
        if (Refusals.Keys.Any(refusal => refusal.Matches(user.Name, query))) return false;
        return user.Groups.Contains("system:masters") || GrantsOf(user, query.Namespace).Rules.Any(grant => grant.Rule.Allows(query));
    }

    /// <summary>Why someone may do something, in the words of a review; null when he may not, or may do everything.</summary>
    public string? Reason(ApiUser user, AccessQuery query) => GrantsOf(user, query.Namespace).Rules.FirstOrDefault(grant => grant.Rule.Allows(query)).Reason;

    /// <summary>The roles that bindings of a user name and that do not exist.</summary>
    public IReadOnlyList<string> Missing(ApiUser user, string? space) => GrantsOf(user, space).Missing;

    /// <summary>The rules of a role that a user does not hold himself, each for one resource, so that he may not give them to others.</summary>
    public IReadOnlyList<AccessRule> Beyond(ApiUser user, string role)
    {
        if (user.Groups.Contains("system:masters") || store[Rbac, "clusterroles"].Find(null, role) is not { } given) return [];
        if (Allows(user, new AccessQuery { Verb = "bind", Group = Rbac, Resource = "clusterroles", Name = role })) return [];
        return [.. RulesIn(given).SelectMany(static rule => rule.Single()).Where(single => !single.Verbs.All(verb => Holds(user, single, verb)))];
    }

    private bool Holds(ApiUser user, AccessRule single, string verb)
    {
        if (single.Paths.Length > 0) return single.Paths.All(path => Allows(user, new AccessQuery { Verb = verb, Path = path }));
        string[] resource = single.Resources[0].Split('/', 2);
        return Allows(user, new AccessQuery { Verb = verb, Group = single.Groups[0], Resource = resource[0], Subresource = resource.ElementAtOrDefault(1), Name = single.Names.FirstOrDefault() });
    }

    /// <summary>The rules of a user: those of the cluster, and those of a namespace when one is given.</summary>
    public IEnumerable<AccessRule> RulesOf(ApiUser user, string? space) => GrantsOf(user, space).Rules.Select(static grant => grant.Rule);

    private Grants GrantsOf(ApiUser user, string? space)
    {
        long version = Math.Max(
            Math.Max(store[Rbac, "clusterroles"].Current.Version, store[Rbac, "clusterrolebindings"].Current.Version),
            Math.Max(store[Rbac, "roles"].Current.Version, store[Rbac, "rolebindings"].Current.Version));
        if (Interlocked.Exchange(ref _keptVersion, version) != version) _kept.Clear();
        return _kept.GetOrAdd((user.Name, string.Join(',', user.Groups), space), _ => Collect(user, space));
    }

    private Grants Collect(ApiUser user, string? space)
    {
        Grants grants = new([], []);
        foreach (ApiObject binding in store[Rbac, "clusterrolebindings"].List()) Add(grants, binding, user);
        if (space is null) return grants;
        foreach (ApiObject binding in store[Rbac, "rolebindings"].Current.In(space).ToArray()) Add(grants, binding, user);
        return grants;
    }

    private void Add(Grants grants, ApiObject binding, ApiUser user)
    {
        using JsonDocument document = JsonDocument.Parse(binding.Body);
        JsonElement root = document.RootElement;
        if (CellValues.Items(root, "subjects").Where(subject => Is(subject, user)).Select(static subject => (JsonElement?)subject).FirstOrDefault() is not { } subject) return;
        string name = CellValues.Text(root, "roleRef.name") ?? "";
        string kind = CellValues.Text(root, "roleRef.kind") ?? "ClusterRole";
        ApiObject? role = kind == "Role" ? store[Rbac, "roles"].Find(binding.Namespace, name) : store[Rbac, "clusterroles"].Find(null, name);
        if (role is null)
        {
            grants.Missing.Add(name);
            return;
        }

        string space = CellValues.Text(subject, "namespace") is { Length: > 0 } text ? "/" + text : "";
        string what = binding.Namespace is null ? $"ClusterRoleBinding \"{binding.Name}\"" : $"RoleBinding \"{binding.Name}/{binding.Namespace}\"";
        string reason = $"RBAC: allowed by {what} of {kind} \"{name}\" to {CellValues.Text(subject, "kind")} \"{CellValues.Text(subject, "name")}{space}\"";
        grants.Rules.AddRange(RulesIn(role).Select(rule => (rule, reason)));
    }

    private static List<AccessRule> RulesIn(ApiObject role)
    {
        using JsonDocument rules = JsonDocument.Parse(role.Body);
        return [.. CellValues.Items(rules.RootElement, "rules").Select(AccessRule.Of)];
    }

    private static bool Is(JsonElement subject, ApiUser user)
    {
        string name = CellValues.Text(subject, "name") ?? "";
        return CellValues.Text(subject, "kind") switch
        {
            "User" => name == user.Name,
            "Group" => user.AllGroups.Contains(name),
            "ServiceAccount" => user.Name == $"system:serviceaccount:{CellValues.Text(subject, "namespace")}:{name}",
            _ => false,
        };
    }

    private sealed record Grants(List<(AccessRule Rule, string Reason)> Rules, List<string> Missing);
}
