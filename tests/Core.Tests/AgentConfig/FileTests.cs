using KubeVirtMonitor.AgentConfig;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Yaml;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentConfig;

public sealed class FileTests
{
    private const string Instance = "instances:\n- openmetrics_endpoint: https://192.0.2.1:8443/metrics\n  metrics: [a]\n  tls_verify: true\n";

    [Theory]
    [InlineData("kubevirt_api_metrics_endpoint", ComponentKind.Api)]
    [InlineData("kubevirt_controller_metrics_endpoint", ComponentKind.Controller)]
    [InlineData("kubevirt_handler_metrics_endpoint", ComponentKind.Handler)]
    [InlineData("openmetrics_endpoint", null)]
    public void The_name_of_the_endpoint_tells_the_component(string option, ComponentKind? component) =>
        Assert.Equal(component, Configured.Load($"instances:\n- {option}: https://192.0.2.1:8443/metrics\n").Instances[0].Target.Component);

    [Theory]
    [InlineData("/etc/conf.d/kubevirt_controller.d/conf.yaml", ComponentKind.Controller)]
    [InlineData("/etc/conf.d/kubevirt_api.yaml", ComponentKind.Api)]
    [InlineData("/etc/conf.d/openmetrics.d/conf.yaml", null)]
    public void So_does_the_folder_or_the_file(string path, ComponentKind? component) => Assert.Equal(component, EndpointReader.ComponentOf(EndpointReader.CheckOf(path)));

