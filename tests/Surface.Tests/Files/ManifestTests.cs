using System.Text.RegularExpressions;
using KubeVirtMonitor.Tests.Surface.Cmdlets;
using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Files;

/// <summary>The staged manifest says what is there: no more and no less.</summary>
public sealed class ManifestTests
{
    private static readonly string Manifest = File.ReadAllText(Path.Combine(Repository.Staged, "KubeVirtMonitor.psd1"));

    [Fact]
    public void ExportsAreTheCmdletClasses() =>
        Assert.Equal(CmdletClass.All.Select(cmdlet => cmdlet.Name).Order(StringComparer.Ordinal), List("CmdletsToExport"));

    [Theory]
    [InlineData("FunctionsToExport")]
    [InlineData("AliasesToExport")]
    [InlineData("VariablesToExport")]
    public void NothingElseIsExported(string key) => Assert.Empty(List(key));

    [Theory]
    [InlineData("FormatsToProcess", "*.Format.ps1xml")]
    [InlineData("TypesToProcess", "*.Types.ps1xml")]
    public void ViewsAndTypesAreTheStagedFiles(string key, string pattern) =>
        Assert.Equal(Directory.EnumerateFiles(Repository.Staged, pattern).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal), List(key));

    [Fact]
    public void TheVersionIsTheSameEverywhere()
    {
        Assert.Equal(Repository.Version, Value("ModuleVersion"));
        Assert.Equal(Repository.Version + ".0", CmdletClass.Assembly.GetName().Version!.ToString());
        Assert.Matches($@"(?m)^## \[{Regex.Escape(Repository.Version)}\] - (unreleased|\d{{4}}-\d\d-\d\d)$", Repository.Read("CHANGELOG.md"));
    }

    [Fact]
    public void ItIsForPowerShellSevenPointFour()
    {
        Assert.Equal("KubeVirtMonitor.dll", Value("RootModule"));
        Assert.Equal("7.4", Value("PowerShellVersion"));
        Assert.Equal(["Core"], List("CompatiblePSEditions"));
    }

    [Fact]
    public void TheStagedFolderHoldsTheModuleAndNothingElse()
    {
        string[] expected = ["CHANGELOG.md", "Dependencies/Fractions.LICENSE.txt", "Dependencies/Fractions.dll", "Dependencies/KubeVirtMonitor.Kubernetes.dll", "Dependencies/KubeVirtMonitor.Terminal.dll", "Dependencies/KubeVirtMonitor.Yaml.dll",
            "Dependencies/KubernetesClient.LICENSE.txt", "Dependencies/KubernetesClient.dll", "Dependencies/Spectre.Console.Ansi.dll", "Dependencies/Spectre.Console.LICENSE.txt", "Dependencies/Spectre.Console.dll", "Dependencies/YamlDotNet.LICENSE.txt", "Dependencies/YamlDotNet.dll", "KubeVirtMonitor.Core.dll", "KubeVirtMonitor.dll", "KubeVirtMonitor.psd1", "LICENSE", "README.md",
            .. List("FormatsToProcess"), .. List("TypesToProcess"), .. Help("*.xml"), .. Help("*.help.txt")];
        var present = Directory.EnumerateFiles(Repository.Staged, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Staged, file).Replace('\\', '/'));
        Assert.Equal(expected.Order(StringComparer.Ordinal), present.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Help(string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "en-US"), pattern).Select(file => "en-US/" + Path.GetFileName(file));

    private static string Value(string key) => Regex.Match(Manifest, $@"(?m)^ *{key} = '([^']*)'").Groups[1].Value;

    private static IEnumerable<string> List(string key)
    {
        var list = Regex.Match(Manifest, $@"(?m)^ *{key} = @\((?<items>[^)]*)\)");
        // A types file costs time at every import, so there need not be one.
        if (!list.Success && key == "TypesToProcess") return [];
        Assert.True(list.Success, $"The manifest has no list {key}.");
        return Regex.Matches(list.Groups["items"].Value, "'([^']*)'").Select(item => item.Groups[1].Value).Order(StringComparer.Ordinal);
    }
}
