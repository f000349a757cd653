using KubeVirtMonitor.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.Mapping;

/// <summary>What recorded scrapes of real components lack of the documented metrics.</summary>
public sealed class DriftEvidenceTests
{
    private static readonly string[] Workqueue =
        ["adds.count", "depth", "longest_running_processor_seconds", "queue_duration_seconds.bucket", "queue_duration_seconds.count", "queue_duration_seconds.sum",
         "retries.count", "unfinished_work_seconds", "work_duration_seconds.bucket", "work_duration_seconds.count", "work_duration_seconds.sum"];

    [Theory]
    [InlineData("1.2.2")]
    [InlineData("1.9.0")]
    public void Of_virt_api(string version) =>
        Assert.Equal(["can_connect", "vm.count", "vmi.count"], Absent("virt-api-v" + version, ComponentKind.Api, version));

    [Fact]
    public void Of_virt_controller() => Assert.Equal(["can_connect"], Absent("virt-controller-v1.9.0", ComponentKind.Controller, "1.9.0"));

    [Fact]
    public void Of_virt_handler_of_1_2() => Assert.Equal(["can_connect"], Absent("virt-handler-v1.2.2", ComponentKind.Handler, "1.2.2"));

    [Fact]
    public void Of_virt_handler_of_1_9() =>
        Assert.Equal(["can_connect", .. Workqueue.Select(name => "workqueue." + name)], Absent("virt-handler-v1.9.0-10vmis", ComponentKind.Handler, "1.9.0"));

    private static string[] Absent(string file, ComponentKind component, string version)
    {
        Dictionary<string, string> types = [];
        List<FamilyObservation> families = [];
        foreach (string line in File.ReadLines(SharedFiles.Require($"scrapes/{file}.prom")))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal)) types[line.Split(' ')[2]] = line.Split(' ')[3];
            if (line.Length == 0 || line[0] == '#') continue;
            string sample = line[..line.IndexOfAny(['{', ' '])];
            string family = types.Keys.Where(name => sample == name || sample == name + "_bucket" || sample == name + "_sum" || sample == name + "_count").MaxBy(name => name.Length)!;
            if (families.All(known => known.SampleName != sample)) families.Add(new FamilyObservation(sample, family, types[family], 1, null));
        }

        ScrapeSummary scrape = new() { Target = file, Component = component, Version = KubeVirtVersion.Parse(version), VersionSource = VersionSource.User, Families = families };
        IReadOnlyList<MetricDrift> drift = DriftAnalyzer.Compare(scrape);
        Assert.DoesNotContain(drift, item => item.Status == DriftStatus.TypeDiffers);
        Assert.DoesNotContain(drift, item => item.Status == DriftStatus.Unmapped && item.Name != "kubevirt_info");
        return [.. drift.Where(item => item.Documented && item.Status != DriftStatus.Present).Select(item => item.Name[(item.Name.IndexOf('.', StringComparison.Ordinal) + 1)..])];
    }
}
