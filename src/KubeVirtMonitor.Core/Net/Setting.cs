namespace KubeVirtMonitor;

/// <summary>The settings of callers. An error names the setting that it depends on.</summary>
public enum Setting
{
    /// <summary>The address of an endpoint.</summary>
    Address,

    /// <summary>The address of a server with Prometheus' API.</summary>
    PrometheusAddress,

    /// <summary>The path of a saved scrape.</summary>
    File,

    /// <summary>The component that a scrape is of.</summary>
    Component,

    /// <summary>A bearer token.</summary>
    Token,

    /// <summary>A user name and a password.</summary>
    Credential,

    /// <summary>Further headers of requests.</summary>
    Headers,

    /// <summary>The certificate that this side shows.</summary>
    ClientCertificate,

    /// <summary>Whom to trust as issuers of servers' certificates.</summary>
    CertificateAuthority,

    /// <summary>The proxy.</summary>
    Proxy,

    /// <summary>How long an answer may take.</summary>
    Timeout,

    /// <summary>The most bytes of a body.</summary>
    BodySize,

    /// <summary>The most bytes of a packed body.</summary>
    CompressedSize,

    /// <summary>The most series of a scrape.</summary>
    Series,

    /// <summary>The most names of metrics in a scrape.</summary>
    Names,

    /// <summary>The kubeconfig.</summary>
    KubeConfig,

    /// <summary>The context of a kubeconfig.</summary>
    Context,

    /// <summary>The address of an API server, given without a kubeconfig.</summary>
    Server,

    /// <summary>The namespace of an object.</summary>
    Namespace,

    /// <summary>The namespace that KubeVirt is installed in.</summary>
    InstallNamespace,

    /// <summary>The way to components.</summary>
    Route,

    /// <summary>A probe to run.</summary>
    Probe,

    /// <summary>Whether a patch of others on the same annotations is overruled.</summary>
    Force,

    /// <summary>The version of the Agent's annotations.</summary>
    AnnotationVersion,

    /// <summary>The service account of the Agent, and its namespace.</summary>
    AgentAccount,

    /// <summary>The patch for an Agent.</summary>
    AgentPatch,

    /// <summary>The options of a patch for an Agent that is installed.</summary>
    InstalledPatch,

    /// <summary>Whom the Agent trusts as issuers of the components' certificates.</summary>
    AgentAuthority,

    /// <summary>That what the Agent has of KubeVirt's authorities is renewed, and nothing else changed.</summary>
    AuthorityRenewal,

    /// <summary>How the authorities get into the Agent's containers.</summary>
    AgentMount,

    /// <summary>Whether the Agent verifies the components' certificates.</summary>
    AgentVerification,

    /// <summary>An open session.</summary>
    Session,

    /// <summary>Which series of a server count, by their labels.</summary>
    Match,

    /// <summary>The address of a server with the API of Prometheus.</summary>
    PrometheusUri,
}
