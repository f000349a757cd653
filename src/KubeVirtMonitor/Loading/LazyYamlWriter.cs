using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Loading;

/// <summary>Writes YAML, and loads the assembly for that when the first text is written.</summary>
internal sealed class LazyYamlWriter : IYamlWriter
{
    private static readonly Lazy<IYamlWriter> Writer = new(() => DependencyLoadContext.Create<IYamlWriter>("KubeVirtMonitor.Yaml", "KubeVirtMonitor.Yaml.YamlWriter"));

    private LazyYamlWriter()
    {
    }

    public static LazyYamlWriter Instance { get; } = new();

    public string Write(params JsonNode?[] documents) => Writer.Value.Write(documents);
}
