using System.Text.RegularExpressions;
using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>docs/architecture.md names rooms, rules and files that are there.</summary>
public sealed class ArchitecturePageTests
{
    private static readonly string Page = Repository.Read("docs/architecture.md");

    /// <summary>The cells of each row of the table of rooms: room, what it does, file, rooms that it may use.</summary>
    private static string[][] Rooms => [.. Page.Split('\n').Where(line => Regex.IsMatch(line, @"^\| `\w+` \|.*\.cs` \|")).Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..5])];

    [Fact]
    public void TheTableOfRoomsIsTheRules() =>
        Assert.Equal(
            RoomRules.Knows.Select(room => $"{room.Key}: {string.Join(", ", room.Value.Concat(RoomRules.KnowsTheSurfaceOf.GetValueOrDefault(room.Key, []).Select(name => $"({name})")))}").Order(StringComparer.Ordinal),
            Rooms.Select(row => $"{row[0].Trim('`')}: {row[3]}").Order(StringComparer.Ordinal));

    [Fact]
    public void TheFileToOpenFirstIsInItsRoom() =>
        Expect.OfEach(Rooms, row => File.Exists(Path.Combine(Repository.Root, "src/KubeVirtMonitor.Core", row[0].Trim('`'), row[2].Trim('`'))) ? null : $"{row[0]}: {row[2]} is not there.");

    [Fact]
    public void EachFileOfAPathIsThere() =>
        Expect.OfEach(Regex.Matches(Page, @"^\d\. `(?<path>[\w./]+)`", RegexOptions.Multiline), path => File.Exists(Path.Combine(Repository.Root, "src", path.Groups["path"].Value)) ? null : $"{path.Groups["path"].Value} is not there.");
}
