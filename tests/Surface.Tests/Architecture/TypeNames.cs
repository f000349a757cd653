using System.Reflection.Metadata;

namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>Names of types as the metadata writes them.</summary>
internal static class TypeNames
{
    /// <summary>Namespace and name of the outermost type around this one, which is the one that a source file declares.</summary>
    public static string Outermost(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
            type = metadata.GetTypeDefinition(type.GetDeclaringType());
        return Join(metadata.GetString(type.Namespace), metadata.GetString(type.Name));
    }

    /// <summary>A type that an attribute names in text: <c>N.Outer+Inner, Assembly, Version=...</c>.</summary>
    public static string OutermostOf(string serialized) => serialized.Split(',', '+', '[')[0];

    public static string Join(string space, string name) => space.Length == 0 ? name : $"{space}.{name}";
}
