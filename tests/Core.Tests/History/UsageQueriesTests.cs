using System.Text.RegularExpressions;
using CsCheck;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.History;
using KubeVirtMonitor.Usage;
using Xunit;

namespace KubeVirtMonitor.Tests.History;

/// <summary>What is asked, before any server answers.</summary>
public class UsageQueriesTests
{
    private static readonly TimeSpan Minutes5 = TimeSpan.FromMinutes(5);

    [Fact]
    public void All_names_of_all_versions_are_asked_for_at_once()
    {
        string all = string.Concat(Terms(UsageNeeds.All).Select(static term => term.Expression));
        // Every raw name of every family that usage is made of.
        foreach (string raw in UsageColumns.Names.SelectMany(static name => MetricCatalog.Default.Find(name)!.RawNames)) Assert.Matches($"\\b{Regex.Escape(raw)}\\b", all);
        // By hand, from KubeVirt's source at its tags.
        foreach (string raw in (string[])["kubevirt_vmi_cpu_usage_seconds", "kubevirt_vmi_vcpu_seconds", "kubevirt_vmi_storage_read_times_ms_total", "kubevirt_migrate_vmi_data_remaining_bytes", "kubevirt_vmi_memory_pgmajfault"])
            Assert.Matches($"\\b{raw}[\\[{{]", all);
    }

    [Fact]
    public void Units_that_differ_by_version_are_corrected()
    {
        string read = Terms(UsageNeeds.Of(["DiskReadLatencyMs"])).Single(static term => term.Name == "ReadTime").Expression;
        Assert.Contains("rate(kubevirt_vmi_storage_read_times_seconds_total[300s]) or rate(kubevirt_vmi_storage_read_times_ms_total[300s])/1000", read, StringComparison.Ordinal);
        string run = Terms(UsageNeeds.Of(["GuestCpuPercent"])).Single(static term => term.Name == "VCpuRun").Expression;
        Assert.Contains("rate(kubevirt_vmi_vcpu_seconds_total[300s])/1000 and on(", run, StringComparison.Ordinal);
        Assert.Contains("rate(kubevirt_vmi_vcpu_seconds_total[300s]) unless on(", run, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_is_wanted_is_asked_for()
    {
        Assert.Equal(["CpuUsage", "VCpus"], Names("CpuPercent"));
        Assert.Equal(["VCpuReady", "VCpus"], Names("CpuReadyPercent"));
        Assert.Equal(["MemoryAvailable", "MemoryUsable"], Names("MemoryUsedPercent"));
        Assert.Equal(["ReadOperations", "ReadTime", "WriteOperations", "WriteTime"], Names("disklatencyms"));
        Assert.Equal(["ConfiguredMemory", "MemoryBalloon"], Names("MemoryBallooned"));
        Assert.Equal(["MigrationEnd", "MigrationStart"], Names("MigrationSeconds").Where(static name => name.StartsWith("Migration", StringComparison.Ordinal)));
        Assert.Equal(["MigrationProcessed", "MigrationRemaining", "MigrationTotal"], Names("MigrationPercent"));
        Assert.Equal(Enum.GetValues<UsageFact>().Length, UsageNeeds.All.Facts.Count);

        static IEnumerable<string> Names(string property) => Terms(UsageNeeds.Of([property])).Where(static term => !term.IsRare).Select(static term => term.Name).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Every_figure_of_every_property_is_asked_for()
    {
        HashSet<string> terms = [.. Terms(UsageNeeds.All).Select(static term => term.Name)];
        foreach (UsageFigure figure in UsageNeeds.All.Figures) Assert.Contains(figure.ToString(), terms);
    }

    [Theory]
    [InlineData(60_000, "60s")]
    [InlineData(1500, "1500ms")]
    [InlineData(86_400_000, "86400s")]
    public void Durations_are_whole_numbers(int milliseconds, string text) => Assert.Equal(text, UsageQueries.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void Versions_with_milliseconds_are_those_that_have_them()
    {
        RawMetric raw = MetricCatalog.Default.Find("kubevirt_handler.vmi.vcpu_seconds.count")!.RawMetrics.Single(static raw => raw.Divisor.Equals(1000d));
        Regex pattern = new($"^(?:{VersionPattern.Of([raw])})$");
        foreach (string version in (string[])["v1.2.1", "1.2.2", "v1.2.17", "v1.3.0", "v1.5.3", "v1.4.0-rc.1", "v1.5.0+build"]) Assert.Matches(pattern, version);
        foreach (string version in (string[])["v1.0.0", "v1.1.1", "v1.2.0", "v1.2.0-rc.1", "v1.6.0", "v1.9.0", "v11.3.0", "v1.30.0", "v1.20.1", "v1x3x0"]) Assert.DoesNotMatch(pattern, version);
    }

    [Fact]
    public void A_version_fits_the_pattern_of_a_name_where_it_uses_it()
    {
        RawMetric[] raws = [.. MetricCatalog.Default.Definitions.SelectMany(static definition => definition.RawMetrics).Where(static raw => UsesOneDigit(raw.Since) && UsesOneDigit(raw.Until))];
        Gen.Select(Gen.Int[0, raws.Length - 1], Gen.Int[0, 9], Gen.Int[0, 25]).Sample((at, minor, patch) =>
            Regex.IsMatch($"v1.{minor}.{patch}", $"^(?:{VersionPattern.Of([raws[at]])})$") == raws[at].AppliesTo(new KubeVirtVersion(1, minor, patch)));

        static bool UsesOneDigit(KubeVirtVersion? version) => version is not { } known || known.Patch < 10;
    }

    [Fact]
    public void A_query_is_no_longer_than_servers_take_it()
    {
        // VictoriaMetrics takes 16,384 bytes; no term alone may come near that, with matchers of some length.
        foreach (UsageTerm term in UsageQueries.Of(UsageNeeds.All, null, Minutes5, false, TimeSpan.FromSeconds(30), "cluster=~\"north|south\"", "namespace=~\"team-.*\",name=~\"web.*\"")) Assert.InRange(term.Expression.Length, 50, 4000);
    }

    private static IReadOnlyList<UsageTerm> Terms(UsageNeeds needs) => UsageQueries.Of(needs, null, Minutes5, false, TimeSpan.FromSeconds(30), "", "");
}
