using System.Text;
using KubeVirtMonitor.Catalog;
using Xunit;

namespace KubeVirtMonitor.Tests.Catalog;

public sealed class CatalogLookupTests
{
    private static readonly MetricCatalog Catalog = MetricCatalog.Default;

    [Theory]
    [InlineData(ComponentKind.Handler, "kubevirt_vmi_memory_resident_bytes", "kubevirt_handler.vmi.memory_resident_bytes")]
    [InlineData(ComponentKind.Handler, "kubevirt_vmi_network_receive_bytes_total", "kubevirt_handler.vmi.network_receive_bytes.count")]
    [InlineData(ComponentKind.Controller, "kubevirt_workqueue_queue_duration_seconds_bucket", "kubevirt_controller.workqueue.queue_duration_seconds.bucket")]
    [InlineData(ComponentKind.Controller, "kubevirt_workqueue_queue_duration_seconds_sum", "kubevirt_controller.workqueue.queue_duration_seconds.sum")]
    [InlineData(ComponentKind.Operator, "kubevirt_workqueue_queue_duration_seconds_count", "kubevirt_operator.workqueue.queue_duration_seconds.count")]
    [InlineData(ComponentKind.Api, "go_gc_duration_seconds", "kubevirt_api.go.gc_duration_seconds.quantile")]
    [InlineData(ComponentKind.Api, "go_memstats_alloc_bytes", "kubevirt_api.go.memstats_alloc_bytes")]
    [InlineData(ComponentKind.Api, "go_memstats_alloc_bytes_total", "kubevirt_api.go.memstats_alloc_bytes.count")]
    [InlineData(ComponentKind.Controller, "kubevirt_vm_running_status_last_transition_timestamp_seconds", "kubevirt_controller.vm.running_status_last_transition_timestamp_seconds.count")]
    [InlineData(ComponentKind.Controller, "kubevirt_vm_running_status_last_transition_timestamp_seconds_total", "kubevirt_controller.vm.running_status_last_transition_timestamp_seconds.count")]
    public void A_sample_name_leads_to_its_definition(ComponentKind component, string sampleName, string name) =>
        Assert.Equal(name, Catalog.Find(component, Encoding.UTF8.GetBytes(sampleName))?.Definition.Name);

    [Theory]
    [InlineData(ComponentKind.Api, "kubevirt_vmi_memory_resident_bytes")]
    [InlineData(ComponentKind.Controller, "kubevirt_workqueue_queue_duration_seconds")]
    [InlineData(ComponentKind.Handler, "kubevirt_info")]
    [InlineData(ComponentKind.Handler, "KUBEVIRT_VMI_MEMORY_RESIDENT_BYTES")]
    [InlineData(ComponentKind.Handler, "")]
    [InlineData((ComponentKind)17, "process_open_fds")]
    public void Unknown_names_lead_nowhere(ComponentKind component, string sampleName) =>
        Assert.Null(Catalog.Find(component, Encoding.UTF8.GetBytes(sampleName)));

    [Fact]
    public void Every_entry_is_found_by_its_own_name()
    {
        int seen = 0;
        foreach (ComponentKind component in Enum.GetValues<ComponentKind>())
        {
            foreach (CatalogEntry entry in Catalog.Entries(component))
            {
                CatalogEntry? found = Catalog.Find(component, Encoding.UTF8.GetBytes(entry.SampleName));
                while (found is not null && !ReferenceEquals(found, entry)) found = found.Alternative;
                Assert.True(found is not null, entry.SampleName);
                seen++;
            }
        }

        Assert.True(seen > 350);
    }

    [Fact]
    public void A_look_up_allocates_nothing()
    {
        _ = Find();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Find();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static bool Find() =>
            Catalog.Find(ComponentKind.Handler, "kubevirt_vmi_vcpu_seconds_total"u8, new KubeVirtVersion(1, 2, 2)) is not null
            && Catalog.Find(ComponentKind.Handler, "node_cpu_seconds_total"u8) is null
            && ComponentSignatures.Recognise("kubevirt_vmi_info"u8) is not null;
    }

    [Fact]
    public void Names_are_unique_and_in_order()
    {
        Assert.Equal(Catalog.Definitions.Count, Catalog.Definitions.Select(definition => definition.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(Catalog.Definitions.OrderBy(definition => definition.Component).ThenBy(definition => definition.Name, StringComparer.Ordinal), Catalog.Definitions);
        Each.Of(Catalog.Definitions, definition => Assert.StartsWith($"kubevirt_{definition.Component.ToString().ToLowerInvariant()}.", definition.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void A_definition_is_found_by_name_whatever_its_case()
    {
        Assert.Same(Catalog.Find("kubevirt_api.can_connect"), Catalog.Find("KubeVirt_API.Can_Connect"));
        Assert.Null(Catalog.Find("kubevirt_api.nothing"));
    }

    [Fact]
    public void Descriptions_are_sentences() => Each.Of(Catalog.Definitions, definition =>
    {
        Assert.Matches(@"^[A-Z0-9].*\.$", definition.Description);
        Assert.DoesNotContain("{", definition.Description, StringComparison.Ordinal);
        Assert.DoesNotContain("  ", definition.Description, StringComparison.Ordinal);
    });

    [Fact]
    public void The_table_finds_every_name_while_it_grows()
    {
        SampleNameTable table = new();
        string[] names = [.. Enumerable.Range(0, 5000).Select(i => $"kubevirt_vmi_{i}_seconds_total"), "", "a", "ab"];
        Each.Of(names, name => Assert.Null(table.Find(Encoding.UTF8.GetBytes(name))));
        foreach (string name in names) table.GetOrAdd(name).Serve(ComponentKind.Operator);
        Each.Of(names, name => Assert.Equal(name, Encoding.UTF8.GetString(table.Find(Encoding.UTF8.GetBytes(name))!.Name)));
        Assert.Same(table.GetOrAdd("ab"), table.Find("ab"u8));
        Assert.Null(table.Find("ac"u8));
    }
}
