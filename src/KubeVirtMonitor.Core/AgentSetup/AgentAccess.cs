using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>The permission of the Agent to list machines and instances, which the check of virt-api counts.</summary>
internal static class AgentAccess
{
    public const string Name = "datadog-agent-kubevirt";
    public const string Role = "kubevirt.io:view";
    public const string ManagerLabel = "app.kubernetes.io/managed-by";
    public const string Manager = "KubeVirtMonitor";

    public static ResourceType Bindings { get; } = new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", IsNamespaced: false);

    public static JsonObject Binding(AgentPatchOptions options) => new()
    {
        ["apiVersion"] = "rbac.authorization.k8s.io/v1",
        ["kind"] = "ClusterRoleBinding",
        ["metadata"] = new JsonObject { ["name"] = Name, ["labels"] = new JsonObject { [ManagerLabel] = Manager } },
        ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = Role },
        ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = options.AgentServiceAccount, ["namespace"] = options.AgentNamespace }),
    };

    /// <summary>Whether a binding is one that this module made.</summary>
    public static bool IsOwn(JsonNode binding) => (string?)binding["metadata"]?["labels"]?[ManagerLabel] == Manager;

    /// <summary>Whether a binding gives at least what another one gives.</summary>
    public static bool Covers(JsonNode binding, JsonNode wanted) =>
        (string?)binding["roleRef"]?["name"] == (string?)wanted["roleRef"]!["name"]
        && (string?)binding["roleRef"]?["kind"] == "ClusterRole"
        && wanted["subjects"]!.AsArray().All(subject => (binding["subjects"] as JsonArray)?.Any(present => IsSame(present, subject)) == true);

    private static bool IsSame(JsonNode? left, JsonNode? right) =>
        (string?)left?["kind"] == (string?)right?["kind"] && (string?)left?["name"] == (string?)right?["name"] && (string?)left?["namespace"] == (string?)right?["namespace"];
}
