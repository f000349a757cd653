using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Yaml;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>What a patch says.</summary>
public sealed class AgentPatchTests
{
    // What each instance says besides its list of names. The names of the options, and which of them reach what, were seen by running the Agent's checks.
    private const string Handler = """{"openmetrics_endpoint":"https://%%host%%:%%port_metrics%%/metrics","namespace":"kubevirt_handler","rename_labels":{"namespace":"vm_namespace"},"tags":["kube_namespace:%%kube_namespace%%","pod_name:%%kube_pod_name%%"],"max_returned_metrics":1000000,"tls_verify":true,"tls_ca_cert":"/etc/kubevirt-ca","tls_use_host_header":true,"extra_headers":{"Host":"virt-handler.kubevirt.svc"}}""";

    private const string Counts = """{"kubevirt_api_metrics_endpoint":"https://%%host%%:%%port_metrics%%/metrics","kubevirt_api_healthz_endpoint":"https://%%host%%:%%port_metrics%%/healthz","kube_namespace":"%%kube_namespace%%","kube_pod_name":"%%kube_pod_name%%","tls_verify":false,"metric_patterns":{"include":["^kubevirt_api\\.can_connect$","^kubevirt_api\\.vm\\.count$","^kubevirt_api\\.vmi\\.count$"]}}""";

    [Fact]
    public void VersionTwoHasOneAnnotationAndTheHandlerIsADaemonSet()
    {
        AgentPatch patch = AgentCluster.Patch();
        Assert.Equal(["Deployment virt-api", "Deployment virt-controller", "DaemonSet virt-handler"], patch.Patches.Select(one => one.ToString()));
        Assert.All(patch.Patches, one => Assert.Equal("strategic", one.Type));
        (string key, string value) = Assert.Single(patch.Patches[2].Annotations);
        Assert.Equal("ad.datadoghq.com/virt-handler.checks", key);
        Assert.Equal(("openmetrics", Handler), Bare(Assert.Single(Instances(value))));
        JsonObject annotations = JsonNode.Parse(patch.Patches[2].Patch)!["spec"]!["template"]!["metadata"]!["annotations"]!.AsObject();
        Assert.Equal(value, (string?)Assert.Single(annotations).Value);
        Assert.Equal("virt-handler.cnv.svc", Host(AgentCluster.Patch(new AgentPatchOptions { InstallNamespace = "cnv" }).Patches[2]));

        static string? Host(ComponentPatch one) => (string?)Instances(one.Annotations.Values.Single()).Single().Instance["extra_headers"]!["Host"];
    }

    [Fact]
    public void OfVirtApiAnotherCheckCountsTheMachines()
    {
        (string Check, JsonObject Instance)[] all = Instances(AgentCluster.Patch().Patches[0].Annotations.Values.Single());
        Assert.Equal(["openmetrics", "kubevirt_api"], all.Select(one => one.Check));
        Assert.Equal(Counts, all[1].Instance.ToJsonString(DatadogCheck.Plain));
        Assert.Equal("""{"version":"kubevirt_api_version","host":"kubevirt_api_host"}""", all[0].Instance["rename_labels"]!.ToJsonString());
    }

