using System.Reflection;
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

    /// <summary>Small types live beside their owner; the owner comes first and gives the file its name.</summary>
    [Fact]
    public void AFileIsNamedAfterItsFirstType() => Expect.OfEach(
        Repository.SourceFiles("src").Where(file => Path.GetFileName(file) != "Program.cs"),
        file => RoomMap.DeclaredTypes(Repository.Read(file)).ToArray() is { Length: > 0 } types
            && !IsNamedAfter(file, types[0].Split('.')[^1].Split('`')[0]) ? $"{file} begins with {types[0]}" : null);

    [Fact]
    public void FilesAreShort() => Expect.OfEach(Repository.SourceFiles("src"), file =>
        File.ReadLines(Path.Combine(Repository.Root, file)).Count() is > MostLines and int lines ? $"{file} has {lines} lines" : null);

    [Fact]
    public void NothingIsLeftForLater() => ExpectNone(Unfinished);

    [Fact]
    public void NoPathOfAMachineIsWrittenDown() => ExpectNone(MachinePath);

    [Fact]
    public void TheStagedAssembliesHoldNoPathOfAMachine()
    {
        // This assembly does hold it, so that it would be found in the others.
        Assert.True(Holds(typeof(SourceTests).Assembly.Location, Repository.Root));
        Expect.OfEach(Directory.EnumerateFiles(Repository.Staged, "*.dll", SearchOption.AllDirectories), file => Holds(file, Repository.Root) ? file : null);
    }

    [Fact]
    public void LinesEndInOneWayAndWithoutBlanks() =>
        Expect.OfEach(Repository.SourceFiles("src").Concat(Repository.SourceFiles("tests")), file => Regex.IsMatch(Repository.Read(file), @"[ \t]\n|\r") ? file : null);

    [Theory]
    [InlineData("// TO" + "DO: more", true)]
    [InlineData("throw new NotImplemented" + "Exception();", true)]
    [InlineData("// a mastodon", false)]
    public void WhatIsLeftForLaterIsKnown(string line, bool isLeft) => Assert.Equal(isLeft, Unfinished.IsMatch(line));

    [Theory]
    [InlineData("cd /ho" + "me/me/x", true)]
    [InlineData("\"/wo" + "rk/x\"", true)]
    [InlineData("C:" + @"\Users\me", true)]
    [InlineData("https://host/home/page", false)]
    public void PathsOfMachinesAreKnown(string line, bool isOne) => Assert.Equal(isOne, MachinePath.IsMatch(line));

    [Theory]
    [MemberData(nameof(Projects))]
    public void PublicTypesAreDocumented(string project)
    {
        var members = XDocument.Load(Path.Combine(AppContext.BaseDirectory, project + ".xml")).Descendants("member").ToArray();
        var types = System.Reflection.Assembly.Load(project).GetExportedTypes();
        var documented = members.Select(member => member.Attribute("name")!.Value.Split('(')[0]).ToHashSet();
        Expect.OfEach(types.SelectMany(DocumentedNames), name => documented.Contains(name) ? null : name);
        Expect.OfEach(members, member =>
            member.Element("inheritdoc") is null && string.IsNullOrWhiteSpace(member.Element("summary")?.Value) && member.Element("summary")?.HasElements != true
                ? member.Attribute("name")!.Value : null);
    }

    [Fact]
    public void TheSolutionHasEveryProjectAndOneConfiguration()
    {
        var solution = Repository.Read("Module.sln").Replace('\\', '/');
        Expect.OfEach(Repository.TextFiles.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)), file => solution.Contains($"\"{file}\"", StringComparison.Ordinal) ? null : file);
        // "dotnet sln add" brings Debug back, and a plain build would take it.
        Assert.DoesNotContain("Debug|", solution, StringComparison.Ordinal);
    }

    private static bool IsNamedAfter(string file, string type)
    {
        var name = Path.GetFileName(file).Split('.')[0];
        return type == name || type == name + "Attribute";
    }

    /// <summary>A public type, and those of its public members that it does not get from elsewhere, as documentation files name them, without parameters.</summary>
    private static IEnumerable<string> DocumentedNames(Type type)
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var name = type.FullName!.Replace('+', '.');
        // Records have members of the compiler's making; their parameters are told with the type.
        var parameters = type.GetMethod("<Clone>$") is null ? [] : type.GetConstructors().SelectMany(constructor => constructor.GetParameters()).Select(parameter => parameter.Name).ToArray();
        return
        [
            "T:" + name,
            .. type.GetProperties(Own).Where(property => !parameters.Contains(property.Name) && property.GetIndexParameters().Length == 0).Select(property => $"P:{name}.{property.Name}"),
            .. type.GetFields(Own).Where(field => !field.IsSpecialName).Select(field => $"F:{name}.{field.Name}"),
            .. type.GetEvents(Own).Select(raised => $"E:{name}.{raised.Name}"),
        ];
    }

    private static bool Holds(string file, string text)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(file);
        return bytes.IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0 || bytes.IndexOf(System.Text.Encoding.Unicode.GetBytes(text)) >= 0;
    }

    private static void ExpectNone(Regex pattern)
    {
        var files = Repository.TextFiles;
        Assert.NotEmpty(files);
        Expect.None(files.SelectMany(file => File.ReadLines(Path.Combine(Repository.Root, file))
            .Select((line, index) => (Line: line, Number: index + 1))
            .Where(found => pattern.IsMatch(found.Line))
            .Select(found => $"{file}:{found.Number}: {found.Line.Trim()}")));
    }
}
