using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Yaml;

/// <summary>A node as it is written: aliases are not followed, and scalars are text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Where it starts, with its anchor and tag.</param>
/// <param name="End">The offset after its last character; for block text after the line breaks that belong to it.</param>
internal sealed record YamlNode(YamlLayoutKind Kind, Mark Start, int End)
{
    /// <summary>The value of a scalar, or the name an alias goes by.</summary>
    public string Text { get; init; } = "";

    public YamlStyle Style { get; init; }

    /// <summary>The tag in full; null = none.</summary>
    public string? Tag { get; init; }

    public string? Anchor { get; init; }

    public bool IsFlow { get; init; }

    /// <summary>Keys and values of a mapping, or items of a sequence with null for keys.</summary>
    public List<(YamlNode? Key, YamlNode Value)> Children { get; init; } = [];
}

/// <summary>A place in a text; all three count from 0, and columns count characters as kubectl does, not UTF-16 units.</summary>
internal readonly record struct Mark(int Index, int Line, int Column)
{
    public YamlFormatException Error(string what) => new(what, Line + 1, Column + 1);
}

/// <summary>How a scalar is written.</summary>
internal enum YamlStyle
{
    Plain,
    Quoted,
    Block,
}
