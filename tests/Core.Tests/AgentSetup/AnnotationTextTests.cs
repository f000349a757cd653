using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>How annotations are read: as Autodiscovery does, and what the checks make of an instance.</summary>
public sealed class AnnotationTextTests
{
    private static readonly KubeVirtComponent Pod = new() { Name = "virt-api-x", Namespace = "kubevirt", Component = ComponentKind.Api, Port = 8443, PodIP = "10.1.2.3" };

    [Theory]
    // Version 2, and that it counts where both are there.
    [InlineData("openmetrics=1 (2)", "checks", """{"openmetrics":{"init_config":{},"instances":[{}]}}""")]
    [InlineData("openmetrics=1 (2) kubevirt_api=2 (2)", "checks", """{"openmetrics":{"instances":[{}]},"kubevirt_api":{"instances":[{},{}]}}""")]
    [InlineData("a=1 (2)", "checks", """{"a":{"instances":[{}]}}""", "check_names", """["b"]""", "init_configs", "[{}]", "instances", "[{}]")]
    [InlineData("openmetrics=1 (2)", "checks", """{"first":{"name":"openmetrics","instances":[{}]}}""")]
    // Version 1: an object for each name, or a list for several instances.
    [InlineData("openmetrics=1 (1) kubevirt_api=1 (1)", "check_names", """["openmetrics","kubevirt_api"]""", "init_configs", "[{},{}]", "instances", "[{},{}]")]
    [InlineData("openmetrics=2 (1)", "check_names", """["openmetrics"]""", "init_configs", "[{}]", "instances", "[[{},{}]]")]
    [InlineData("")]
    [InlineData("", "logs", "[]", "tags", "{}")]
    public void EachCheckIsFound(string checks, params string[] annotations) =>
        Assert.Equal(checks, string.Join(' ', AnnotationText.Checks(ComponentKind.Api, Of(annotations)).Select(static check => $"{check.Name}={check.Instances.Count} ({check.Version})")));

    [Theory]
    [InlineData("ad.datadoghq.com/virt-api.checks is not JSON: ", "checks", "{")]
    [InlineData("ad.datadoghq.com/virt-api.checks is not an object", "checks", "[]")]
    [InlineData("ad.datadoghq.com/virt-api.checks holds no list of instances", "checks", """{"openmetrics":{"instances":{}}}""")]
    [InlineData("ad.datadoghq.com/virt-api.init_configs is missing", "check_names", """["a"]""", "instances", "[{}]")]
    [InlineData("ad.datadoghq.com/virt-api.check_names is not a list", "check_names", "{}", "init_configs", "[{}]", "instances", "[{}]")]
    [InlineData("ad.datadoghq.com/virt-api.check_names has 2, ad.datadoghq.com/virt-api.init_configs has 1, ad.datadoghq.com/virt-api.instances has 2 entries: the Agent wants the same number in each", "check_names", """["a","b"]""", "init_configs", "[{}]", "instances", "[{},{}]")]
    [InlineData("ad.datadoghq.com/virt-api.instances holds no list of instances", "check_names", """["a"]""", "init_configs", "[{}]", "instances", "[7]")]
    public void WhatTheAgentCannotReadIsNamed(string start, params string[] annotations) =>
        Assert.StartsWith(start, Assert.Throws<FormatException>(() => AnnotationText.Checks(ComponentKind.Api, Of(annotations))).Message, StringComparison.Ordinal);