    [Theory]
    [InlineData("- {timeout: 3}", "kubevirt_api_metrics_endpoint: the instance names no endpoint to scrape")]
    [InlineData("- {kubevirt_api_healthz_endpoint: 'https://a/healthz'}", "kubevirt_api_metrics_endpoint: the instance names no endpoint to scrape")]
    [InlineData("- {kubevirt_api_metrics_endpoint: 'https://a/', kubevirt_handler_metrics_endpoint: 'https://b/'}", "the instance also has kubevirt_api_metrics_endpoint")]
    [InlineData("- {openmetrics_endpoint: 'unix:///a.sock'}", "this is not an http or https address")]
    [InlineData("- {kubevirt_api_metrics_endpoint: 'https://%%host%%:%%port%%/metrics'}", "it holds the template variable %%host%%, which the Agent's Autodiscovery resolves for each pod. Write the address of the pod, as 'kubectl get pods -o wide' or 'agent configcheck' show it; or use a session with the cluster, which finds the pods.")]
    [InlineData("- {openmetrics_endpoint: 'https://a/', tls_verify: perhaps}", "tls_verify: it has to be true or false")]
    [InlineData("- {openmetrics_endpoint: 'https://a/', exclude_metrics: one}", "exclude_metrics: it has to be a list")]
    [InlineData("- {openmetrics_endpoint: 'https://a/', exclude_metrics: ['(']}", "exclude_metrics: it holds a regular expression that cannot be read")]
    [InlineData("- {openmetrics_endpoint: 'https://a/', rename_labels: [a]}", "rename_labels: it has to be a mapping")]
    [InlineData("- {openmetrics_endpoint: 'https://a/', hostname_label: a, hostname_format: b}", "hostname_format: it lacks <HOSTNAME>")]
    [InlineData("- {openmetrics_endpoint: 'https://a/', exclude_metrics_by_labels: {a: 3}}", "exclude_metrics_by_labels.a: it has to be true or a list")]
    [InlineData("- {openmetrics_endpoint: 'https://a/', share_labels: {a: 3}}", "share_labels.a: it has to be true or a mapping")]
    [InlineData("- {openmetrics_endpoint: 'https://a/', timeout: 0}", "timeout: it has to be a number of seconds above 0")]
    [InlineData("- {openmetrics_endpoint: 'https://a/', proxy: {https: 'ftp://b/'}}", "proxy: this is not a proxy address")]
    [InlineData("- {openmetrics_endpoint: 'https://a/', headers: {\"a b\": c}}", "headers: 'a b' is not a request header")]
    [InlineData("- {openmetrics_endpoint: 'https://a/', username: '%%env_USER%%', password: x}", "username: it holds the template variable %%env_USER%%")]
    [InlineData("- text", "it has to be a mapping")]
    public void An_instance_that_cannot_be_used_says_why(string instance, string message)
    {
        ScrapeException error = Assert.Single(Configured.Load($"instances:\n{instance}\n").Errors);

        Assert.Equal(ScrapeError.BadConfiguration, error.Cause);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(", instance 1: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("password: 'ENC[vault-handle]'\n  username: me", "password")]
    [InlineData("headers: {X-Key: 'ENC[vault-handle]'}", "headers.X-Key")]
    public void Handles_of_secrets_are_refused_and_not_shown(string option, string name)
    {
        ScrapeException error = Assert.Single(Configured.Load($"{Instance}  {option}\n").Errors);

        Assert.Contains($"{name}: it is an ENC[] handle, which only the Agent's secret backend can resolve. Use auth_token", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("vault", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Descriptions_with_template_variables_are_left_out_and_told()
    {
        AgentConfigFile file = Configured.Load(Instance + "  service: '%%env_SERVICE%%'\n  tags: ['a:%%host%%', 'b:1']\n");

        Assert.Equal(2, file.Warnings.Count);
        Assert.Contains("service holds the template variable %%env_SERVICE%%", file.Warnings[0], StringComparison.Ordinal);
        Assert.Equal([new("b", "1")], Assert.Single(file.Instances).Target.AddTags);
        ScrapeTarget ofKubeVirt = Assert.Single(Configured.Load("instances:\n- kubevirt_api_metrics_endpoint: http://a/metrics\n  kube_namespace: '%%kube_namespace%%'\n  kube_pod_name: '%%kube_pod_name%%'\n").Instances).Target;
        Assert.Null(ofKubeVirt.KubeNamespace);
        Assert.Null(ofKubeVirt.PodName);
    }

    [Fact]
    public void Init_config_holds_defaults_of_some_options_and_others_are_told()
    {
        AgentConfigFile file = Configured.Load($"init_config: {{timeout: 3, service: vms, skip_proxy: true, tls_verify: false}}\n{Instance}- openmetrics_endpoint: https://a/\n  metrics: [a]\n  timeout: 4\n  service: mine\n");

        Assert.Equal([TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4)], file.Instances.Select(instance => instance.Options.Timeout));
        Assert.Equal(["vms", "mine"], file.Instances.Select(instance => instance.Target.AddTags.Single().Value));
        Each.Of(file.Instances, instance => Assert.True(instance.Options.NoProxy));
        Each.Of(file.Instances, instance => Assert.False(instance.Options.Tls.SkipCertificateCheck));
        Assert.EndsWith("conf.yaml: tls_verify is in init_config, where the Agent does not read it. Move it into the instance.", Assert.Single(file.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_options_are_told_once_for_all_their_instances()
    {
        AgentConfigFile file = Configured.Load("instnaces: 1\n" + Instance + "  exclude_metric: [a]\n- openmetrics_endpoint: https://a/\n  metrics: [a]\n  exclude_metric: [b]\n");

        Assert.Equal(2, file.Warnings.Count);
        Assert.EndsWith("conf.yaml: instnaces is unknown and not applied. Check its spelling; docs/agent-config.md lists the options.", file.Warnings[0], StringComparison.Ordinal);
        Assert.EndsWith("conf.yaml, instances 1, 2: exclude_metric is unknown and not applied. Check its spelling; docs/agent-config.md lists the options.", file.Warnings[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("- a", "it is not a configuration of a check")]
    [InlineData("init_config:", "it holds no instances")]
    [InlineData("instances: []", "it holds no instances")]
    [InlineData("instances:\n- a: [", "line ")]
    [InlineData("", "it is not a configuration of a check")]
    public void A_file_that_is_no_configuration_says_so(string yaml, string message)
    {
        ScrapeException error = Assert.Throws<ScrapeException>(() => Configured.Load(yaml));

        Assert.Equal(ScrapeError.BadConfiguration, error.Cause);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_says_so() =>
        Assert.Equal(ScrapeError.FileNotFound, Assert.Throws<ScrapeException>(() => AgentConfigFile.Load("/none/conf.yaml", new YamlReader())).Cause);
}
