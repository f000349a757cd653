using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

/// <summary>The simulated scrapes beside recorded ones: the same families, types and labels.</summary>
public class RecordedShapeTests
{
    [Theory]
    [InlineData("1.9", "handler/0", "virt-handler-v1.9.0-10vmis.prom")]
    [InlineData("1.2", "handler/0", "virt-handler-v1.2.2.prom")]
    [InlineData("1.9", "controller/0", "virt-controller-v1.9.0.prom")]
    [InlineData("1.9", "api/0", "virt-api-v1.9.0.prom")]
    [InlineData("1.2", "api/0", "virt-api-v1.2.2.prom")]
    public void Every_recorded_family_is_there_with_its_type_and_labels(string version, string id, string file)
    {
        Dictionary<string, TextFamily> simulated = Scrapes.Read(Scrapes.Cluster(version), id).ToDictionary(family => family.Name);
        Each.Of(TextFamily.Read(File.ReadAllText(SharedFiles.Require($"scrapes/{file}"))), recorded =>
        {
            Assert.True(simulated.TryGetValue(recorded.Name, out TextFamily? family), $"{recorded.Name} is missing.");
            Assert.Equal(recorded.Type, family.Type);
            Assert.Equal(recorded.LabelShapes, family.LabelShapes);
            Assert.Equal(recorded.Lines.Any(line => line.Timestamp is not null), family.Lines.Any(line => line.Timestamp is not null));
            Assert.Equal(recorded.Lines.Select(line => line["le"]).Distinct(), family.Lines.Select(line => line["le"]).Distinct());
        });
    }

    [Theory]
    [InlineData("1.9", "handler/0", "1.9.0", "virt-handler")]
    [InlineData("1.9", "controller/0", "1.9.0", "virt-controller")]
    [InlineData("1.9", "api/0", "1.9.0", "virt-api")]
    [InlineData("1.9", "operator/0", "1.9.0", "virt-operator")]
    [InlineData("1.0", "handler/0", "1.0.0", "virt-handler")]
    [InlineData("1.0", "controller/0", "1.0.0", "virt-controller")]
    [InlineData("1.0", "api/0", "1.0.0", "virt-api")]
    public void No_family_is_there_that_KubeVirt_does_not_define(string version, string id, string tableVersion, string component)
    {
        HashSet<string> defined = SharedFiles.Rows(SharedFiles.Require($"spec/kubevirt-metrics/metrics-v{tableVersion}.tsv"))
            .Where(row => row["kind"] == "Metric" && (row["component"] == component || row["component"].StartsWith("common/", StringComparison.Ordinal)))
            .Select(row => row["name"]).ToHashSet();
        string[] own = Scrapes.Read(Scrapes.Cluster(version), id).Select(family => family.Name)
            .Where(name => !name.StartsWith("go_", StringComparison.Ordinal) && !name.StartsWith("process_", StringComparison.Ordinal) && !name.StartsWith("promhttp_", StringComparison.Ordinal))
            .ToArray();
        Assert.NotEmpty(own);
        Assert.Empty(own.Except(defined));
    }

    [Theory]
    [InlineData("handler/0", "virt-handler", "kubevirt_vmi_gpu_info", "kubevirt_vmi_guest_os_panic_total")]
    [InlineData("controller/0", "virt-controller", "kubevirt_vmsnapshot_succeeded_timestamp_seconds")]
    [InlineData("api/0", "virt-api")]
    [InlineData("operator/0", "virt-operator")]
    public void What_KubeVirt_1_9_defines_is_there_except_what_needs_a_panic_a_snapshot_or_a_GPU(string id, string component, params string[] absent)
    {
        string[] defined = SharedFiles.Rows(SharedFiles.Require("spec/kubevirt-metrics/metrics-v1.9.0.tsv"))
            .Where(row => row["kind"] == "Metric" && row["component"] == component).Select(row => row["name"]).ToArray();
        HashSet<string> simulated = Scrapes.Read(Scrapes.Cluster("1.9"), id).Select(family => family.Name).ToHashSet();
        Assert.Equal(absent.Order(), defined.Where(name => !simulated.Contains(name)).Order());
    }

    [Fact]
    public void The_promised_families_of_the_three_checks_are_there_under_their_name_of_each_version()
    {
        foreach (Dictionary<string, string> row in SharedFiles.Rows(SharedFiles.Require("spec/metrics.tsv")).Where(row => !row["raw_family"].StartsWith('(')))
        {
            string id = row["metric"].Split('.')[0] switch { "kubevirt_api" => "api/0", "kubevirt_controller" => "controller/0", _ => "handler/0" };
            Assert.Contains(row["raw_family"], Names("1.2", id));
            string[] old = row["raw_before_1.1"].Length > 0 ? [row["raw_before_1.1"]] : [row["raw_family"]];
            if (row["raw_family"] != "kubevirt_vmi_vcpu_delay_seconds_total") Assert.Contains(old[0], Names("1.0", id));
            string current = row["raw_since_1.3"].Length > 0 ? row["raw_since_1.3"] : row["raw_family"];
            if (row["raw_family"] != "kubevirt_vmi_phase_count") Assert.Contains(current, Names("1.9", id));
        }
    }

    [Fact]
    public void A_standby_has_no_family_of_machines()
    {
        HashSet<string> standby = [.. Names("1.9", "controller/1")];
        Assert.DoesNotContain(standby, name => name.StartsWith("kubevirt_vm", StringComparison.Ordinal));
        Assert.Contains("kubevirt_workqueue_adds_total", standby);
        Assert.Equal("0", Scrapes.Line(Scrapes.Cluster("1.9"), "controller/1", "kubevirt_virt_controller_leading_status").Number);
        Assert.Equal("1", Scrapes.Line(Scrapes.Cluster("1.9"), "controller/0", "kubevirt_virt_controller_leading_status").Number);
    }

    [Fact]
    public void A_node_of_5000_instances_gives_86_megabytes()
    {
        SimulatedCluster cluster = Scrapes.Cluster("1.9", vmis: 5000);
        ScrapeWriter writer = cluster.BeginScrape(cluster.Pods.First(pod => pod.Id == "handler/0"));
        Assert.InRange(writer.SeriesCount, 260_000, 275_000);
        Assert.InRange(writer.WriteAll(Stream.Null), 80_000_000, 92_000_000);
    }

    private static IEnumerable<string> Names(string version, string id) => Scrapes.Read(Scrapes.Cluster(version), id).Select(family => family.Name);
}
