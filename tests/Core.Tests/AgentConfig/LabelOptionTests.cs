using KubeVirtMonitor.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentConfig;

public sealed class LabelOptionTests
{
    private const string Memory = "kubevirt_handler.vmi.memory_resident_bytes";
    private const string Files = "kubevirt_handler.process.open_fds{endpoint=E} 61";

    [Fact]
    public async Task Without_options_names_and_tags_are_those_of_the_check() => Assert.Equal(
        [$"{Memory}{{name=web, vm_namespace=shop, node=alpha, endpoint=E}} 1024", $"{Memory}{{name=db, vm_namespace=data, node=beta, endpoint=E}} 2048", Files],
        (await Configured.ScrapeAsync("")).Lines);

    [Fact]
    public async Task Tags_and_service_are_tags_of_every_sample()
    {
        Configured got = await Configured.ScrapeAsync("service: vms\ntags: ['kube_namespace:kubevirt', 'pod_name:virt-handler-x', 'a:b:c', bare]");

        Assert.Equal("kubevirt_handler.process.open_fds{endpoint=E, kube_namespace=kubevirt, pod_name=virt-handler-x, a=b:c, bare=, service=vms} 61", got.Lines[^1]);
        Assert.Empty(got.Warnings);
    }

    [Fact]
    public async Task Ignore_tags_takes_out_entries_in_which_it_is_found() =>
        Assert.Equal("kubevirt_handler.process.open_fds{endpoint=E, b=2} 61", (await Configured.ScrapeAsync("tags: ['team:core', 'b:2']\nignore_tags: ['^te', 'zzz']")).Lines[^1]);

    [Fact]
    public async Task A_tag_with_two_values_is_told()
    {
        Configured got = await Configured.ScrapeAsync("tags: ['a:1', 'a:2']");

        Assert.EndsWith("instance 1: the tag 'a' has more than one value; samples here have only the last one. Use a different tag name for each value.", Assert.Single(got.Warnings), StringComparison.Ordinal);
        Assert.Equal("kubevirt_handler.process.open_fds{endpoint=E, a=2} 61", got.Lines[^1]);
    }

    [Fact]
    public async Task Labels_have_the_names_of_rename_labels_and_no_others() => Assert.Equal(
        $"{Memory}{{vm=web, namespace=shop, node=alpha, endpoint=E}} 1024",
        (await Configured.ScrapeAsync("rename_labels: {name: vm}")).Lines[0]);

    [Fact]
    public async Task Exclude_labels_names_labels_as_the_endpoint_does() => Assert.Equal(
        $"{Memory}{{name=web, endpoint=E}} 1024",
        (await Configured.ScrapeAsync("exclude_labels: [namespace, node]")).Lines[0]);

    [Fact]
    public async Task Include_labels_keeps_only_those_and_bounds()
    {
        Configured got = await Configured.ScrapeAsync("include_labels: [node]\nextra_metrics: [shop_wait_seconds]");

        Assert.Equal($"{Memory}{{node=alpha, endpoint=E}} 1024", got.Lines[0]);
        Assert.Contains("kubevirt_handler.shop_wait_seconds.bucket{upper_bound=0.5, endpoint=E} 2", got.Lines);
    }

    [Theory]
    [InlineData("{namespace: ['^sh']}", "db")]
    [InlineData("{namespace: [zzz, 'at']}", "web")]
    [InlineData("{node: true}", "")]
    public async Task Exclude_metrics_by_labels_takes_out_series(string value, string left) => Assert.Equal(
        left,
        string.Join(' ', (await Configured.ScrapeAsync($"exclude_metrics_by_labels: {value}")).Samples.Where(sample => sample.Name == Memory).Select(sample => sample.Tags["name"])));

    [Fact]
    public async Task Hostname_label_becomes_the_tag_host_also_of_a_label_that_is_excluded() => Assert.Equal(
        $"{Memory}{{name=web, vm_namespace=shop, host=k8s-alpha.local, endpoint=E}} 1024",
        (await Configured.ScrapeAsync("hostname_label: node\nhostname_format: k8s-<HOSTNAME>.local\nexclude_labels: [node]")).Lines[0]);

    [Fact]
    public async Task Tag_by_endpoint_false_leaves_the_endpoint_out() =>
        Assert.Equal("kubevirt_handler.process.open_fds{} 61", (await Configured.ScrapeAsync("tag_by_endpoint: false")).Lines[^1]);

    [Fact]
    public async Task Filters_of_the_user_see_names_and_tags_as_they_come_out()
    {
        MappingOptions wanted = new() { NameFilter = (name, _) => name == Memory, TagFilter = tags => tags.TryGetValue("vm", out string? vm) && vm == "db" };

        Assert.Equal([$"{Memory}{{vm=db, namespace=data, node=beta, endpoint=E}} 2048"], (await Configured.ScrapeAsync("rename_labels: {name: vm}", wanted)).Lines);
    }

    [Fact]
    public async Task Raw_keeps_the_endpoints_names_under_the_instances_rules() => Assert.Contains(
        "shop_wait_seconds_bucket{le=0.5} 2",
        (await Configured.ScrapeAsync("exclude_labels: [node]\nextra_metrics: [shop_wait_seconds]", new MappingOptions { Raw = true })).Lines);

    [Theory]
    [InlineData("share_labels: {build: true}", "kubevirt_handler.process.open_fds{rev=7, zone=z, endpoint=E} 61", "kubevirt_handler.vmi.memory_resident_bytes{name=web, vm_namespace=shop, node=alpha, rev=7, zone=z, endpoint=E} 1024")]
    [InlineData("share_labels: {build: {labels: [rev]}}", "kubevirt_handler.process.open_fds{rev=7, endpoint=E} 61", "kubevirt_handler.vmi.memory_resident_bytes{name=web, vm_namespace=shop, node=alpha, rev=7, endpoint=E} 1024")]
    [InlineData("share_labels: {machine: {labels: [flavor], match: [name], values: [1]}}", "kubevirt_handler.process.open_fds{endpoint=E} 61", "kubevirt_handler.vmi.memory_resident_bytes{name=web, vm_namespace=shop, node=alpha, flavor=large, endpoint=E} 1024")]
    [InlineData("share_labels: {machine: {labels: [flavor], match: [name], values: [0]}}", "kubevirt_handler.process.open_fds{endpoint=E} 61", "kubevirt_handler.vmi.memory_resident_bytes{name=web, vm_namespace=shop, node=alpha, endpoint=E} 1024")]
    public async Task Share_labels_reach_series_before_and_behind_them(string options, string files, string memory)
    {
        string body = "# TYPE process_open_fds gauge\nprocess_open_fds 61\n# TYPE build gauge\nbuild{rev=\"7\",zone=\"z\"} 1\n"
            + "# TYPE machine gauge\nmachine{name=\"web\",flavor=\"large\"} 1\nmachine{name=\"web\",flavor=\"none\"} 2\nmachine{name=\"db\",flavor=\"small\"} 0\n"
            + "# TYPE kubevirt_vmi_memory_resident_bytes gauge\nkubevirt_vmi_memory_resident_bytes{name=\"web\",namespace=\"shop\",node=\"alpha\"} 1024\n";
        await using LoopbackServer server = LoopbackServer.Text(body);

        Assert.Equal([files, memory], (await Configured.ScrapeAsync(server, options)).Lines);
    }
}
