using System.Text.Json.Nodes;

namespace KubeVirtMonitor;

/// <summary>Writes JSON nodes as YAML that kubectl reads back as the same nodes.</summary>
public interface IYamlWriter
{
    /// <summary>Writes documents in block style, separated by <c>---</c>, with the keys in their order.</summary>
    /// <param name="documents">The documents; null writes <c>null</c>.</param>
    /// <returns>The text, lines ending in a line feed.</returns>
    string Write(params JsonNode?[] documents);
}
