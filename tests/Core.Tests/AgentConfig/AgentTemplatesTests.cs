using KubeVirtMonitor.AgentConfig;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentConfig;

/// <summary>What Autodiscovery makes of a configuration: an instance for each pod. The files are written as the vendor's are, in words of our own.</summary>
public sealed class AgentTemplatesTests
{
    private const string Discovery = "ad_identifiers:\n- virt-handler\ndiscovery: {}\ninit_config:\ninstances: []\n";

    private static readonly AgentPod[] Pods =
    [
        new(ComponentKind.Api, new("virt-api-1", "kubevirt", "u-1", "192.0.2.1", [("metrics", 8443)])),
        new(ComponentKind.Handler, new("virt-handler-a", "kubevirt", "u-2", "192.0.2.2", [("metrics", 8443)])),
        new(ComponentKind.Handler, new("virt-handler-b", "kubevirt", "u-3", "2001:db8::3", [("metrics", 9443), ("vmstats", 8187)])),
    ];

    [Fact]
    public void Discovery_scrapes_each_pod_as_the_checks_of_the_Agent_describe_it()
    {
        AgentConfigFile file = Configured.Load(Discovery, "auto_conf.yaml", Pods);

        Assert.Empty(file.Errors);
        Assert.Equal(
            [
                ("https://192.0.2.2:8443/metrics", "https://192.0.2.2:8443/healthz", "virt-handler-a", "kubevirt", ComponentKind.Handler, true),
                ("https://[2001:db8::3]:9443/metrics", "https://[2001:db8::3]:9443/healthz", "virt-handler-b", "kubevirt", ComponentKind.Handler, true),
            ],
            file.Instances.Select(instance => (instance.Target.Uri!.AbsoluteUri, instance.Target.HealthUri!.AbsoluteUri, instance.Target.PodName!, instance.Target.KubeNamespace!, instance.Target.Component!.Value, instance.Options.Tls.SkipCertificateCheck)));
        Assert.Contains("tls_verify: false accepts any certificate", Assert.Single(file.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void That_of_virt_api_names_no_pod()
    {
        ScrapeTarget target = Assert.Single(Configured.Load(Discovery.Replace("virt-handler", "registry.example/kubevirt/virt-api:v1.9.0", StringComparison.Ordinal), "auto_conf.yaml", Pods).Instances).Target;

        Assert.Equal(("https://192.0.2.1:8443/metrics", ComponentKind.Api, null, null), (target.Uri!.AbsoluteUri, target.Component!.Value, target.PodName, target.KubeNamespace));
    }

    [Fact]
    public void Without_a_session_discovery_is_an_error_that_says_what_it_needs()
    {
        AgentConfigFile file = Configured.Load(Discovery, "auto_conf.yaml");

        Assert.True(file.WantsPods);
        Assert.Empty(file.Instances);
        Assert.EndsWith("discovery: the Agent would find the pods by itself, and without a session with the cluster they are not known here. Open a session with the cluster, which finds the pods.", Assert.Single(file.Errors).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ad_identifiers: [redis]\ndiscovery: {}\ninstances: []\n", "discovery: ad_identifiers names no component of KubeVirt")]
    [InlineData("discovery: {}\n", "discovery: ad_identifiers names no component of KubeVirt")]
    public void Discovery_of_no_component_is_an_error(string yaml, string message) =>
        Assert.Contains(message, Assert.Throws<ScrapeException>(() => Configured.Load(yaml, pods: Pods)).Message, StringComparison.Ordinal);

    [Fact]
    public void Template_variables_are_those_of_each_pod()
    {
        AgentConfigFile file = Configured.Load(
            """
            ad_identifiers: [virt-handler]
            init_config: {}
            instances:
            - openmetrics_endpoint: https://%%host%%:%%port_metrics%%/metrics
              namespace: kubevirt_handler
              metrics: [a]
              tags: ['kube_namespace:%%kube_namespace%%', 'pod_name:%%kube_pod_name%%', 'uid:%%kube_pod_uid%%', 'x:%%env_X%%']
            """,
            pods: Pods);

        Assert.Empty(file.Errors);
        Assert.Equal(["https://192.0.2.2:8443/metrics", "https://[2001:db8::3]:9443/metrics"], file.Instances.Select(instance => instance.Target.Uri!.AbsoluteUri));
        Assert.Equal([new("kube_namespace", "kubevirt"), new("pod_name", "virt-handler-b"), new("uid", "u-3")], file.Instances[1].Target.AddTags);
        Assert.Contains("an entry of tags holds the template variable %%env_X%%", Assert.Single(file.Warnings), StringComparison.Ordinal);
        Assert.False(file.Instances[0].Options.Tls.SkipCertificateCheck);
    }

    [Theory]
    [InlineData("", "openmetrics_endpoint: 'https://%%host%%:8443/metrics', metrics: [a]", "it does not say whose pods its template variables are of")]
    [InlineData("ad_identifiers: [virt-api]", "kubevirt_handler_metrics_endpoint: 'https://%%host%%:8443/metrics'", "it is for virt-handler, which ad_identifiers does not name")]
    [InlineData("ad_identifiers: [virt-controller]", "kubevirt_controller_metrics_endpoint: 'https://%%host%%:8443/metrics'", "the cluster of the session has no pod of virt-controller with an address")]
    [InlineData("", "kubevirt_api_metrics_endpoint: 'https://%%host%%:%%env_PORT%%/metrics'", "kubevirt_api_metrics_endpoint: it holds the template variable %%env_PORT%%")]
    public void An_instance_that_is_for_no_pod_says_why(string head, string instance, string message)
    {
        AgentConfigFile file = Configured.Load($"{head}\ninstances:\n- {{{instance}}}\n", pods: Pods);

        Assert.Contains($", instance 1", Assert.Single(file.Errors).Message, StringComparison.Ordinal);
        Assert.Contains(message, file.Errors[0].Message, StringComparison.Ordinal);
        Assert.Empty(file.Instances);
    }

    [Fact]
    public void An_address_without_variables_is_scraped_once_whatever_the_identifiers()
    {
        AgentConfigFile file = Configured.Load("ad_identifiers: [virt-handler, redis]\ninstances:\n- kubevirt_handler_metrics_endpoint: http://192.0.2.9/metrics\n");

        Assert.False(file.WantsPods);
        Assert.Equal("http://192.0.2.9/metrics", Assert.Single(file.Instances).Target.Uri!.AbsoluteUri);
        Assert.Contains("ad_identifiers: 'redis' is not applied: no container of KubeVirt has this image.", Assert.Single(file.Warnings), StringComparison.Ordinal);
    }

    // The value of ad.datadoghq.com/virt-api.checks.
    [Fact]
    public void The_value_of_an_annotation_is_read_by_the_names_of_its_checks()
    {
        AgentConfigFile file = Configured.Load(
            """
            {"openmetrics": {"init_config": {}, "instances": [{"openmetrics_endpoint": "https://%%host%%:%%port_metrics%%/metrics", "namespace": "kubevirt_api", "metrics": [{"process_open_fds": "process.open_fds"}]}]},
             "kubevirt_api": {"init_config": {}, "instances": [{"kubevirt_api_metrics_endpoint": "https://%%host%%:%%port_metrics%%/metrics", "kube_pod_name": "%%kube_pod_name%%", "tls_verify": false}]}}
            """,
            "annotation.json",
            Pods);

        Assert.Empty(file.Errors);
        Assert.Equal([(1, AgentCheck.OpenMetrics, null), (2, AgentCheck.KubeVirt, "virt-api-1")], file.Instances.Select(instance => (instance.Number, instance.Check, instance.Target.PodName)));
        Each.Of(file.Instances, instance => Assert.Equal("https://192.0.2.1:8443/metrics", instance.Target.Uri!.AbsoluteUri));
    }
}
