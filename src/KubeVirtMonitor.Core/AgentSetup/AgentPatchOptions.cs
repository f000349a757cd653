using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor;

/// <summary>The options of an <see cref="AgentPatch"/>.</summary>
internal sealed record AgentPatchOptions
{
    /// <summary>What scrapes.</summary>
    public AgentTool Tool { get; init; }

    /// <summary>Which of the Datadog Agent's checks scrape.</summary>
    public AgentCheck Check { get; init; }

    /// <summary>The components: Api, Controller, Handler. The Datadog Agent has no check for virt-operator.</summary>
    public IReadOnlyList<ComponentKind> Components { get; init; } = [ComponentKind.Api, ComponentKind.Controller, ComponentKind.Handler];

    /// <summary>The namespace KubeVirt is installed in; null = that of the cluster.</summary>
    public string? InstallNamespace { get; init; }

    /// <summary>The namespace of KubeVirt in the cluster that is looked at.</summary>
    public string ClusterNamespace { get; init; } = "kubevirt";

    /// <summary>The namespace in the end.</summary>
    public string Space => InstallNamespace ?? ClusterNamespace;

    /// <summary>The version of KubeVirt in that cluster; null = not known.</summary>
    public KubeVirtVersion? KubeVirtVersion { get; init; }

    /// <summary>The name of the KubeVirt resource; null = that of the cluster.</summary>
    public string? KubeVirtName { get; init; }

    /// <summary>The name of the KubeVirt resource in the cluster that is looked at.</summary>
    public string ClusterKubeVirtName { get; init; } = "kubevirt";

    /// <summary>Whether the HyperConverged operator keeps KubeVirt in that cluster.</summary>
    public bool IsManaged { get; init; }

    /// <summary>The namespace of the agent.</summary>
    public string AgentNamespace { get; init; } = "datadog";

    /// <summary>The service account of the agent.</summary>
    public string AgentServiceAccount { get; init; } = "datadog-agent";

    /// <summary>1 = three annotations for each container; 2 = one, which Agents since 7.36 understand.</summary>
    public int AnnotationVersion { get; init; } = 2;

    /// <summary>Where KubeVirt's authorities are in the agent's containers; null = <see cref="AuthorityPath"/>.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>The same, in the end: a directory for the Datadog Agent, a file for the others.</summary>
    public string AuthorityPath => CertificateAuthority ?? (Tool == AgentTool.Datadog ? AgentAuthority.MountPath : $"{AgentAuthority.MountPath}/{ComponentFacts.AuthorityKey}");

    /// <summary>Leaves certificates unverified.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>The name of the cluster; null = none is added.</summary>
    public string? ClusterName { get; init; }

    /// <summary>Tags for every metric, as <c>key:value</c>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The pause between two scrapes in seconds; null = the agent's own.</summary>
    public int? CollectionInterval { get; init; }

    /// <summary>Writes the text; null = it is JSON, which is YAML too.</summary>
    public IYamlWriter? Yaml { get; init; }
}

/// <summary>The tool that scrapes the components of KubeVirt.</summary>
public enum AgentTool
{
    /// <summary>The Datadog Agent: annotations on the pods of the components, by patches in the KubeVirt resource.</summary>
    Datadog,

    /// <summary>The Prometheus operator: a PodMonitor for each component.</summary>
    Prometheus,

    /// <summary>An OpenTelemetry Collector: the scrape configuration of its Prometheus receiver.</summary>
    OpenTelemetry,
}
