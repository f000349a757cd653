using System.Reflection;
using System.Runtime.Loader;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Loading;

/// <summary>
/// Where the assemblies of the folder <c>Dependencies</c> live. Other modules load YamlDotNet and KubernetesClient too, in other versions, and in
/// one context the first copy would win: theirs or this module's would break.
/// </summary>
internal sealed class DependencyLoadContext() : AssemblyLoadContext("KubeVirtMonitor.Dependencies")
{
    private static readonly Assembly Core = typeof(IYamlReader).Assembly;

    private static readonly Lazy<DependencyLoadContext> Shared = new(() => new DependencyLoadContext());

    private readonly string _folder = Path.Join(Path.GetDirectoryName(typeof(DependencyLoadContext).Assembly.Location), "Dependencies");

    /// <summary>Makes an object of a class in one of those assemblies. The first call loads the assembly.</summary>
    /// <typeparam name="T">What it is known as here: an interface of Core.</typeparam>
    /// <param name="assembly">The name of the assembly.</param>
    /// <param name="type">The full name of the class.</param>
    public static T Create<T>(string assembly, string type) =>
        (T)Activator.CreateInstance(Shared.Value.LoadFromAssemblyName(new AssemblyName(assembly)).GetType(type, throwOnError: true)!)!;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Its interfaces have to be the same on both sides.
        if (assemblyName.Name == Core.GetName().Name) return Core;
        string path = Path.Join(_folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
