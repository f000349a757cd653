using System.Xml.Linq;
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
    public void UnderTheReverseOfTheRulesCoreIsFullOfViolations()
    {
        var reversed = RoomRules.Knows.ToDictionary(
            room => room.Key,
            room => RoomRules.Knows.Where(other => other.Value.Contains(room.Key)).Select(other => other.Key).ToArray());
        var violations = RoomRules.Violations(Core, RoomMap.OfProject(CoreFolder), reversed);
        Assert.Contains(violations, line => line.Contains("(Mapping) uses", StringComparison.Ordinal) && line.EndsWith("(Catalog).", StringComparison.Ordinal));
        Assert.Contains(violations, line => line.Contains("(Mapping) uses", StringComparison.Ordinal) && line.EndsWith("(Exposition).", StringComparison.Ordinal));
    }

    [Fact]
    public void CoreKnowsNeitherPowerShellNorYaml() =>
        Expect.None(Core.References.Where(name =>
            !name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("System.Management", StringComparison.Ordinal)));

    [Fact]
    public void OnlyTheYamlAssemblyKnowsYamlDotNet()
    {
        var users = Repository.TextFiles
            .Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".csproj", StringComparison.Ordinal))
            .Where(file => Repository.Read(file).Contains("YamlDotNet", StringComparison.Ordinal));
        Expect.None(users.Where(file => !file.EndsWith("/KubeVirtMonitor.Yaml.csproj", StringComparison.Ordinal)));

        foreach (var staged in Directory.EnumerateFiles(Repository.Staged, "KubeVirtMonitor*.dll", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(staged) != "KubeVirtMonitor.Yaml.dll")
                Assert.DoesNotContain("YamlDotNet", CompiledAssembly.Load(staged).References);
        }
    }

    [Fact]
    public void NobodyKnowsTheCmdlets()
    {
        var users = Repository.TextFiles
            .Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".csproj", StringComparison.Ordinal))
            .Where(file => XDocument.Parse(Repository.Read(file)).Descendants("ProjectReference").Any(UsesTheCmdlets));
        Expect.None(users);
    }

    // Without its assembly a reference only says what has to be built before.
    private static bool UsesTheCmdlets(XElement reference) =>
        reference.Attribute("Include")!.Value.EndsWith("/KubeVirtMonitor.csproj", StringComparison.Ordinal)
        && reference.Attribute("ReferenceOutputAssembly")?.Value != "false";
}
