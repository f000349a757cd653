using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>
/// Which room each type lives in: the folder of the source file that declares it. Namespaces don't tell, since what users see
/// lives in the root namespace whichever room it comes from.
/// </summary>
internal sealed partial class RoomMap
{
    private readonly Dictionary<string, HashSet<string>> _rooms = [];

    /// <summary>A map for types that no source file is read for.</summary>
    public RoomMap(IEnumerable<KeyValuePair<string, string>> rooms)
    {
        foreach (var (type, room) in rooms)
            Add(type, room);
    }

    private RoomMap()
    {
    }

    /// <summary>Reads the source files of a project; the first folder below it is the room.</summary>
    public static RoomMap OfProject(string folder)
    {
        var map = new RoomMap();
        foreach (var file in Repository.SourceFiles(folder))
        {
            var parts = file[(folder.Length + 1)..].Split('/');
            foreach (var type in DeclaredTypes(Repository.Read(file)))
                map.Add(type, parts.Length > 1 ? parts[0] : string.Empty);
        }
        return map;
    }

    /// <summary>Namespace and metadata name of each top-level type that a source text declares.</summary>
    public static IEnumerable<string> DeclaredTypes(string source)
    {
        var space = Namespace().Match(source).Groups["name"].Value;
        return TopLevelType().Matches(source).Select(match =>
        {
            var parameters = match.Groups["parameters"];
            var arity = parameters.Success ? "`" + parameters.Value.Split(',').Length : string.Empty;
            return TypeNames.Join(space, match.Groups["name"].Value + arity);
        });
    }

    /// <summary>The rooms that declare a type: none when no file does, several when a partial type is spread over rooms.</summary>
    public IReadOnlySet<string> RoomsOf(string type)
    {
        // Types with the modifier "file" get the file's name put before their own.
        var mangled = FileLocal().Match(type);
        var name = mangled.Success ? mangled.Groups["space"].Value + mangled.Groups["name"].Value : type;
        return _rooms.GetValueOrDefault(name) ?? [];
    }

    private void Add(string type, string room)
    {
        if (!_rooms.TryGetValue(type, out var rooms))
            _rooms.Add(type, rooms = []);
        rooms.Add(room);
    }

    [GeneratedRegex(@"^namespace (?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    // Namespaces are file-scoped here, so a top-level type starts at the margin.
    [GeneratedRegex(
        @"^(?:(?:public|internal|file|static|sealed|abstract|readonly|ref|partial|unsafe)\s+)*"
            + @"(?:class|struct|interface|enum|record\s+(?:class|struct)|record|delegate\s[^(;=]*?)\s+(?<name>[A-Za-z_]\w*)\s*(?:<(?<parameters>[^>]*)>)?",
        RegexOptions.Multiline)]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"^(?<space>.*\.)?<\w+>F[0-9A-F]+__(?<name>.+)$")]
    private static partial Regex FileLocal();
}
