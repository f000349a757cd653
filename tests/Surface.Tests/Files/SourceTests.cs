using System.Text.RegularExpressions;
using System.Xml.Linq;
using KubeVirtMonitor.Tests.Surface.Architecture;
using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Files;

/// <summary>How the source files are kept.</summary>
public sealed class SourceTests
{
    private const int MostLines = 600;

    // Put together here, so that this file does not find itself.
    private static readonly Regex Unfinished = new("\\b(TO" + "DO|FIX" + "ME|X" + "XX|NotImplemented" + "Exception)\\b");

    // A machine's own folders; a path in the middle of a longer one is somebody else's.
    private static readonly Regex MachinePath = new(@"(?<![\w.~$})/-])/(home|Users|root|work)/\w" + @"|\b[A-Z]:\\Users\\");

    public static TheoryData<string> Projects => ["KubeVirtMonitor.Core", "KubeVirtMonitor"];

    [Fact]
    public void AFileHasOnePublicTypeAndItsName()
    {
        Expect.None(Repository.SourceFiles("src").Select(file =>
        {
            var types = Regex.Count(Repository.Read(file), "(?m)^public ");
            return types > 1 ? $"{file} declares {types} public types" : string.Empty;
        }).Where(line => line.Length > 0));
        Expect.None(Repository.SourceFiles("src")
            .Where(file => Path.GetFileName(file) != "Program.cs")
            .Where(file => RoomMap.DeclaredTypes(Repository.Read(file)).ToArray() is { Length: > 0 } types
                && !types.Select(type => type.Split('.')[^1].Split('`')[0]).Any(type => IsNamedAfter(file, type))));
    }

    [Fact]
    public void FilesAreShort() => Expect.None(Repository.SourceFiles("src")
        .Select(file => (File: file, Lines: File.ReadLines(Path.Combine(Repository.Root, file)).Count()))
        .Where(found => found.Lines > MostLines)
        .Select(found => $"{found.File} has {found.Lines} lines"));

    [Fact]
    public void NothingIsLeftForLater() => Expect.None(Find(Unfinished, Repository.TextFiles));

    [Fact]
    public void NoPathOfAMachineIsWrittenDown() => Expect.None(Find(MachinePath, Repository.TextFiles));

    [Fact]
    public void TheStagedAssembliesHoldNoPathOfAMachine()
    {
        foreach (var assembly in Directory.EnumerateFiles(Repository.Staged, "*.dll", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(assembly);
            Assert.True(bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Repository.Root)) < 0, assembly);
            Assert.True(bytes.AsSpan().IndexOf(System.Text.Encoding.Unicode.GetBytes(Repository.Root)) < 0, assembly);
        }
    }

    [Fact]
    public void LinesEndInOneWayAndWithoutBlanks() => Expect.None(Repository.SourceFiles("src").Concat(Repository.SourceFiles("tests"))
        .Where(file => Regex.IsMatch(Repository.Read(file), @"[ \t]\n|\r")));

    [Theory]
    [MemberData(nameof(Projects))]
    public void PublicTypesAreDocumented(string project)
    {
        var members = XDocument.Load(Path.Combine(AppContext.BaseDirectory, project + ".xml")).Descendants("member").ToArray();
        var types = System.Reflection.Assembly.Load(project).GetExportedTypes();
        Assert.NotEmpty(types);
        var documented = members.Select(member => member.Attribute("name")!.Value).ToHashSet();
        Expect.None(types.Select(type => "T:" + type.FullName!.Replace('+', '.')).Where(name => !documented.Contains(name)));
        Expect.None(members
            .Where(member => member.Element("inheritdoc") is null && string.IsNullOrWhiteSpace(member.Element("summary")?.Value) && member.Element("summary")?.HasElements != true)
            .Select(member => member.Attribute("name")!.Value));
        // The compiler asks for the rest, as long as nobody tells it not to.
        Assert.DoesNotContain("CS1591", Repository.Read($"src/{project}/{project}.csproj"), StringComparison.Ordinal);
    }

    [Fact]
    public void TheSolutionHasEveryProjectAndOneConfiguration()
    {
        var solution = Repository.Read("Module.sln").Replace('\\', '/');
        Expect.None(Repository.TextFiles.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal) && !solution.Contains($"\"{file}\"", StringComparison.Ordinal)));
        // "dotnet sln add" brings Debug back, and a plain build would take it.
        Assert.DoesNotContain("Debug|", solution, StringComparison.Ordinal);
    }

    private static bool IsNamedAfter(string file, string type)
    {
        var name = Path.GetFileName(file).Split('.')[0];
        return type == name || type == name + "Attribute";
    }

    private static IEnumerable<string> Find(Regex pattern, IEnumerable<string> files) =>
        files.SelectMany(file => File.ReadLines(Path.Combine(Repository.Root, file))
            .Select((line, index) => (Line: line, Number: index + 1))
            .Where(found => pattern.IsMatch(found.Line))
            .Select(found => $"{file}:{found.Number}: {found.Line.Trim()}"));
}
