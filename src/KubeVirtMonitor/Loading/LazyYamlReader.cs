using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Loading;

/// <summary>Reads YAML, and loads the assembly for that when the first text is read.</summary>
internal sealed class LazyYamlReader : IYamlReader
{
    private static readonly Lazy<IYamlReader> Reader = new(() => DependencyLoadContext.Create<IYamlReader>("KubeVirtMonitor.Yaml", "KubeVirtMonitor.Yaml.YamlReader"));

    private LazyYamlReader()
    {
    }

    public static LazyYamlReader Instance { get; } = new();

    public IReadOnlyList<JsonNode?> ReadAll(string text) => Reader.Value.ReadAll(text);

    public IReadOnlyList<YamlDocument> ReadEach(string text) => Reader.Value.ReadEach(text);
}
