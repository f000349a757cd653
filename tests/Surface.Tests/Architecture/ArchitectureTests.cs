using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>The rooms of Core know whom they may know, by what the compiler made of them.</summary>
public sealed class ArchitectureTests
{
    private const string CoreFolder = "src/KubeVirtMonitor.Core";

    private static readonly CompiledAssembly Core = CompiledAssembly.Load(Path.Combine(Repository.Staged, "KubeVirtMonitor.Core.dll"));

    [Fact]
    public void RoomsOfCoreKnowOnlyWhomTheyMayKnow() =>
        Expect.None(RoomRules.Violations(Core, RoomMap.OfProject(CoreFolder), RoomRules.Knows));

    [Fact]
    public void TheRoomsOfTheRulesAreTheFoldersOfCore() =>
        Assert.Equal(
            Directory.EnumerateDirectories(Path.Combine(Repository.Root, CoreFolder)).Select(folder => Path.GetFileName(folder)).Where(name => name is not ("bin" or "obj")).Order(StringComparer.Ordinal),
            RoomRules.Knows.Keys.Order(StringComparer.Ordinal));

    /// <summary>The table of the rooms in docs/architecture.md tells where to start reading each, by types that live there.</summary>
    [Fact]
    public void EachRoomHasAnEntrance()
    {
        var rooms = RoomMap.OfProject(CoreFolder);
        var entrances = Repository.Read("docs/architecture.md").Split('\n')
            .SkipWhile(line => !line.StartsWith("| room | does |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .SelectMany(cells => cells[4].Split(',', StringSplitOptions.TrimEntries), (cells, type) => (Room: cells[1], Type: type.Trim('`')))
            .ToArray();
        Assert.Equal(RoomRules.Knows.Keys.Order(StringComparer.Ordinal), entrances.Select(entrance => entrance.Room).Distinct().Order(StringComparer.Ordinal));
        Expect.None(entrances
            .Where(entrance => !Core.Types.Any(type => type.Name.EndsWith("." + entrance.Type, StringComparison.Ordinal) && rooms.RoomsOf(type.Name).Contains(entrance.Room)))
            .Select(entrance => $"{entrance.Type} does not live in {entrance.Room}."));
    }

    [Fact]
    public void WhatARoomGivesOutIsTaken()
    {
        var rooms = RoomMap.OfProject(CoreFolder);
        Expect.OfEach(
            RoomRules.GivesOut.SelectMany(room => room.Value.Select(name => (Room: room.Key, Name: name))),
            gift => Core.Types.SingleOrDefault(type => type.Name.EndsWith($".{gift.Name}", StringComparison.Ordinal) && rooms.RoomsOf(type.Name).Contains(gift.Room)) is { IsPublic: false } type
                && RoomRules.Violations(Core, rooms, RoomRules.Knows, type.Name).Count > 0
                    ? null
                    : $"{gift.Name} of {gift.Room} is taken by no room behind it, or is public anyway.");
    }

    [Fact]
    public void UnderTheReverseOfTheRulesCoreIsFullOfViolations()
    {
        var reversed = RoomRules.Knows.ToDictionary(
            room => room.Key,
            room => RoomRules.Knows.Where(other => other.Value.Contains(room.Key)).Select(other => other.Key).ToArray());
        var violations = RoomRules.Violations(Core, RoomMap.OfProject(CoreFolder), reversed);
        Assert.Contains(violations, line => line.Contains("(Mapping) uses", StringComparison.Ordinal) && line.EndsWith("(Catalog).", StringComparison.Ordinal));
        Assert.Contains(violations, line => line.Contains("(Mapping) uses", StringComparison.Ordinal) && line.EndsWith("(Exposition).", StringComparison.Ordinal));
    }

    /// <summary>Objects are read by <c>JsonCursor</c>, or are nodes that can be changed and come of <c>JsonText</c>. Whatever else the framework has is used by these two alone.</summary>
    [Fact]
    public void JsonIsReadInTwoWays()
    {
        var rooms = RoomMap.OfProject(CoreFolder);
        string[] users = [.. Core.ForeignMembers
            .Where(use => use.Used is "System.Text.Json.JsonElement" or "System.Text.Json.JsonDocument" or "System.Text.Json.Utf8JsonReader")
            .Select(use => use.User).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(["KubeVirtMonitor.Json.JsonCursor", "KubeVirtMonitor.Json.JsonText"], users.Where(user => rooms.RoomsOf(user).Contains("Json")));
        Expect.None(users.Where(user => !rooms.RoomsOf(user).Contains("Json")));
        Expect.None(Core.ForeignCalls.Where(use => use.Used == "System.Text.Json.Nodes.JsonNode.Parse").Select(use => use.User));
    }

    [Fact]
    public void CoreKnowsNeitherPowerShellNorYaml() =>
        Expect.OfEach(Core.References, name =>
            !name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("System.Management", StringComparison.Ordinal) ? name : null);

    // The client library asks for a YamlDotNet too; naming it gives both the same one.
    [Theory]
    [InlineData("YamlDotNet", "KubeVirtMonitor.Yaml", "KubeVirtMonitor.Kubernetes")]
    [InlineData("KubernetesClient", "KubeVirtMonitor.Kubernetes")]
    public void ALibraryIsKnownToOneAssembly(string library, string owner, string? alsoNames = null)
    {
        var users = Repository.TextFiles
            .Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".csproj", StringComparison.Ordinal))
            .Where(file => Repository.Read(file).Contains($"<PackageReference Include=\"{library}\"", StringComparison.Ordinal))
            .Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(new[] { owner, alsoNames }.OfType<string>().Order(StringComparer.Ordinal), users.Order(StringComparer.Ordinal));

        var knowing = Directory.EnumerateFiles(Repository.Staged, "KubeVirtMonitor*.dll", SearchOption.AllDirectories)
            .Where(staged => CompiledAssembly.Load(staged).References.Contains(library))
            .Select(Path.GetFileNameWithoutExtension);
        Assert.Equal([owner], knowing);
    }

    [Fact]
    public void NobodyKnowsTheCmdlets()
    {
        // The kit brings YAML and simulator along; who knows Core shows that a reference would be seen. These tests read the texts of the cmdlets.
        string[] UsersOf(string assembly) =>
            [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "KubeVirtMonitor*.dll").Where(file => CompiledAssembly.Load(file).References.Contains(assembly)).Select(file => Path.GetFileName(file))];
        Assert.Superset(new HashSet<string> { "KubeVirtMonitor.dll", "KubeVirtMonitor.Yaml.dll", "KubeVirtMonitor.Simulator.dll", "KubeVirtMonitor.TestKit.dll" }, UsersOf("KubeVirtMonitor.Core").ToHashSet());
        Assert.Equal(["KubeVirtMonitor.Surface.Tests.dll"], UsersOf("KubeVirtMonitor"));
    }
}
