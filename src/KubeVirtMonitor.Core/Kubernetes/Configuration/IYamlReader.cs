using System.Text.Json.Nodes;

namespace KubeVirtMonitor;

/// <summary>Reads YAML into JSON nodes. Core holds no YAML parser; without one, only JSON kubeconfigs and manifests are read.</summary>
public interface IYamlReader
{
    /// <summary>Reads every document of a stream, the way kubectl understands YAML.</summary>
    /// <param name="text">The text; a byte order mark is allowed.</param>
    /// <returns>One node per document; null for an empty document. No element for a text without documents.</returns>
    /// <exception cref="YamlFormatException">The text is no YAML, or YAML that has no JSON equivalent, or a mapping has a key twice.</exception>
    IReadOnlyList<JsonNode?> ReadAll(string text);

    /// <summary>Reads every document by itself: one that cannot be read hides none of the others.</summary>
    /// <param name="text">The text; a byte order mark is allowed.</param>
    /// <returns>The documents in their order, also those that cannot be read. No exception is thrown over the text.</returns>
    IReadOnlyList<YamlDocument> ReadEach(string text);
}
