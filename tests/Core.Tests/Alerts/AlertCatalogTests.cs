using System.Globalization;
using System.Reflection;
using KubeVirtMonitor.Alerts;
using Xunit;

namespace KubeVirtMonitor.Tests.Alerts;

public sealed class AlertCatalogTests
{
    // The fixture is read out of KubeVirt's sources at each tag, and the catalogue is another text.
    public static TheoryData<string> Releases() => [.. ByRelease().Keys];

    [Theory]
    [MemberData(nameof(Releases))]
    public void Each_release_has_the_alerts_of_its_sources(string release)
    {
        string[] expected = [.. ByRelease()[release].Order(StringComparer.Ordinal)];
        string[] actual =
        [
            .. AlertCatalog.Default.For(KubeVirtVersion.Parse(release)).Where(static one => one.Origin == AlertOrigin.KubeVirt)
                .Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.Name} {one.Severity.ToString().ToLowerInvariant()} {one.Hold.TotalSeconds} {one.HealthImpact}")).Order(StringComparer.Ordinal),
        ];
        Assert.NotEmpty(expected);
        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData("1.0.0", 30)]
    [InlineData("1.5.2", 23)]
    [InlineData("1.9.0", 38)]
    public void The_fixture_has_as_many_as_the_sources(string release, int count) => Assert.Equal(count, ByRelease()[release].Count);

    [Fact]
    public void An_unknown_version_has_what_the_newest_has() =>
        Assert.Equal(AlertCatalog.Default.For(new KubeVirtVersion(1, 9)).Select(static one => one.ToString()), AlertCatalog.Default.For(null).Select(static one => one.ToString()));

    [Theory]
    [InlineData("1.6.4", "FewReached", 2)]
    [InlineData("1.6.5", "LowReplicas", 0.75)]
    [InlineData("1.7.1", "FewReached", 2)]
    [InlineData("1.7.2", "LowReplicas", 0.75)]
    public void A_back_port_changes_the_condition(string version, string rule, double threshold)
    {
        AlertDefinition alert = Assert.Single(AlertCatalog.Default.For(KubeVirtVersion.Parse(version)), static one => one.Name == "LowVirtAPICount");
        Assert.Equal(rule, alert.Rule.ToString());
        Assert.Equal(threshold, alert.Thresholds[0].Value);
    }

    // No two lines of a name and severity may fit the same version, or which of them counts would be a matter of their order.
    [Fact]
    public void No_version_has_two_conditions_for_an_alert() => Each.Of(ByRelease().Keys, static release =>
    {
        KubeVirtVersion version = KubeVirtVersion.Parse(release);
        Assert.Empty(AlertCatalog.Default.Definitions.Where(one => one.AppliesTo(version)).GroupBy(static one => (one.Name, one.Severity)).Where(static group => group.Count() > 1).Select(static group => group.Key));
    });

    [Fact]
    public void What_differs_from_KubeVirt_is_said_where_its_expression_cannot_fire() =>
        Each.Of(
            AlertCatalog.Default.For(new KubeVirtVersion(1, 9)).Where(static one => one.Name is "GuestVCPUQueueHighWarning" or "GuestVCPUQueueHighCritical" or "KubeVirtVMGuestMemoryPressure" or "KubeVirtVMGuestMemoryAvailableLow" or "NoLeadingVirtOperator"),
            static one => Assert.Contains("cannot fire", one.Note, StringComparison.Ordinal));

    [Theory]
    [InlineData("GreaterOrEqual", 0.8, 0.8, true)]
    [InlineData("GreaterOrEqual", 0.79, 0.8, false)]
    [InlineData("Greater", 10, 10, false)]
    [InlineData("Less", 0.75, 0.75, false)]
    [InlineData("Less", double.NaN, 0.75, false)]
    [InlineData("NotEqual", double.NaN, 1, false)]
    [InlineData("NotEqual", 2, 1, true)]
    [InlineData("Equal", 0, 0, true)]
    [InlineData("LessOrEqual", 1, 1, true)]
    public void Values_are_compared_as_in_PromQL(string comparison, double value, double threshold, bool holds) =>
        Assert.Equal(holds, AlertThreshold.Holds(value, Enum.Parse<AlertComparison>(comparison), threshold));

    [Theory]
    [InlineData("name\n", "line 1: the header")]
    [InlineData("name\tversions\tseverity\timpact\thold\tscope\trule\tthresholds\tneeds\tsummary\tnote\nA\t1.0..\tcritical\t-\t0s\tcluster\tOutdated\t-\tpods\tS.\t-", "line 2: '1.0' is not a version with a patch")]
    [InlineData("name\tversions\tseverity\timpact\thold\tscope\trule\tthresholds\tneeds\tsummary\tnote\nA\t..\tbad\t-\t0s\tcluster\tOutdated\t-\tpods\tS.\t-", "line 2: 'bad' is no AlertSeverity")]
    [InlineData("name\tversions\tseverity\timpact\thold\tscope\trule\tthresholds\tneeds\tsummary\tnote\nA\t..\tinfo\t-\t0s\tcluster\tOutdated\tX=>3\tpods\tS.\t-", "line 2: 'X=>3' compares in no known way")]
    public void A_damaged_file_says_where(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => AlertCatalog.Read(new StringReader(text))).Message, StringComparison.Ordinal);

    private static Dictionary<string, HashSet<string>> ByRelease()
    {
        using StreamReader reader = new(Assembly.GetExecutingAssembly().GetManifestResourceStream("kubevirt-alerts.tsv")!);
        Dictionary<string, HashSet<string>> releases = [];
        Dictionary<(string, string), string> alerts = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            string[] columns = line.Split('\t');
            if (columns[1] == "+") alerts[(columns[2], columns[3])] = string.Join(' ', columns[2..]);
            else if (columns[1] == "-") Assert.True(alerts.Remove((columns[2], columns[3])));
            releases[columns[0]] = [.. alerts.Values];
        }

        return releases;
    }
}