    [Theory]
    // As the code of the checks does it; of the generic check an unset tls_verify is on, and authorities alone are enough.
    [InlineData("openmetrics", "{}", true, null, null, true)]
    [InlineData("openmetrics", """{"tls_verify":false}""", false, null, null, false)]
    [InlineData("openmetrics", """{"tls_verify":"no"}""", false, null, null, false)]
    [InlineData("openmetrics", """{"tls_verify":"t"}""", false, null, null, false)]
    [InlineData("openmetrics", """{"tls_verify":false,"tls_ca_cert":"/ca"}""", true, "10.1.2.3", "/ca", false)]
    [InlineData("openmetrics", """{"tls_verify":true,"tls_ca_cert":"/ca/"}""", true, "10.1.2.3", "/ca", false)]
    [InlineData("openmetrics", """{"tls_verify":1,"tls_ca_cert":"/ca","tls_validate_hostname":false}""", true, "10.1.2.3", "/ca", false)]
    [InlineData("openmetrics", """{"tls_verify":true,"tls_ca_cert":"/ca","extra_headers":{"Host":"a.b.svc"}}""", true, "10.1.2.3", "/ca", false)]
    [InlineData("openmetrics", """{"tls_verify":true,"tls_ca_cert":"/ca","tls_use_host_header":true,"extra_headers":{"Host":"a.b.svc"}}""", true, "a.b.svc", "/ca", false)]
    [InlineData("openmetrics", """{"tls_verify":true,"tls_ca_cert":"/ca","tls_use_host_header":"yes","headers":{"Host":"a.b.svc:8443"}}""", true, "a.b.svc", "/ca", false)]
    [InlineData("openmetrics", """{"tls_verify":true,"tls_ca_cert":"/ca","tls_use_host_header":true,"extra_headers":{"host":"a.b.svc"}}""", true, null, "/ca", true)]
    [InlineData("openmetrics", """{"tls_verify":true,"tls_ca_cert":"/ca","tls_use_host_header":true,"headers":{"Host":"[fd00::1]:8443"}}""", true, "fd00::1", "/ca", false)]
    // Those for KubeVirt hand nothing but tls_verify to their scraper.
    [InlineData("kubevirt_api", "{}", false, null, null, false)]
    [InlineData("kubevirt_api", """{"tls_verify":false,"tls_ca_cert":"/ca"}""", false, null, null, false)]
    [InlineData("kubevirt_api", """{"tls_verify":true,"tls_ca_cert":"/ca","tls_use_host_header":true,"headers":{"Host":"a.b.svc"}}""", true, null, null, true)]
    public void TheTlsOfAnInstanceIsWhatTheCheckMakesOfIt(string check, string instance, bool verifies, string? name, string? authority, bool isFlawed)
    {
        TlsStatement tls = TlsStatement.Of(Check(check), JsonNode.Parse(instance)!.AsObject(), Pod);
        Assert.Equal((verifies, name, authority, isFlawed), (tls.Verifies, tls.ExpectedName, tls.Authority, tls.Flaw is not null));
    }

    [Fact]
    public void TheRequestForTheHealthOfAKubeVirtCheckTakesItsOptions()
    {
        JsonObject instance = JsonNode.Parse("""{"tls_verify":true,"tls_ca_cert":"/ca","tls_use_host_header":true,"headers":{"Host":"a.b.svc"}}""")!.AsObject();
        Assert.Equal(new TlsStatement(true, "a.b.svc", "/ca"), TlsStatement.Of(Check("kubevirt_api"), instance, Pod, isScrape: false));
    }

    [Theory]
    [InlineData("""["^kubevirt_api\\.can_connect$","^kubevirt_api\\.vm\\.count$","^kubevirt_api\\.vmi\\.count$"]""", true)]
    [InlineData("""["can_connect"]""", true)]
    [InlineData("""["vm.count","vmi.count"]""", true)]
    [InlineData("""["vm.count","process"]""", false)]
    [InlineData("""[".*"]""", false)]
    [InlineData("""["vm.*count"]""", false)]
    [InlineData("""[]""", false)]
    [InlineData("\"can_connect\"", false)]
    public void ACheckThatSendsNothingOfItsScrapeIsKnownByItsPatterns(string include, bool isLimited)
    {
        JsonObject instance = JsonNode.Parse($$$"""{"metric_patterns":{"include":{{{include}}}}}""")!.AsObject();
        Assert.Equal(isLimited, Check("kubevirt_api").IsLimited(instance));
        Assert.False(Check("openmetrics").IsLimited(instance));
    }

    [Fact]
    public void OptionsThatTheKubeVirtChecksDropAreNamed()
    {
        JsonObject instance = JsonNode.Parse("""{"kubevirt_api_metrics_endpoint":"x","tags":["a:b"],"tls_verify":false,"max_returned_metrics":5,"headers":{},"min_collection_interval":30,"metric_patterns":{},"metrics":[]}""")!.AsObject();
        Assert.Equal(["headers", "metrics", "tags"], Check("kubevirt_api").WithoutEffect(instance));
        Assert.Empty(Check("openmetrics").WithoutEffect(instance));
    }

    [Theory]
    // One of each kind: a few of those that the checks for KubeVirt leave behind, and what they read.
    [InlineData("tls_ca_cert", true)]
    [InlineData("tls_cert", true)]
    [InlineData("tls_private_key", true)]
    [InlineData("connect_timeout", true)]
    [InlineData("timeout", true)]
    [InlineData("tls_use_host_header", true)]
    [InlineData("ssl_ca_cert", true)]
    [InlineData("kube_cluster_name", true)]
    [InlineData("tls_verify", false)]
    [InlineData("max_returned_metrics", false)]
    [InlineData("metric_patterns", false)]
    [InlineData("kube_namespace", false)]
    [InlineData("service", false)]
    [InlineData("min_collection_interval", false)]
    public void OptionsOfTheTableWithoutEffectAreNamed(string option, bool isDropped) =>
        Assert.Equal(isDropped ? [option] : [], Check("kubevirt_handler").WithoutEffect(new JsonObject { [option] = "x" }));

    private static AnnotatedCheck Check(string name) => new(name, [], 2);

    private static Dictionary<string, string> Of(string[] annotations) => annotations.Chunk(2).ToDictionary(static one => $"ad.datadoghq.com/virt-api.{one[0]}", static one => one[1], StringComparer.Ordinal);
}
