using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Sessions;
using KubeVirtMonitor.Loading;

namespace KubeVirtMonitor.Commands;

/// <summary>Creates the configuration with which an agent finds and scrapes the components of KubeVirt.</summary>
[Cmdlet(VerbsCommon.New, "KubeVirtAgentPatch")]
[OutputType(typeof(AgentPatch), typeof(string))]
public sealed class NewKubeVirtAgentPatchCommand : PSCmdlet
{
    private static readonly AgentPatchOptions Defaults = new();

    /// <summary>The components.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public ComponentKind[] Component { get; set; } = [.. Defaults.Components];

    /// <summary>What scrapes.</summary>
    [Parameter]
    public AgentTool For { get; set; }

    /// <summary>Which of the Datadog Agent's checks scrape.</summary>
    [Parameter]
    public AgentCheck Check { get; set; }

    /// <summary>The namespace of the agent.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AgentNamespace { get; set; }

    /// <summary>The service account of the agent.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AgentServiceAccount { get; set; }

    /// <summary>The namespace KubeVirt is installed in.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? InstallNamespace { get; set; }

    /// <summary>The name of the KubeVirt resource.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KubeVirtName { get; set; }

    /// <summary>The version of the annotations.</summary>
    [Parameter]
    [ValidateRange(1, 2)]
    public int AnnotationVersion { get; set; } = Defaults.AnnotationVersion;

    /// <summary>The path of KubeVirt's authorities in the agent's containers.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateAuthority { get; set; }

    /// <summary>Leaves certificates unverified.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>The name of the cluster.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ClusterName { get; set; }

    /// <summary>Tags for every metric: texts such as <c>env:test</c>, or a dictionary.</summary>
    [Parameter]
    [AgentTagTransformation]
    [ValidateNotNullOrEmpty]
    public string[] Tag { get; set; } = [];

    /// <summary>The pause between two scrapes in seconds.</summary>
    [Parameter]
    [ValidateRange(1, 86_400)]
    public int CollectionInterval { get; set; }

    /// <summary>Writes text in place of the object.</summary>
    [Parameter]
    public AgentPatchFormat As { get; set; }

    /// <summary>The sessions for whose clusters it is, a patch for each; without it the default session, and no session is needed.</summary>
    [Parameter]
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateNotNullOrEmpty]
    public KubeVirtSession[]? Session { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (For != AgentTool.Datadog) this.Refuse($"-For {For}", "it belongs to the annotations of the Datadog Agent", nameof(Check), nameof(AnnotationVersion), nameof(KubeVirtName));
        if (For == AgentTool.Prometheus) this.Refuse("-For Prometheus", "the operator reads PodMonitors and the authority in the namespace of KubeVirt", nameof(AgentNamespace), nameof(AgentServiceAccount), nameof(CertificateAuthority));
        if (SkipCertificateCheck) this.Refuse("-SkipCertificateCheck", "no certificate is verified", nameof(CertificateAuthority));
        if (Check == AgentCheck.KubeVirt)
        {
            this.Refuse("-Check KubeVirt", "its checks give nothing but tls_verify to their scraper: they cannot verify KubeVirt's certificates", nameof(CertificateAuthority));
            this.Refuse("-Check KubeVirt", "its checks do not give tags to their scraper", nameof(Tag), nameof(ClusterName));
        }

        try
        {
            AgentPatchOptions options = new()
            {
                Tool = For,
                Check = Check,
                Components = Component,
                InstallNamespace = InstallNamespace,
                KubeVirtName = KubeVirtName,
                AgentNamespace = AgentNamespace ?? (For == AgentTool.OpenTelemetry ? "opentelemetry" : Defaults.AgentNamespace),
                AgentServiceAccount = AgentServiceAccount ?? (For == AgentTool.OpenTelemetry ? "opentelemetry-collector" : Defaults.AgentServiceAccount),
                AnnotationVersion = AnnotationVersion,
                CertificateAuthority = CertificateAuthority,
                SkipCertificateCheck = SkipCertificateCheck,
                ClusterName = ClusterName,
                Tags = Tag,
                CollectionInterval = CollectionInterval == 0 ? null : CollectionInterval,
                Yaml = LazyYamlWriter.Instance,
            };
            foreach (KubeVirtSession? session in (KubeVirtSession?[]?)Session ?? [SessionStore.Current.Default]) Write(AgentPatchBuilder.Build(session is null ? options : AgentPatchBuilder.For(options, session)));
        }
        catch (KubernetesException error)
        {
            ThrowTerminatingError(ErrorRecords.Failed(error));
        }
    }

    private void Write(AgentPatch patch)
    {
        foreach (string warning in patch.Warnings) WriteWarning(warning);
        bool isText = MyInvocation.BoundParameters.ContainsKey(nameof(As));
        if (isText && As is (AgentPatchFormat.Yaml or AgentPatchFormat.Json) && patch.Patches.Count > 0) WriteWarning($"{AgentPatchText.NotIncluded} Use Install-KubeVirtAgentPatch, or -As PatchFile or KustomizePatch.");
        WriteObject(isText ? patch.ToString(As) : patch);
    }
}
