using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Loading;

/// <summary>Finds where the nodes of a YAML text are, and loads the assembly for that when the first text is read.</summary>
internal sealed class LazyYamlLayoutReader : IYamlLayoutReader
{
    private static readonly Lazy<IYamlLayoutReader> Reader = new(() => DependencyLoadContext.Create<IYamlLayoutReader>("KubeVirtMonitor.Yaml", "KubeVirtMonitor.Yaml.YamlLayoutReader"));

    private LazyYamlLayoutReader()
    {
    }

    public static LazyYamlLayoutReader Instance { get; } = new();

    public IReadOnlyList<YamlLayout?> ReadAll(string text) => Reader.Value.ReadAll(text);
}
