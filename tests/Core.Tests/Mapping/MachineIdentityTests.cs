using System.Text.RegularExpressions;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.Mapping;

/// <summary>Whose a sample is: the labels differ by family and version.</summary>
public class MachineIdentityTests
{
    private static readonly MappingOptions Unmapped = new() { IncludeUnmapped = true };

    // What each family of KubeVirt 1.0 to 1.9 says, by its labels in shared/spec/kubevirt-metrics and the scrapes: namespace, machine, node.
    [Theory]
    [InlineData(ComponentKind.Handler, """kubevirt_vmi_cpu_usage_seconds_total{name="web-1",namespace="shop",node="alpha"}""", "shop", "web-1", "alpha")]
    [InlineData(ComponentKind.Handler, """kubevirt_vmi_storage_iops_read_total{drive="vda",kubernetes_vmi_label_name="x",name="web-1",namespace="shop",node="alpha"}""", "shop", "web-1", "alpha")]
    [InlineData(ComponentKind.Handler, """kubevirt_migrate_vmi_data_processed_bytes{name="web-1",namespace="shop",node="alpha"}""", "shop", "web-1", "alpha")]
    [InlineData(ComponentKind.Handler, """kubevirt_vmi_guest_os_panic_total{bugcheck_code="0x1",name="web-1",namespace="shop",type="hyperv"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Handler, """kubevirt_vmi_sync_total{name="web-1",namespace="shop"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Handler, """kubevirt_node_deprecated_machine_types{machine_type="pc-i440fx",node="alpha"}""", null, null, "alpha")]
    [InlineData(ComponentKind.Handler, """kubevirt_workqueue_depth{name="virt-handler-vm"}""", null, null, null)]
    [InlineData(ComponentKind.Controller, """kubevirt_workqueue_queue_duration_seconds_count{name="virt-controller-vm",namespace="kubevirt",node="alpha"}""", null, null, null)]
    [InlineData(ComponentKind.Controller, """kubevirt_vm_info{flavor="small",name="web-1",namespace="shop",status="running"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Controller, """kubevirt_vm_error_status_last_transition_timestamp_seconds{name="web-1",namespace="shop"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Controller, """kubevirt_vm_labels{label_name="other",name="web-1",namespace="shop"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Controller, """kubevirt_vm_vnic_info{name="web-1",namespace="shop",vnic_name="default"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Controller, """kubevirt_vmi_info{name="web-1",namespace="shop",node="alpha",phase="running"}""", "shop", "web-1", "alpha")]
    [InlineData(ComponentKind.Controller, """kubevirt_vmi_info{name="web-1",namespace="shop",node="",phase="scheduling"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Controller, """kubevirt_vmi_info{name="web-1",namespace="shop",node="<none>",phase="scheduling"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Controller, """kubevirt_vmi_non_evictable{name="web-1",namespace="shop",node="alpha"}""", "shop", "web-1", "alpha")]
    [InlineData(ComponentKind.Controller, """kubevirt_vmi_migration_failed{namespace="shop",vmi="web-1",vmim="migrate-7"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Controller, """kubevirt_migrate_vmi_succeeded{vmi="web-1",vmim="migrate-7"}""", null, "web-1", null)]
    [InlineData(ComponentKind.Controller, """kubevirt_vmi_migration_end_time_seconds{migration_name="migrate-7",name="web-1",namespace="shop",node="alpha",status="succeeded"}""", "shop", "web-1", "alpha")]
    [InlineData(ComponentKind.Controller, """kubevirt_vmi_phase_count{node="alpha",phase="running"}""", null, null, "alpha")]
    [InlineData(ComponentKind.Controller, """kubevirt_vmi_phase_transition_time_seconds_count{last_phase="pending",namespace="kubevirt",phase="running"}""", null, null, null)]
    [InlineData(ComponentKind.Controller, """kubevirt_vmsnapshot_succeeded_timestamp_seconds{name="web-1",namespace="shop",snapshot_name="s-1"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Api, """kubevirt_vnc_active_connections{namespace="shop",vmi="web-1"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Api, """kubevirt_portforward_active_tunnels{namespace="shop",vmi="web-1"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Api, """kubevirt_vmi_last_api_connection_timestamp_seconds{namespace="shop",vmi="web-1"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Api, """kubevirt_vm_created_by_pod_total{namespace="shop"}""", "shop", null, null)]
    [InlineData(ComponentKind.Api, """kubevirt_rest_client_requests_total{code="200",namespace="kubevirt",node="alpha",name="x"}""", null, null, null)]
    [InlineData(ComponentKind.Handler, """rest_client_requests_total{code="200",exported_namespace="kubevirt"}""", null, null, null)]
    // As a collector writes it where the series has labels that the collector has too.
    [InlineData(ComponentKind.Handler, """kubevirt_vmi_memory_resident_bytes{exported_namespace="shop",exported_node="alpha",name="web-1",namespace="kubevirt",node="beta",pod="virt-handler-x"}""", "shop", "web-1", "alpha")]
    // What no catalogue knows, and what recording rules make.
    [InlineData(ComponentKind.Handler, """kubevirt_vmi_new_in_2_0{name="web-1",namespace="shop"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Handler, """kubevirt_hco_system_health_status{name="web-1",namespace="shop",node="alpha"}""", null, null, null)]
    [InlineData(ComponentKind.Handler, """vmi:kubevirt_vmi_memory_used_bytes:sum{name="web-1",namespace="shop"}""", "shop", "web-1", null)]
    [InlineData(ComponentKind.Handler, """namespace:kubevirt_vm:sum{namespace="shop"}""", "shop", null, null)]
    [InlineData(ComponentKind.Handler, """pvc:kubevirt_vmsnapshot_labels:info{namespace="kubevirt",vm_name="web-1",vm_namespace="shop"}""", "shop", "web-1", null)]
    public void ASampleIsOfTheMachineThatItsFamilyNames(ComponentKind component, string series, string? space, string? vmi, string? node)
    {
        Each.Of(new[] { Unmapped, Unmapped with { Raw = true } }, options =>
        {
            MetricSample sample = Assert.Single(Mapped.Read(series + " 1\n", component, options).Samples, one => one.RawName != "kubevirt_vmi_info" || one.Name.EndsWith("info", StringComparison.Ordinal));
            Assert.Equal((space, vmi, node), (sample.Namespace, sample.Vmi, sample.Node));
            Assert.Null(sample.Cluster);
            Assert.Null(sample.Session);
        });
    }

    [Fact]
    public void TagsOfTheUserChangeNothingOfWhoseItIs()
    {
        TargetInfo target = new() { Target = "t", AddTags = [new("name", "mine"), new("vm_namespace", "mine"), new("node", "mine")] };
        MetricSample sample = Assert.Single(Mapped.Read("""kubevirt_vmi_memory_resident_bytes{name="web-\"1\"",namespace="shop",node="alpha"} 1""" + "\n", ComponentKind.Handler, target: target).Samples);
        Assert.Equal("name=mine, vm_namespace=mine, node=mine", sample.Tags.ToString());
        Assert.Equal(("shop", "web-\"1\"", "alpha"), (sample.Namespace, sample.Vmi, sample.Node));
    }

    [Fact]
    public void RebuiltCountsHaveTheNodeThatTheyAreOf()
    {
        const string Info = """
            kubevirt_vmi_info{name="web-1",namespace="shop",node="alpha",phase="running"} 1
            kubevirt_vmi_info{name="web-2",namespace="shop",node="alpha",phase="running"} 1
            kubevirt_vmi_info{name="web-3",namespace="shop",node="",phase="pending"} 1

            """;
        MetricSample[] counts = [.. Mapped.Read(Info, ComponentKind.Controller).Samples.Where(sample => sample.Name.EndsWith("phase_count", StringComparison.Ordinal))];
        Assert.Equal([(2.0, null, null, "alpha"), (1.0, null, null, null)], counts.Select(sample => (sample.Value, sample.Namespace, sample.Vmi, sample.Node)));
    }

    /// <summary>Over all scrapes at hand: each series with a label that names a machine has its identity, and no other has.</summary>
    [Theory]
    [InlineData("virt-api-1.9.prom", ComponentKind.Api)]
    [InlineData("virt-controller-1.9.prom", ComponentKind.Controller)]
    [InlineData("virt-handler-1.2.prom", ComponentKind.Handler)]
    [InlineData("virt-handler-1.9.prom", ComponentKind.Handler)]
    [InlineData("virt-operator-1.9.prom", ComponentKind.Operator)]
    public void EverySeriesOfOurScrapesIsOfItsMachine(string file, ComponentKind component) => CheckAll(File.ReadAllText(Path.Combine(Repository.Fixtures, file)), component);

    [Theory]
    [InlineData("virt-api-v1.2.2.prom", ComponentKind.Api)]
    [InlineData("virt-api-v1.9.0.prom", ComponentKind.Api)]
    [InlineData("virt-controller-v1.9.0.prom", ComponentKind.Controller)]
    [InlineData("virt-handler-v1.2.2.prom", ComponentKind.Handler)]
    [InlineData("virt-handler-v1.9.0-10vmis.prom", ComponentKind.Handler)]
    [InlineData("virt-operator-v1.9.0.prom", ComponentKind.Operator)]
    public void EverySeriesOfRealComponentsIsOfItsMachine(string file, ComponentKind component) => CheckAll(File.ReadAllText(SharedFiles.Require("scrapes/" + file)), component);

    [Fact]
    public void EveryFamilyOfTheCatalogueIsSomebodysOrNobodys()
    {
        // The components' own, by the first word of their names; all others are of machines or nodes.
        string[] own = ["go", "process", "promhttp", "rest", "workqueue", "virt_api", "virt_controller", "virt_handler", "virt_operator", "configuration", "can_connect"];
        Each.Of(MetricCatalog.Default.Definitions.Where(definition => definition.RawMetrics.Count > 0), definition =>
        {
            bool isOwn = own.Contains(definition.Name.Split('.')[1]);
            Each.Of(definition.RawNames, raw => Assert.Equal(isOwn, MachineFacts.Of(raw) == MachineLabels.None));
        });
    }

    [Fact]
    public void AFilterIsAskedOncePerLabelSetAndKeepsLinesOfOthersUnread()
    {
        const string Scrape = """
            # TYPE kubevirt_workqueue_depth gauge
            kubevirt_workqueue_depth{name="web-1"} 1
            # TYPE kubevirt_vmi_memory_resident_bytes gauge
            kubevirt_vmi_memory_resident_bytes{name="web-1",namespace="shop",node="alpha"} 2
            kubevirt_vmi_memory_resident_bytes{name="db-1",namespace="shop",node="alpha"} 3
            # TYPE kubevirt_vmi_memory_usable_bytes gauge
            kubevirt_vmi_memory_usable_bytes{name="web-1",namespace="shop",node="alpha"} 4
            kubevirt_vmi_memory_usable_bytes{name="db-1",namespace="shop",node="alpha"} 5
            process_open_fds 6

            """;
        List<MachineIdentity> asked = [];
        MappingOptions options = new()
        {
            MachineFilter = machine =>
            {
                asked.Add(machine);
                return machine.Vmi == "web-1";
            },
        };
        Mapped mapped = Mapped.Read(Scrape, ComponentKind.Handler, options);
        Assert.Equal([2.0, 4.0], mapped.Samples.Select(sample => sample.Value));
        Assert.Equal(6, mapped.Summary.Series);
        // Once for each name without a machine, and once for each of the two label sets.
        Assert.Equal([new(null, null, null), new("shop", "web-1", "alpha"), new("shop", "db-1", "alpha"), new(null, null, null)], asked);
        Assert.Equal(
            [4.0],
            Mapped.Read(Scrape, ComponentKind.Handler, options with { NameFilter = (name, _) => name.EndsWith("usable_bytes", StringComparison.Ordinal), TagFilter = tags => tags["node"] == "alpha" }).Samples.Select(sample => sample.Value));
    }

    [Fact]
    public void ASampleTakesFortyEightBytesAndWhoseItIsNone()
    {
        // Two machines, and 10,000 samples: what is allocated beside the samples does not grow with their number.
        string scrape = string.Concat(Enumerable.Range(0, 50).Select(family => $"kubevirt_vmi_f{family}{{name=\"web-1\",namespace=\"shop\",node=\"a\"}} 1\nkubevirt_vmi_f{family}{{name=\"web-2\",namespace=\"shop\",node=\"a\"}} 1\n"));
        string larger = string.Concat(Enumerable.Range(0, 50).Select(family => string.Concat(Enumerable.Range(0, 200).Select(machine => $"kubevirt_vmi_f{family}{{name=\"web-{machine}\",namespace=\"shop\",node=\"a\"}} 1\n"))));
        byte[] small = System.Text.Encoding.UTF8.GetBytes(scrape);
        byte[] large = System.Text.Encoding.UTF8.GetBytes(larger);
        TargetMemory ofSmall = new(), ofLarge = new();
        for (int i = 0; i < 3; i++) _ = (Allocated(small, ofSmall), Allocated(large, ofLarge));
        long bytes = Allocated(large, ofLarge) - Allocated(small, ofSmall);
        Assert.InRange(bytes / (10_000.0 - 100), 47.9, 48.5);
    }

    private static long Allocated(byte[] scrape, TargetMemory memory)
    {
        using ScrapeReader reader = new(new TargetInfo { Target = "t", Component = ComponentKind.Handler }, Unmapped, static _ => { }, memory: memory);
        long before = GC.GetAllocatedBytesForCurrentThread();
        reader.ReadWhole(scrape);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // What the text says by itself, family by family, with a reader of its own.
    private static void CheckAll(string text, ComponentKind component)
    {
        Dictionary<string, (string? Namespace, string? Vmi, string? Node)> expected = [];
        MatchCollection lines = Regex.Matches(text, "(?m)^([a-z][a-z0-9_]*)(\\{.*\\})? [^ \\n]+( [0-9]+)?$");
        foreach (Match line in lines)
        {
            (string name, string labels) = (line.Groups[1].Value, line.Groups[2].Value);
            string? Of(string label) => Regex.Match(labels, $"[{{,]{label}=\"([^\"]+)\"") is { Success: true } found && found.Groups[1].Value != "<none>" ? found.Groups[1].Value : null;
            bool isMachine = Regex.IsMatch(name, "^kubevirt_(vm|vmi|vmsnapshot|console|vnc|usbredir|portforward)_") && (Of("name") ?? Of("vmi")) is not null;
            bool isCount = name.StartsWith("kubevirt_vm_created", StringComparison.Ordinal);
            bool isPlace = isMachine || name.StartsWith("kubevirt_node_", StringComparison.Ordinal) || name == "kubevirt_vmi_phase_count";
            expected[name + labels] = (isMachine || isCount ? Of("namespace") : null, isMachine ? Of("vmi") ?? Of("name") : null, isPlace ? Of("node") : null);
        }

        Mapped mapped = Mapped.Read(text, component, Unmapped with { Raw = true });
        Assert.Empty(mapped.Defects);
        Assert.Equal(lines.Count, mapped.Samples.Count);
        Each.Of(mapped.Samples, sample =>
        {
            string labels = sample.Tags.Count == 0 ? "" : $"{{{string.Join(',', sample.Tags.Select(tag => $"{tag.Key}=\"{tag.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))}}}";
            Assert.True(expected.TryGetValue(sample.RawName + labels, out var own), sample.RawName + labels);
            Assert.Equal(own, (sample.Namespace, sample.Vmi, sample.Node));
        });
        Assert.DoesNotContain(mapped.Samples, sample => sample.Vmi is not null && sample.RawName.Contains("workqueue", StringComparison.Ordinal));
        if (component == ComponentKind.Handler) Assert.Contains(mapped.Samples, sample => sample is { Namespace: not null, Vmi: not null, Node: not null });
    }
}
