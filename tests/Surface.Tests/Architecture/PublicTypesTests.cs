using System.Reflection;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Tests.Surface.Cmdlets;
using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>
/// Public is what users of the cmdlets name, see or catch, and nothing else: what goes into a cmdlet and what comes out, what hangs on its public members, and exceptions.
/// What is public by accident is a promise that nobody meant.
/// </summary>
public sealed partial class PublicTypesTests
{
    private const string Views = "src/KubeVirtMonitor/Formatting/KubeVirtMonitor.Format.ps1xml";

    private static readonly Assembly Core = typeof(MetricSample).Assembly;

    // Views are scripts, which reach public types alone. They are called by the cells of tables and are named nowhere else.
    private static readonly string[] CalledByViews = ["KubeVirtMonitor.Display.AlertText", "KubeVirtMonitor.Display.DifferenceText", "KubeVirtMonitor.Display.MeasureText", "KubeVirtMonitor.Display.NameText", "KubeVirtMonitor.Display.TagText", "KubeVirtMonitor.Display.UsageText", "KubeVirtMonitor.Display.ValueText"];

    // What properties that are added to types call, likewise.
    private static readonly (string Type, string Method)[] CalledByTypes = [.. Code().Matches(Repository.Read("src/KubeVirtMonitor/Formatting/KubeVirtMonitor.Types.ps1xml")).Select(code => (code.Groups["type"].Value, code.Groups["method"].Value)).Distinct()];

    private static readonly HashSet<Type> Seen = SeenByUsers();

    [Fact]
    public void WhatIsPublicIsSeenByUsers() =>
        Expect.OfEach(
            Core.GetExportedTypes().Concat(CmdletClass.Assembly.GetExportedTypes()),
            type => Seen.Contains(type) || CalledByViews.Contains(type.FullName) || CalledByTypes.Any(code => code.Type == type.FullName) ? null : $"{type.FullName} is public, and no user of the cmdlets meets it.");

    [Fact]
    public void WhatIsPublicInCoreIsInTheRootNamespace() =>
        Expect.OfEach(
            Core.GetExportedTypes().Where(type => !CalledByViews.Contains(type.FullName)),
            type => type.Namespace == "KubeVirtMonitor" ? null : $"{type.FullName} is what users name, and not in the namespace KubeVirtMonitor.");

    [Fact]
    public void ViewsCallEachPublicMethodThatIsThereForThem()
    {
        var called = Call().Matches(Repository.Read(Views)).Select(call => $"{call.Groups["type"]}.{call.Groups["method"]}").ToHashSet();
        Assert.Equal(
            CalledByViews.Select(name => Core.GetType(name, throwOnError: true)!)
                .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(method => $"{type.FullName}.{method.Name}"))
                .Distinct().Order(StringComparer.Ordinal),
            called.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void PropertiesCallEachPublicMethodThatIsThereForThem()
    {
        var type = CmdletClass.Assembly.GetType(CalledByTypes[0].Type, throwOnError: true)!;
        Assert.Equal(
            type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(method => method.Name).Order(StringComparer.Ordinal),
            CalledByTypes.Select(code => code.Method).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ThereAreTypesThatNobodySees()
    {
        // That the walk does not simply reach everything.
        Assert.Contains(typeof(MetricSample), Seen);
        Assert.Contains(typeof(DefectCause), Seen);
        Assert.DoesNotContain(typeof(Scraping.MetricScraper), Seen);
        Assert.DoesNotContain(typeof(Display.ValueText), Seen);
    }

    private static HashSet<Type> SeenByUsers()
    {
        HashSet<Type> seen = [];
        Stack<Type> open = new(CmdletClass.All.SelectMany(Around)
            .Concat(CalledByTypes.Select(code => CmdletClass.Assembly.GetType(code.Type, throwOnError: true)!.GetMethod(code.Method)!.ReturnType))
            .Concat(Core.GetExportedTypes().Concat(CmdletClass.Assembly.GetExportedTypes()).Where(type => type.IsAssignableTo(typeof(Exception)))));
        while (open.TryPop(out var next))
        {
            var type = next.HasElementType ? next.GetElementType()! : next;
            if (type.IsGenericType)
                foreach (var argument in type.GetGenericArguments()) open.Push(argument);
            if ((type.Assembly != Core && type.Assembly != CmdletClass.Assembly) || !seen.Add(type))
                continue;
            if (type.BaseType is { } parent) open.Push(parent);
            // What a cmdlet does is no business of its users; its parameters come with it.
            foreach (var member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).Where(member => !IsCmdlet(type) || member is PropertyInfo))
                foreach (var met in TypesOf(member)) open.Push(met);
        }
        return seen;
    }

    /// <summary>The cmdlet with what its attributes name: outputs, completers, transformations.</summary>
    private static IEnumerable<Type> Around(CmdletClass cmdlet) =>
        cmdlet.Type.CustomAttributes.Concat(cmdlet.Type.GetProperties().SelectMany(property => property.CustomAttributes))
            .SelectMany(attribute => attribute.ConstructorArguments.SelectMany(TypesIn).Prepend(attribute.AttributeType))
            .Prepend(cmdlet.Type);

    private static IEnumerable<Type> TypesIn(CustomAttributeTypedArgument argument) => argument.Value switch
    {
        Type type => [type],
        IReadOnlyCollection<CustomAttributeTypedArgument> several => several.SelectMany(TypesIn),
        _ => [],
    };

    private static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        PropertyInfo property => [property.PropertyType],
        FieldInfo field => [field.FieldType],
        MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(parameter => parameter.ParameterType)],
        ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
        _ => [],
    };

    private static bool IsCmdlet(Type type)
    {
        for (var up = type; up is not null; up = up.BaseType)
            if (up.FullName == "System.Management.Automation.PSCmdlet") return true;
        return false;
    }

    [GeneratedRegex(@"\[(?<type>KubeVirtMonitor[\w.]*)\]::(?<method>\w+)")]
    private static partial Regex Call();

    [GeneratedRegex(@"<TypeName>(?<type>[\w.]+)</TypeName>\s*<MethodName>(?<method>\w+)</MethodName>")]
    private static partial Regex Code();
}
