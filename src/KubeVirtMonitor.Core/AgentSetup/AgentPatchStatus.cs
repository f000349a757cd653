namespace KubeVirtMonitor;

/// <summary>The result of one check of an Agent's setup.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Target">At what: a resource, a pod, an account.</param>
/// <param name="State">How it came out.</param>
/// <param name="Message">What was found.</param>
/// <param name="Advice">What to do; empty where nothing is to be done.</param>
public sealed record AgentPatchStatus(AgentPatchCheck Check, string Target, AgentPatchState State, string Message, string Advice = "")
{
    /// <summary>The component it is about; null for what is about all.</summary>
    public ComponentKind? Component { get; init; }

    /// <summary>The setting of a caller that this hangs on; null where none would change it.</summary>
    public Setting? Setting { get; init; }

    /// <summary>The namespace of the Agent, where the setting is one of it; else null.</summary>
    internal string? AgentNamespace { get; init; }

    /// <summary>The session whose cluster it is of.</summary>
    internal KubeVirtSession? Session { get; init; }

    /// <summary>The cluster it is of: the context of the kubeconfig, else the address of the API server; null where it comes from no session.</summary>
    public string? Cluster => Session?.ToString();

    /// <inheritdoc/>
    public override string ToString() => $"{State}: {Check} {Target}: {Message}";
}

/// <summary>The checks of an Agent's setup.</summary>
public enum AgentPatchCheck
{
    /// <summary>The KubeVirt resource has the patch.</summary>
    Patch,

    /// <summary>virt-operator has seen the last change of the KubeVirt resource.</summary>
    Operator,

    /// <summary>The deployment or daemon set carries the annotations, and all of its pods are of that template.</summary>
    Rollout,

    /// <summary>A pod carries the annotations, each is JSON, and the Agent can use them.</summary>
    Annotation,

    /// <summary>The addresses in a pod's annotations answer, with the TLS settings stated there.</summary>
    Endpoint,

    /// <summary>The service account exists.</summary>
    ServiceAccount,

    /// <summary>The service account may list machines and instances.</summary>
    Access,

    /// <summary>The ConfigMap in the Agent's namespace holds the authorities that KubeVirt uses now, under the names by which OpenSSL looks for them.</summary>
    Authority,

    /// <summary>The Agent's containers have that ConfigMap where the annotations say.</summary>
    Mount,

    /// <summary>The pods of the Agent run, and no other Agent runs on the same nodes.</summary>
    Agent,

    /// <summary>The Agent of a pod's node says that the metrics of that pod arrive.</summary>
    Metrics,
}

/// <summary>The outcome of a check.</summary>
public enum AgentPatchState
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>It works, and is not as it should be.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,

    /// <summary>It could not be looked at.</summary>
    Skipped,
}
