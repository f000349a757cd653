using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Yaml;

/// <summary>
/// Reads YAML as kubectl does (sigs.k8s.io/yaml: YAML 1.1 scalars, anchors, aliases, merge keys). Size, depth and what aliases expand to are bounded.
/// Whatever the text is, it gives documents or <see cref="YamlFormatException"/>.
/// </summary>
internal sealed class YamlReader : IYamlReader
{
    /// <summary>The longest text that is read, in characters.</summary>
    public const int MaximumLength = 16 * 1024 * 1024;

    /// <summary>How deep mappings and sequences may nest.</summary>
    public const int MaximumDepth = 100;

    /// <summary>How many nodes a stream may have, with aliases expanded.</summary>
    public const int MaximumNodes = 1_000_000;

    /// <inheritdoc/>
    public IReadOnlyList<JsonNode?> ReadAll(string text) =>
        [.. ReadEach(text).Select(document => document.Error is { } error ? throw error : document.Repeated.Count > 0 ? throw document.Repeated[0] : document.Root)];

    /// <inheritdoc/>
    public IReadOnlyList<YamlDocument> ReadEach(string text) => [.. YamlStream.Read(text).Select(document => document.Value)];
}
