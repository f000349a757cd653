using System.Reflection;

namespace KubeVirtMonitor.Tests.Surface.Cmdlets;

/// <summary>A cmdlet as its class declares it. Attributes are read as data: PowerShell itself isn't here to run them.</summary>
internal sealed class CmdletClass
{
    private readonly CustomAttributeData _cmdlet;

    private CmdletClass(Type type)
    {
        Type = type;
        _cmdlet = Attribute(type, "CmdletAttribute")!;
        Parameters = [.. type.GetProperties().Where(CmdletParameter.IsOne).Select(property => new CmdletParameter(property))];
    }

    /// <summary>The assembly of the cmdlets, the same bytes as the staged one.</summary>
    public static Assembly Assembly { get; } = Assembly.Load("KubeVirtMonitor");

    public static IReadOnlyList<CmdletClass> All { get; } =
        [.. Assembly.GetTypes().Where(type => Attribute(type, "CmdletAttribute") is not null).Select(type => new CmdletClass(type))];

    public Type Type { get; }

    public IReadOnlyList<CmdletParameter> Parameters { get; }

    public string Verb => (string)_cmdlet.ConstructorArguments[0].Value!;

    public string Noun => (string)_cmdlet.ConstructorArguments[1].Value!;

    public string Name => $"{Verb}-{Noun}";

    public bool SupportsShouldProcess =>
        _cmdlet.NamedArguments.Any(named => named.MemberName == "SupportsShouldProcess" && named.TypedValue.Value is true);

    public bool HasOutputType => Type.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "OutputTypeAttribute");

    public CmdletParameter? Find(string name) => Parameters.FirstOrDefault(parameter => parameter.Name == name);

    public override string ToString() => Name;

    private static CustomAttributeData? Attribute(Type type, string name) =>
        type.CustomAttributes.FirstOrDefault(attribute => attribute.AttributeType.Name == name);
}
