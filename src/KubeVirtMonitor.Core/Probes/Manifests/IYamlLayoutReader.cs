namespace KubeVirtMonitor;

/// <summary>Finds where in a YAML or JSON text its nodes are. Core holds no YAML parser.</summary>
public interface IYamlLayoutReader
{
    /// <summary>Reads the layout of every document.</summary>
    /// <param name="text">The text, without a byte order mark.</param>
    /// <returns>The root of each document, in the order of <see cref="IYamlReader.ReadEach"/>; null for one that cannot be read.</returns>
    IReadOnlyList<YamlLayout?> ReadAll(string text);
}
