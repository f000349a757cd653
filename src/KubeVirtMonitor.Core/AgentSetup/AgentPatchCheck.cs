namespace KubeVirtMonitor;

/// <summary>The points of a test of an Agent's setup.</summary>
public enum AgentPatchCheck
{
    /// <summary>The KubeVirt resource has the patch.</summary>
    Patch,

    /// <summary>virt-operator has seen the last change of the KubeVirt resource.</summary>
    Operator,

    /// <summary>The deployment or daemon set carries the annotations, and all of its pods are of that template.</summary>
    Rollout,

    /// <summary>A pod carries the annotations, and each is JSON.</summary>
    Annotation,

    /// <summary>The addresses in a pod's annotations answer, with the TLS settings stated there.</summary>
    Endpoint,

    /// <summary>The service account exists.</summary>
    ServiceAccount,

    /// <summary>The service account may list machines and instances.</summary>
    Access,

    /// <summary>The pods of the Agent run.</summary>
    Agent,

    /// <summary>An Agent has been given the check.</summary>
    Dispatch,
}
