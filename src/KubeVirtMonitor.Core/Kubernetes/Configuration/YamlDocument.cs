using System.Text.Json.Nodes;

namespace KubeVirtMonitor;

/// <summary>One document of a YAML text, read by itself.</summary>
public sealed class YamlDocument
{
    /// <summary>The line it starts at, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Where the part of the text that holds it starts, in UTF-16 code units; a part holds one document unless <c>---</c> and content share a line.</summary>
    public required int Start { get; init; }

    /// <summary>Where that part ends.</summary>
    public required int End { get; init; }

    /// <summary>What it says; null when it is empty, and when it cannot be read.</summary>
    public JsonNode? Root { get; init; }

    /// <summary>Why it cannot be read; null when it can.</summary>
    public YamlFormatException? Error { get; init; }

    /// <summary>Keys that one mapping has twice. The last counts, as it does for kubectl; other readers refuse the document.</summary>
    public IReadOnlyList<YamlFormatException> Repeated { get; init; } = [];
}
