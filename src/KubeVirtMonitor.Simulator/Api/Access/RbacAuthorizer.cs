using System.Collections.Concurrent;
using System.Text.Json;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Decides by the roles and bindings in the store, so that creating them has its effect; and by refusals on top.</summary>
internal sealed class RbacAuthorizer(ResourceStore store)
{
    private const string Rbac = "rbac.authorization.k8s.io";

    private readonly ConcurrentDictionary<(string, string, string?), AccessRule[]> _kept = [];
    private long _keptVersion;

    /// <summary>What is refused whatever the roles say.</summary>
    public ConcurrentDictionary<ApiRefusal, byte> Refusals { get; } = [];

    public bool Allows(ApiUser user, AccessQuery query)
    {
        if (Refusals.Keys.Any(refusal => refusal.Matches(user.Name, query))) return false;
        return user.Groups.Contains("system:masters") || RulesOf(user, query.Namespace).Any(rule => rule.Allows(query));
    }

    /// <summary>The rules of a user: those of the cluster, and those of a namespace when one is given.</summary>
    public IReadOnlyList<AccessRule> RulesOf(ApiUser user, string? space)
    {
        long version = Math.Max(
            Math.Max(store[Rbac, "clusterroles"].Current.Version, store[Rbac, "clusterrolebindings"].Current.Version),
            Math.Max(store[Rbac, "roles"].Current.Version, store[Rbac, "rolebindings"].Current.Version));
        if (Interlocked.Exchange(ref _keptVersion, version) != version) _kept.Clear();
        return _kept.GetOrAdd((user.Name, string.Join(',', user.Groups), space), _ => [.. Collect(user, space)]);
    }

    private IEnumerable<AccessRule> Collect(ApiUser user, string? space)
    {
        foreach (ApiObject binding in store[Rbac, "clusterrolebindings"].List())
        {
            foreach (AccessRule rule in Bound(binding, user)) yield return rule;
        }

        if (space is null) yield break;
        foreach (ApiObject binding in store[Rbac, "rolebindings"].Current.In(space).ToArray())
        {
            foreach (AccessRule rule in Bound(binding, user)) yield return rule;
        }
    }

    private List<AccessRule> Bound(ApiObject binding, ApiUser user)
    {
        using JsonDocument document = JsonDocument.Parse(binding.Body);
        JsonElement root = document.RootElement;
        if (!CellValues.Items(root, "subjects").Any(subject => Is(subject, user))) return [];
        string name = CellValues.Text(root, "roleRef.name") ?? "";
        ApiObject? role = CellValues.Text(root, "roleRef.kind") == "Role" ? store[Rbac, "roles"].Find(binding.Namespace, name) : store[Rbac, "clusterroles"].Find(null, name);
        if (role is null) return [];
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
}
