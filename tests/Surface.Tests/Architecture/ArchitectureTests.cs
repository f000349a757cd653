using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>The rooms of Core use only the rooms that they may use, in the compiled assembly.</summary>
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
        // Calls are found by these names: others of the same type are.
        Assert.Contains(Core.ForeignCalls, use => use.Used == "System.Text.Json.Nodes.JsonNode.ToJsonString");
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
    [InlineData("Spectre.Console", "KubeVirtMonitor.Terminal")]
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
