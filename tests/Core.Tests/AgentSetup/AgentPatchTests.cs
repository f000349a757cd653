using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Yaml;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>What a patch says.</summary>
public sealed class AgentPatchTests
{
    [Fact]
    public void VersionOneHasThreeAnnotationsForTheContainer()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Components = [ComponentKind.Api], AnnotationVersion = 1, ClusterName = "prod", Tags = ["env:x"], CollectionInterval = 30 });
        ComponentPatch one = Assert.Single(patch.Patches);
        Assert.Equal(("Deployment", "virt-api", "strategic"), (one.ResourceType, one.ResourceName, one.Type));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["ad.datadoghq.com/virt-api.check_names"] = """["kubevirt_api"]""",
                ["ad.datadoghq.com/virt-api.init_configs"] = "[{}]",
                ["ad.datadoghq.com/virt-api.instances"] = """[{"kubevirt_api_metrics_endpoint":"https://%%host%%:%%port%%/metrics","kubevirt_api_healthz_endpoint":"https://%%host%%:%%port%%/healthz","kube_namespace":"%%kube_namespace%%","kube_pod_name":"%%kube_pod_name%%","tls_verify":true,"tls_ca_cert":"/etc/kubevirt-ca/ca-bundle","tls_use_host_header":true,"headers":{"Host":"virt-api.kubevirt.svc"},"tags":["kube_cluster_name:prod","env:x"],"min_collection_interval":30}]""",
            },
            one.Annotations);
        JsonObject annotations = JsonNode.Parse(one.Patch)!["spec"]!["template"]!["metadata"]!["annotations"]!.AsObject();
        Assert.Equal(one.Annotations, annotations.ToDictionary(annotation => annotation.Key, annotation => (string)annotation.Value!));
    }

    [Fact]
    public void VersionTwoHasOneAnnotationAndTheHandlerIsADaemonSet()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { InstallNamespace = "cnv" });
        Assert.Equal(["Deployment virt-api", "Deployment virt-controller", "DaemonSet virt-handler"], patch.Patches.Select(one => one.ToString()));
        (string key, string value) = Assert.Single(patch.Patches[2].Annotations);
        Assert.Equal("ad.datadoghq.com/virt-handler.checks", key);
        JsonNode instance = JsonNode.Parse(value)!["kubevirt_handler"]!["instances"]![0]!;
        Assert.Equal("https://%%host%%:%%port%%/metrics", (string?)instance["kubevirt_handler_metrics_endpoint"]);
        Assert.Equal("virt-handler.cnv.svc", (string?)instance["headers"]!["Host"]);
    }

    [Theory]
    [InlineData(false, false, """{"tls_verify":true,"tls_ca_cert":"/etc/kubevirt-ca/ca-bundle","tls_use_host_header":true,"headers":{"Host":"virt-controller.kubevirt.svc"}}""", "# Certificates are verified with the file /etc/kubevirt-ca/ca-bundle")]
    [InlineData(false, true, """{"tls_verify":true,"tls_ca_cert":"/etc/kubevirt-ca/ca-bundle","tls_validate_hostname":false}""", "any certificate that KubeVirt issued is trusted")]
    [InlineData(true, false, """{"tls_verify":false}""", "# Certificates are not verified: anything that responds at a pod's address is trusted")]
    public void TlsIsVerifiedUnlessItIsTurnedOff(bool skip, bool skipName, string expected, string comment)
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Components = [ComponentKind.Controller], AnnotationVersion = 1, SkipCertificateCheck = skip, SkipHostnameCheck = skipName });
        JsonObject instance = JsonNode.Parse(patch.Patches[0].Annotations["ad.datadoghq.com/virt-controller.instances"])![0]!.AsObject();
        JsonObject tls = new(instance.Where(option => option.Key.StartsWith("tls_", StringComparison.Ordinal) || option.Key == "headers").Select(option => KeyValuePair.Create(option.Key, option.Value?.DeepClone())));
        Assert.Equal(expected, tls.ToJsonString());
        Assert.Contains(comment, patch.ToString(), StringComparison.Ordinal);
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
        JsonNode configuration = new YamlReader().ReadAll(patch.AgentConfiguration["kubevirt_handler.d/conf.yaml"])[0]!;
        Assert.Equal("virt-handler", (string?)configuration["ad_identifiers"]![0]);
        Assert.Equal("https://%%host%%:%%port%%/healthz", (string?)configuration["instances"]![0]!["kubevirt_handler_healthz_endpoint"]);
    }

    [Fact]
    public void PrometheusVerifiesEachComponentByItsOwnName()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Tool = AgentTool.Prometheus, CollectionInterval = 15, Tags = ["team-name:a$b"] });
        Assert.Empty(patch.Patches);
        Assert.Equal(["virt-api.kubevirt.svc", "virt-controller.kubevirt.svc", "virt-handler.kubevirt.svc"], patch.Documents.Select(document => (string?)Endpoint(document)["tlsConfig"]!["serverName"]));
        Assert.Equal("15s", (string?)Endpoint(patch.Documents[0])["interval"]);
        Assert.Equal("""[{"targetLabel":"team_name","replacement":"a$$b"}]""", Endpoint(patch.Documents[0])["relabelings"]!.ToJsonString());
        static JsonNode Endpoint(JsonObject document) => document["spec"]!["podMetricsEndpoints"]![0]!;
    }

    [Fact]
    public void OpenTelemetryHasAReceiverThatFindsThePods()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Tool = AgentTool.OpenTelemetry, Components = [ComponentKind.Handler], AgentNamespace = "otel", AgentServiceAccount = "collector" });
        Assert.Equal(["Role", "RoleBinding", "ConfigMap"], patch.Documents.Select(document => (string?)document["kind"]));
        JsonNode scrape = new YamlReader().ReadAll((string)patch.Documents[2]["data"]!["kubevirt.yaml"]!)[0]!["receivers"]!["prometheus/kubevirt"]!["config"]!["scrape_configs"]![0]!;
        Assert.Equal("""{"ca_file":"/etc/kubevirt-ca/ca-bundle","server_name":"virt-handler.kubevirt.svc"}""", scrape["tls_config"]!.ToJsonString());
        Assert.Equal("pod", (string?)scrape["kubernetes_sd_configs"]![0]!["role"]);
        Assert.Throws<KubernetesException>(() => patch.ToString(AgentPatchFormat.KustomizePatch));
    }

    [Fact]
    public void HelmValuesMountTheAuthorityAndConfigureTheSameInstance()
    {
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { ClusterName = "prod", CertificateAuthority = "/certs/kv/ca.pem" });
        JsonNode values = new YamlReader().ReadAll(patch.ToString(AgentPatchFormat.HelmValues))[0]!;
        Assert.Equal("prod", (string?)values["datadog"]!["clusterName"]);
        Assert.Equal(patch.AgentConfiguration["kubevirt_api.d/conf.yaml"], (string?)values["datadog"]!["confd"]!["kubevirt_api.yaml"]);
        Assert.Equal("/certs/kv", (string?)values["agents"]!["volumeMounts"]![0]!["mountPath"]);
        Assert.Equal("""[{"key":"ca-bundle","path":"ca.pem"}]""", values["agents"]!["volumes"]![0]!["configMap"]!["items"]!.ToJsonString());
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
        { new AgentPatchOptions { CertificateAuthority = "ca.crt" }, "not the full path" },
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
}
