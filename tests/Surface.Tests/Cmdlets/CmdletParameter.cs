using System.Reflection;

namespace KubeVirtMonitor.Tests.Surface.Cmdlets;

/// <summary>A parameter as its attributes declare it.</summary>
internal sealed class CmdletParameter(PropertyInfo property)
{
    private readonly CustomAttributeData[] _attributes = [.. property.CustomAttributes];

    public string Name => property.Name;

    /// <summary>Full name of the type, without an array around it or a <see cref="Nullable{T}"/>.</summary>
    public string TypeName
    {
        get
        {
            var type = property.PropertyType.IsArray ? property.PropertyType.GetElementType()! : property.PropertyType;
            return (Nullable.GetUnderlyingType(type) ?? type).FullName!;
        }
    }

    public bool IsArray => property.PropertyType.IsArray;

    public bool SupportsWildcards => Has("SupportsWildcardsAttribute");

    public IReadOnlyList<string> Aliases => [.. _attributes
        .Where(attribute => attribute.AttributeType.Name == "AliasAttribute")
        .SelectMany(attribute => (IReadOnlyCollection<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)
        .Select(argument => (string)argument.Value!)];

    /// <summary>Whether some parameter set has the named switch of [Parameter] on, such as ValueFromPipeline.</summary>
    public bool Declares(string argument) => _attributes
        .Where(attribute => attribute.AttributeType.Name == "ParameterAttribute")
        .SelectMany(attribute => attribute.NamedArguments)
        .Any(named => named.MemberName == argument && named.TypedValue.Value is true);

    public static bool IsOne(PropertyInfo property) =>
        property.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "ParameterAttribute");

    public override string ToString() => "-" + Name;

    private bool Has(string attribute) => _attributes.Any(found => found.AttributeType.Name == attribute);
}
