using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;

namespace KubeVirtMonitor.Tests.Surface.Words;

/// <summary>The words in an assembly that people may get to see: texts of its code, lines of its resources, and its documentation.</summary>
internal static class AssemblyText
{
    /// <summary>Literals of method bodies, of constants and of attributes, and the lines of text that is embedded.</summary>
    public static IReadOnlyList<string> Of(string path)
    {
        using PEReader image = new(File.OpenRead(path), PEStreamOptions.PrefetchEntireImage);
        var metadata = image.GetMetadataReader();
        return [.. Literals(metadata), .. Constants(metadata), .. Attributes(metadata), .. Resources(path)];
    }

    /// <summary>The text of each member's documentation.</summary>
    public static IReadOnlyList<string> OfDocumentation(string path) =>
        [.. XDocument.Load(path).Descendants("member").Select(member => $"{member.Attribute("name")!.Value}: {member.Value}")];

    private static IEnumerable<string> Literals(MetadataReader metadata)
    {
        for (var handle = MetadataTokens.UserStringHandle(0); !(handle = metadata.GetNextHandle(handle)).IsNil;)
            yield return metadata.GetUserString(handle);
    }

    private static IEnumerable<string> Constants(MetadataReader metadata) => metadata.FieldDefinitions
        .Select(handle => metadata.GetFieldDefinition(handle).GetDefaultValue())
        .Where(handle => !handle.IsNil)
        .Select(metadata.GetConstant)
        .Where(constant => constant.TypeCode == ConstantTypeCode.String)
        .Select(constant => metadata.GetBlobReader(constant.Value))
        .Select(value => value.ReadUTF16(value.Length));

    private static IEnumerable<string> Attributes(MetadataReader metadata) => metadata.CustomAttributes
        .Select(handle => Encoding.UTF8.GetString(metadata.GetBlobBytes(metadata.GetCustomAttribute(handle).Value)));

    // Of an assembly that is not loaded by its name, so that no other copy of it is taken.
    private static IEnumerable<string> Resources(string path)
    {
        var assembly = Assembly.Load(File.ReadAllBytes(path));
        foreach (var name in assembly.GetManifestResourceNames())
        {
            using StreamReader reader = new(assembly.GetManifestResourceStream(name)!);
            while (reader.ReadLine() is { } line)
                yield return line;
        }
    }
}
