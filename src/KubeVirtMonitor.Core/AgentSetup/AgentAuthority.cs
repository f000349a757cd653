using System.Text.Json.Nodes;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>KubeVirt's authorities where the Agent can mount them: a ConfigMap in its namespace, since a pod mounts none of another one. virt-operator renews them, and so they have to be renewed here.</summary>
internal static class AgentAuthority
{
    /// <summary>The ConfigMap.</summary>
    public const string Name = AgentAccess.Name + "-ca";

    /// <summary>The volume of the Agent's pods.</summary>
    public const string Volume = ComponentFacts.AuthorityConfigMap;

    /// <summary>The directory in the Agent's containers.</summary>
    public const string MountPath = "/etc/" + ComponentFacts.AuthorityConfigMap;

    /// <summary>What it takes to have there what KubeVirt has now.</summary>
    /// <exception cref="KubernetesException">KubeVirt's authorities cannot be read, or the ConfigMap is somebody else's.</exception>
    public static async Task<OwnedObject> ForInstallAsync(KubeVirtSession session, string agentNamespace, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> files = await FilesAsync(session, cancellationToken).ConfigureAwait(false);
        JsonObject data = [];
        foreach ((string name, string pem) in files) data[name] = pem;
        JsonObject wanted = new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = agentNamespace, ["labels"] = new JsonObject { [OwnedObject.ManagerLabel] = AgentAccess.Manager } },
            ["data"] = data,
        };
        string what = $"KubeVirt's {(files.Count == 1 ? "authority" : $"{files.Count} authorities")} ({string.Join(", ", files.Keys)}), in namespace {agentNamespace}";
        return await OwnedObject.ForInstallAsync(session.Client, ResourceType.ConfigMaps, wanted, "data", what, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What it takes to have none there.</summary>
    public static Task<OwnedObject> ForUninstallAsync(IKubernetesClient client, string agentNamespace, CancellationToken cancellationToken) =>
        OwnedObject.ForUninstallAsync(client, ResourceType.ConfigMaps, "ConfigMap", agentNamespace, Name, isLast: true, cancellationToken);

    /// <summary>The namespaces that have one of this module's.</summary>
    /// <exception cref="KubernetesException">ConfigMaps may not be listed.</exception>
    public static async Task<IReadOnlyList<string>> NamespacesAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        List<string> found = [];
        ListOptions options = new() { LabelSelector = $"{OwnedObject.ManagerLabel}={AgentAccess.Manager}", BadItem = static _ => { } };
        await foreach (ObjectMeta map in client.ListAsync(ResourceType.ConfigMaps, static json => ObjectMeta.Read(json), options, cancellationToken).ConfigureAwait(false))
        {
            if (map.Name == Name) found.Add(map.Namespace);
        }

        return found;
    }

    /// <summary>The authorities that KubeVirt has now, as <see cref="AuthorityFiles"/>.</summary>
    /// <exception cref="KubernetesException">They cannot be read.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> FilesAsync(KubeVirtSession session, CancellationToken cancellationToken) =>
        AuthorityFiles.Of(await ComponentAuthority.ReadAsync(session, cancellationToken).ConfigureAwait(false));

    /// <summary>The volumes and mounts for the Agent's pods.</summary>
    /// <remarks>A ConfigMap that is not there must not keep an Agent from starting.</remarks>
    public static (JsonArray Volumes, JsonArray Mounts) Mount(string path) =>
    (
        new JsonArray(new JsonObject { ["name"] = Volume, ["configMap"] = new JsonObject { ["name"] = Name, ["optional"] = true } }),
        new JsonArray(new JsonObject { ["name"] = Volume, ["mountPath"] = path, ["readOnly"] = true }));
}