    [Fact]
    public void VersionOneHasThreeAnnotationsForTheContainer()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Components = [ComponentKind.Api, ComponentKind.Handler], AnnotationVersion = 1, ClusterName = "prod", Tags = ["env:x"], CollectionInterval = 30 });
        IReadOnlyDictionary<string, string> api = patch.Patches[0].Annotations;
        Assert.Equal(["ad.datadoghq.com/virt-api.check_names", "ad.datadoghq.com/virt-api.init_configs", "ad.datadoghq.com/virt-api.instances"], api.Keys);
        Assert.Equal("""["openmetrics","kubevirt_api"]""", api["ad.datadoghq.com/virt-api.check_names"]);
        Assert.Equal("[{},{}]", api["ad.datadoghq.com/virt-api.init_configs"]);
        JsonArray both = JsonNode.Parse(api["ad.datadoghq.com/virt-api.instances"])!.AsArray();
        Assert.Equal(["kubevirt_api", null], both.Select(instance => (string?)instance!["namespace"]));
        Assert.All(both, instance => Assert.Equal(30, (int?)instance!["min_collection_interval"]));
        JsonNode handler = Assert.Single(JsonNode.Parse(patch.Patches[1].Annotations["ad.datadoghq.com/virt-handler.instances"])!.AsArray())!;
        Assert.Equal("""["kube_namespace:%%kube_namespace%%","pod_name:%%kube_pod_name%%","kube_cluster_name:prod","env:x"]""", handler["tags"]!.ToJsonString());
        Assert.Equal("""["openmetrics"]""", patch.Patches[1].Annotations["ad.datadoghq.com/virt-handler.check_names"]);
    }

    /// <summary>Of each component a counter, a histogram, a gauge with a type of its own, and what a later KubeVirt calls otherwise.</summary>
    [Theory]
    [InlineData(0, "rest_client_requests", "\"rest.client_requests\"")]
    [InlineData(0, "kubevirt_rest_client_requests", "\"rest.client_requests\"")]
    [InlineData(1, "kubevirt_vm_running_status_last_transition_timestamp_seconds", """{"name":"vm.running_status_last_transition_timestamp_seconds.count","type":"gauge"}""")]
    [InlineData(1, "kubevirt_vmi_info", "\"vmi.phase_count\"")]
    [InlineData(1, "kubevirt_workqueue_queue_duration_seconds", "\"workqueue.queue_duration_seconds\"")]
    [InlineData(2, "kubevirt_vmi_network_receive_bytes", "\"vmi.network_receive_bytes\"")]
    public void NamesAreThoseOfEveryVersion(int place, string raw, string expected)
    {
        JsonObject names = Instances(AgentCluster.Patch().Patches[place].Annotations.Values.Single())[0].Instance["metrics"]!.AsArray().Single()!.AsObject();
        Assert.Equal(expected, names[raw]?.ToJsonString());
    }

    [Fact]
    public void WithoutVerificationNothingIsSaidOfAuthorities()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { SkipCertificateCheck = true });
        JsonObject instance = Instances(patch.Patches[1].Annotations.Values.Single()).Single().Instance;
        Assert.Equal("""{"tls_verify":false}""", new JsonObject(instance.Where(option => option.Key.StartsWith("tls_", StringComparison.Ordinal) || option.Key.Contains("headers", StringComparison.Ordinal)).Select(option => KeyValuePair.Create(option.Key, option.Value?.DeepClone()))).ToJsonString());
        Assert.Contains("Certificates are not verified: anything that responds at a pod's address is trusted", string.Join('\n', patch.Warnings), StringComparison.Ordinal);
        Assert.Throws<KubernetesException>(() => patch.ToString(AgentPatchFormat.HelmValues));
        Assert.Throws<KubernetesException>(() => patch.ToString(AgentPatchFormat.DaemonSetPatch));
    }

    [Fact]
    public void TheChecksOfTheGuidesAreAsTheGuidesHaveThemAndSayWhatNeverArrives()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Check = AgentCheck.KubeVirt, KubeVirtVersion = new(1, 9), CollectionInterval = 20 });
        (string check, JsonObject instance) = Assert.Single(Instances(patch.Patches[1].Annotations.Values.Single()));
        Assert.Equal("kubevirt_controller", check);
        Assert.Equal(
            """{"kubevirt_controller_metrics_endpoint":"https://%%host%%:%%port_metrics%%/metrics","kubevirt_controller_healthz_endpoint":"https://%%host%%:%%port_metrics%%/healthz","kube_namespace":"%%kube_namespace%%","kube_pod_name":"%%kube_pod_name%%","tls_verify":false,"min_collection_interval":20}""",
            instance.ToJsonString(DatadogCheck.Plain));
        Assert.Contains("With KubeVirt 1.9.0, kubevirt_controller does not send kubevirt_controller.vmi.phase_count.", patch.Warnings);
        Assert.Contains("cannot verify", patch.Warnings[0], StringComparison.Ordinal);
        Assert.False(patch.Verifies);
        Assert.Single(AgentCluster.Patch(new AgentPatchOptions { Check = AgentCheck.KubeVirt, KubeVirtVersion = new(1, 2) }).Warnings);
        JsonNode helm = new YamlReader().ReadAll(patch.ToString(AgentPatchFormat.HelmValues))[0]!;
        Assert.Equal(["kubevirt_api.yaml", "kubevirt_controller.yaml", "kubevirt_handler.yaml"], helm["datadog"]!["confd"]!.AsObject().Select(one => one.Key));
        Assert.True(JsonNode.DeepEquals(instance, new YamlReader().ReadAll((string)helm["datadog"]!["confd"]!["kubevirt_controller.yaml"]!)[0]!["instances"]![0]));
        JsonNode operated = new YamlReader().ReadAll(patch.ToString(AgentPatchFormat.DatadogAgent))[0]!;
        Assert.True(JsonNode.DeepEquals(helm["datadog"]!["confd"], operated["spec"]!["override"]!["nodeAgent"]!["extraConfd"]!["configDataMap"]));
        Assert.Throws<KubernetesException>(() => patch.ToString(AgentPatchFormat.DaemonSetPatch));
    }

    /// <summary>kubevirt_vmi_vcpu_seconds_total is in milliseconds from 1.2.1 to before 1.6, and kubevirt_vmi_vcpu_wait_seconds_total from 1.2.1 to before 1.3 (fixed in KubeVirt's tags).</summary>
    [Theory]
    [InlineData("1.4.0", "KubeVirt 1.4.0 exports kubevirt_handler.vmi.vcpu_seconds.count in milliseconds, and the Agent cannot divide: in Datadog, they are a thousand times too large.")]
    [InlineData("1.2.2", "KubeVirt 1.2.2 exports kubevirt_handler.vmi.vcpu_seconds.count and kubevirt_handler.vmi.vcpu_wait_seconds.count in milliseconds, and the Agent cannot divide: in Datadog, they are a thousand times too large.")]
    [InlineData("1.9.0", null)]
    public void WhatArrivesAThousandTimesTooLargeIsSaid(string version, string? expected)
    {
        Assert.True(KubeVirtVersion.TryParse(version, out KubeVirtVersion parsed));
        Assert.Equal(expected is null ? [] : [expected], AgentCluster.Patch(new AgentPatchOptions { KubeVirtVersion = parsed }).Warnings);
    }

    [Fact]
    public void TheTextIsYamlOfTheDocumentsAndTheBindingIsInTheNamespaceOfTheAgent()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { AgentNamespace = "monitoring", AgentServiceAccount = "dd.agent" });
        IReadOnlyList<JsonNode?> read = new YamlReader().ReadAll(patch.ToString());
        Assert.Equal("ClusterRoleBinding", (string?)Assert.Single(read)!["kind"]);
        Each.Of(read.Zip(patch.Documents), pair => Assert.True(JsonNode.DeepEquals(pair.First, pair.Second)));
        Assert.Equal("""[{"kind":"ServiceAccount","name":"dd.agent","namespace":"monitoring"}]""", patch.ClusterRoleBinding!["subjects"]!.ToJsonString());
        Assert.Equal("kubevirt.io:view", (string?)patch.ClusterRoleBinding["roleRef"]!["name"]);
        Assert.Equal(["openmetrics.d/kubevirt_api.yaml", "kubevirt_api.d/conf.yaml", "openmetrics.d/kubevirt_controller.yaml", "openmetrics.d/kubevirt_handler.yaml"], patch.AgentConfiguration.Keys);
        JsonNode configuration = new YamlReader().ReadAll(patch.AgentConfiguration["openmetrics.d/kubevirt_handler.yaml"])[0]!;
        Assert.Equal("virt-handler", (string?)configuration["ad_identifiers"]![0]);
        Assert.Equal("kubevirt_handler", (string?)configuration["instances"]![0]!["namespace"]);
    }

    [Fact]
    public void WhoeverDoesNotCountMachinesNeedsNoPermission()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Components = [ComponentKind.Handler] });
        Assert.Null(patch.ClusterRoleBinding);
        Assert.Empty(patch.Documents);
        Assert.DoesNotContain("ClusterRoleBinding", patch.ToString(AgentPatchFormat.PatchFile), StringComparison.Ordinal);
        KubernetesException error = Assert.Throws<KubernetesException>(() => patch.ToString(AgentPatchFormat.Yaml));
        Assert.Contains("without virt-api it needs no permission", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PrometheusVerifiesEachComponentByItsOwnName()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Tool = AgentTool.Prometheus, CollectionInterval = 15, Tags = ["team-name:a$b"] });
        Assert.Empty(patch.Patches);
        Assert.Equal(["virt-api.kubevirt.svc", "virt-controller.kubevirt.svc", "virt-handler.kubevirt.svc"], patch.Documents.Select(document => (string?)Endpoint(document)["tlsConfig"]!["serverName"]));
        Assert.All(patch.Documents, document => Assert.True((bool?)Endpoint(document)["honorLabels"]));
        Assert.Equal("15s", (string?)Endpoint(patch.Documents[0])["interval"]);
        Assert.Equal("""[{"targetLabel":"team_name","replacement":"a$$b"}]""", Endpoint(patch.Documents[0])["relabelings"]!.ToJsonString());
        static JsonNode Endpoint(JsonObject document) => document["spec"]!["podMetricsEndpoints"]![0]!;
    }

    [Theory]
    [InlineData(AgentTool.Datadog)]
    [InlineData(AgentTool.Prometheus)]
    [InlineData(AgentTool.OpenTelemetry)]
    public void WhatIsNotVerifiedIsAWarningOfEveryTool(AgentTool tool)
    {
        const string Said = "Certificates are not verified: anything that responds at a pod's address is trusted, and can send false metrics.";
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Tool = tool, SkipCertificateCheck = true });
        Assert.Equal([Said], patch.Warnings);
        Assert.Contains("# " + Said, patch.ToString(), StringComparison.Ordinal);
        Assert.Empty(AgentCluster.Patch(new AgentPatchOptions { Tool = tool }).Warnings);
    }

    [Fact]
    public void OpenTelemetryHasAReceiverThatFindsThePods()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Tool = AgentTool.OpenTelemetry, Components = [ComponentKind.Handler], AgentNamespace = "otel", AgentServiceAccount = "collector" });
        Assert.Equal(["Role", "RoleBinding", "ConfigMap"], patch.Documents.Select(document => (string?)document["kind"]));
        JsonNode scrape = new YamlReader().ReadAll((string)patch.Documents[2]["data"]!["kubevirt.yaml"]!)[0]!["receivers"]!["prometheus/kubevirt"]!["config"]!["scrape_configs"]![0]!;
        Assert.Equal("""{"ca_file":"/etc/kubevirt-ca/ca-bundle","server_name":"virt-handler.kubevirt.svc"}""", scrape["tls_config"]!.ToJsonString());
        Assert.True((bool?)scrape["honor_labels"]);
        Assert.Equal("pod", (string?)scrape["kubernetes_sd_configs"]![0]!["role"]);
        JsonNode values = new YamlReader().ReadAll(patch.ToString(AgentPatchFormat.HelmValues))[0]!;
        Assert.Equal("""[{"name":"kubevirt-ca","mountPath":"/etc/kubevirt-ca","readOnly":true}]""", values["extraVolumeMounts"]!.ToJsonString());
        Assert.Equal("""{"name":"kubevirt-ca","items":[{"key":"ca-bundle","path":"ca-bundle"}]}""", values["extraVolumes"]![0]!["configMap"]!.ToJsonString());
        Assert.Throws<KubernetesException>(() => patch.ToString(AgentPatchFormat.KustomizePatch));
    }

    [Fact]
    public void ChartOperatorAndDaemonSetMountTheAuthorities()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { CertificateAuthority = "/certs/kv" });
        const string Volumes = """[{"name":"kubevirt-ca","configMap":{"name":"datadog-agent-kubevirt-ca","optional":true}}]""";
        const string Mounts = """[{"name":"kubevirt-ca","mountPath":"/certs/kv","readOnly":true}]""";
        JsonNode helm = new YamlReader().ReadAll(patch.ToString(AgentPatchFormat.HelmValues))[0]!["agents"]!;
        JsonNode operated = new YamlReader().ReadAll(patch.ToString(AgentPatchFormat.DatadogAgent))[0]!["spec"]!["override"]!["nodeAgent"]!;
        JsonNode pod = new YamlReader().ReadAll(patch.ToString(AgentPatchFormat.DaemonSetPatch))[0]!["spec"]!["template"]!["spec"]!;
        Assert.Equal((Volumes, Mounts), (helm["volumes"]!.ToJsonString(), helm["volumeMounts"]!.ToJsonString()));
        Assert.Equal((Volumes, Mounts), (operated["volumes"]!.ToJsonString(), operated["containers"]!["agent"]!["volumeMounts"]!.ToJsonString()));
        Assert.Equal((Volumes, Mounts), (pod["volumes"]!.ToJsonString(), pod["containers"]![0]!["volumeMounts"]!.ToJsonString()));
        Assert.Equal("agent", (string?)pod["containers"]![0]!["name"]);
        Assert.Equal("/certs/kv", (string?)Instances(patch.Patches[2].Annotations.Values.Single()).Single().Instance["tls_ca_cert"]);
    }

    public static TheoryData<object, string> Bad => new()
    {
        { new AgentPatchOptions { AgentNamespace = "Data_Dog" }, "'Data_Dog' cannot be the namespace of the agent" },
        { new AgentPatchOptions { InstallNamespace = new string('a', 64) }, "cannot be the namespace of KubeVirt" },
        { new AgentPatchOptions { AgentServiceAccount = "-agent" }, "'-agent' cannot be the name of a service account" },
        { new AgentPatchOptions { AgentServiceAccount = "a..b" }, "cannot be the name of a service account" },
        { new AgentPatchOptions { Components = [ComponentKind.Operator] }, "virt-operator" },
        { new AgentPatchOptions { Components = [] }, "there is no component" },
        { new AgentPatchOptions { AnnotationVersion = 3 }, "no version 3" },
        { new AgentPatchOptions { CollectionInterval = 0 }, "0 seconds" },
        { new AgentPatchOptions { CertificateAuthority = "ca.crt" }, "not the full path of a directory" },
        { new AgentPatchOptions { CertificateAuthority = "/" }, "not the full path of a directory" },
        { new AgentPatchOptions { Tool = AgentTool.OpenTelemetry, CertificateAuthority = "/ca.crt" }, "not the full path of a file in a folder" },
        { new AgentPatchOptions { Check = AgentCheck.KubeVirt, CertificateAuthority = "/etc/x" }, "they hand nothing but tls_verify to their scraper" },
        { new AgentPatchOptions { Check = AgentCheck.KubeVirt, Tags = ["a:b"] }, "tags have no effect" },
        { new AgentPatchOptions { Check = AgentCheck.KubeVirt, ClusterName = "prod" }, "tags have no effect" },
        { new AgentPatchOptions { ClusterName = "a b" }, "not a valid name for a cluster" },
        { new AgentPatchOptions { Tags = ["novalue"] }, "'novalue' is not a tag" },
        { new AgentPatchOptions { Tags = ["a:%%env_X%%"] }, "is not a tag" },
    };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void WhatCannotBeUsedIsSaid(object options, string message)
    {
        KubernetesException error = Assert.Throws<KubernetesException>(() => AgentPatchBuilder.Build((AgentPatchOptions)options));
        Assert.Equal(KubernetesError.ArgumentInvalid, error.Error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Advice);
    }

    // As autodiscovery reads the annotation: checks, each with its instances.
    private static (string Check, JsonObject Instance)[] Instances(string annotation) =>
        [.. JsonNode.Parse(annotation)!.AsObject().SelectMany(check => check.Value!["instances"]!.AsArray().Select(instance => (check.Key, instance!.AsObject())))];

    private static (string, string) Bare((string Check, JsonObject Instance) one)
    {
        JsonObject bare = one.Instance.DeepClone().AsObject();
        bare.Remove("metrics");
        return (one.Check, bare.ToJsonString(DatadogCheck.Plain));
    }
}
