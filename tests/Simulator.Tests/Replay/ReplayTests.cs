using System.Text.RegularExpressions;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Replay;

/// <summary>The simulator answers recorded requests of real servers as those did, as far as a client can notice.</summary>
public sealed partial class ReplayTests
{
    /// <summary>Recordings that the simulator cannot be asked, or need not answer alike, by their number, each with the reason.</summary>
    private static readonly Dictionary<string, string> NotReplayed = new()
    {
        ["74"] = "YAML: no client of ours asks for it, and the simulator says 406",
        ["76"] = "protobuf", ["77"] = "protobuf", ["223"] = "protobuf", ["233"] = "protobuf", ["243"] = "protobuf", ["253"] = "protobuf",
        ["78"] = "needs a list above 128 KiB; see ListTests",
        ["90"] = "the first moments of an API server", ["91"] = "the first moments of an API server",
        ["142"] = "its events are those of other requests at the same time; see WatchTests",
        ["160"] = "OpenAPI", ["161"] = "OpenAPI", ["162"] = "OpenAPI", ["163"] = "discovery, cut", ["164"] = "discovery; see RecordedApiShapeTests", ["165"] = "discovery; see RecordedApiShapeTests",
        ["199"] = "pods on loopback addresses, which this cluster's are and a real one's are not", ["m08"] = "as 199", ["m11"] = "as 199",
        ["m03"] = "the host of that stack had no virt-probe", ["m06"] = "kubelet could not be found by that API server", ["m12"] = "an address without a route",
        ["m04"] = "TLS of other keys; see the tests of tunnels", ["m77"] = "depends on who is faster, the banner or the close frame; see 49 and 50",
        ["m32"] = "the resource version is of that cluster; see WriteTests", ["m30"] = "the resource version is of that cluster", ["m31"] = "the resource version is of that cluster", ["m29"] = "the resource version is of that cluster",
        ["m02"] = "events of a machine by its uid", ["m64"] = "its binding was made before", ["m67"] = "its binding was made before", ["m68"] = "its binding was made before",
        ["m72"] = "its binding was made before", ["m73"] = "the request that the module no longer sends; 31 is the same", ["m17"] = "a Datadog Agent in that cluster",
        ["196"] = "a machine that waits for a claim; this cluster has none", ["m37"] = "an instance without a machine; this cluster has none",
        ["m46"] = "as 78", ["m53"] = "as 78", ["m54"] = "as 78",
    };

    public static TheoryData<string> Fixtures => [.. Directory.EnumerateFiles(Folder, "*.http").Select(static file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(Repository.Fixtures, "exchanges");

    [Theory]
    [MemberData(nameof(Fixtures))]
    public Task Exchanges_are_answered_as_by_real_servers(string file) => ReplayAsync(Exchange.ReadAll(Path.Combine(Folder, file + ".http")));

    [Fact]
    public async Task Recorded_requests_are_answered_as_recorded()
    {
        string folder = SharedFiles.Require("recordings");
        IEnumerable<string> files = Directory.EnumerateFiles(folder, "*.http").Order(Comparer<string>.Create(static (left, right) => Order(left).CompareTo(Order(right))))
            .Concat(Directory.EnumerateFiles(Path.Combine(folder, "module-requests"), "*.http").Order(StringComparer.Ordinal));
        await ReplayAsync(files.Select(static file => Exchange.Parse(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file))).Where(static exchange => !NotReplayed.ContainsKey(exchange.Name.Split('-')[0])));
    }

    private static async Task ReplayAsync(IEnumerable<Exchange> exchanges)
    {
        await using ReplayStage stage = await ReplayStage.StartAsync();
        List<string> differences = [];
        int count = 0;
        foreach (Exchange exchange in exchanges)
        {
            bool dangles = exchange.AnswerBody.Contains("nosuch-role", StringComparison.Ordinal);
            if (dangles) await stage.DangleAsync();
            try
            {
                differences.AddRange((await stage.ReplayAsync(exchange)).Select(difference => $"{exchange.Name}: {difference}"));
            }
            catch (Exception failure) when (failure is IOException or FormatException or System.Text.Json.JsonException or InvalidOperationException)
            {
                differences.Add($"{exchange.Name}: {failure.Message}");
            }

            if (dangles) await stage.UndangleAsync();
            count++;
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences in {count} exchanges:\n{string.Join("\n", differences)}");
        Assert.NotEqual(0, count);
    }

    /// <summary>The order in which the requests were sent: by number, then by the letter behind it.</summary>
    private static (int, string) Order(string file)
    {
        Match number = Number().Match(Path.GetFileName(file));
        return (int.Parse(number.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), number.Groups[2].Value);
    }

    [GeneratedRegex("^([0-9]+)([a-z]?)")]
    private static partial Regex Number();
}
