using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>What the metadata and the method bodies of an assembly say about who uses whom.</summary>
internal sealed class CompiledAssembly
{
    private readonly MetadataReader _metadata;
    private readonly PEReader _image;
    private readonly HashSet<TypeUse> _uses = [];
    private readonly HashSet<TypeUse> _foreignMembers = [];
    private readonly HashSet<TypeUse> _foreignCalls = [];
    private readonly List<CompiledType> _types = [];
    private string _user = string.Empty;

    private CompiledAssembly(PEReader image)
    {
        _image = image;
        _metadata = image.GetMetadataReader();
        foreach (var handle in _metadata.TypeDefinitions)
            AddType(handle);
        References = [.. _metadata.AssemblyReferences.Select(handle => _metadata.GetString(_metadata.GetAssemblyReference(handle).Name))];
    }

    public IReadOnlyList<CompiledType> Types => _types;

    public IReadOnlySet<TypeUse> Uses => _uses;

    /// <summary>Who calls members of which types of other assemblies. To hold a value of such a type, or to let it pass, is no use.</summary>
    public IReadOnlySet<TypeUse> ForeignMembers => _foreignMembers;

    /// <summary>The same with the name of the member, such as <c>System.String.Concat</c>.</summary>
    public IReadOnlySet<TypeUse> ForeignCalls => _foreignCalls;

    public IReadOnlyList<string> References { get; }

    public static CompiledAssembly Load(string path)
    {
        using var image = new PEReader(File.OpenRead(path), PEStreamOptions.PrefetchEntireImage);
        return new CompiledAssembly(image);
    }

    private void AddType(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        _user = TypeNames.Outermost(_metadata, handle);
        if (type.GetDeclaringType().IsNil)
            _types.Add(new CompiledType(_user, type.Attributes.HasFlag(TypeAttributes.Public), IsGenerated(type)));

        var decoder = new UseCollector(_metadata, AddUse, AddMember);
        decoder.AddToken(type.BaseType);
        foreach (var implemented in type.GetInterfaceImplementations())
            decoder.AddToken(_metadata.GetInterfaceImplementation(implemented).Interface);
        decoder.AddAttributes(type.GetCustomAttributes());
        decoder.AddGenericParameters(type.GetGenericParameters());
        foreach (var field in type.GetFields().Select(_metadata.GetFieldDefinition))
        {
            field.DecodeSignature(decoder, null);
            decoder.AddAttributes(field.GetCustomAttributes());
        }
        foreach (var property in type.GetProperties().Select(_metadata.GetPropertyDefinition))
            decoder.AddAttributes(property.GetCustomAttributes());
        foreach (var raised in type.GetEvents().Select(_metadata.GetEventDefinition))
            decoder.AddToken(raised.Type);
        foreach (var method in type.GetMethods().Select(_metadata.GetMethodDefinition))
            AddMethod(method, decoder);
    }

    private void AddMethod(MethodDefinition method, UseCollector decoder)
    {
        method.DecodeSignature(decoder, null);
        decoder.AddAttributes(method.GetCustomAttributes());
        decoder.AddGenericParameters(method.GetGenericParameters());
        foreach (var parameter in method.GetParameters().Select(_metadata.GetParameter))
            decoder.AddAttributes(parameter.GetCustomAttributes());
        if (method.RelativeVirtualAddress == 0)
            return;
        var body = _image.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
            _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(decoder, null);
        foreach (var region in body.ExceptionRegions)
            decoder.AddToken(region.CatchType);
        foreach (var token in IntermediateLanguage.Tokens(body.GetILReader()))
            decoder.AddToken(MetadataTokens.EntityHandle(token));
    }

    private void AddUse(string used)
    {
        if (used != _user)
            _uses.Add(new TypeUse(_user, used));
    }

    private void AddMember(string used, string member)
    {
        _foreignMembers.Add(new TypeUse(_user, used));
        _foreignCalls.Add(new TypeUse(_user, $"{used}.{member}"));
    }

    private bool IsGenerated(TypeDefinition type)
    {
        var name = _metadata.GetString(type.Name);
        var space = _metadata.GetString(type.Namespace);
        return (name.StartsWith('<') && !name.Contains("__", StringComparison.Ordinal))
            || name.StartsWith("<>", StringComparison.Ordinal)
            || name.StartsWith("<PrivateImplementationDetails>", StringComparison.Ordinal)
            || space.StartsWith("System", StringComparison.Ordinal)
            || space.StartsWith("Microsoft", StringComparison.Ordinal);
    }
}
