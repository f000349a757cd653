namespace KubeVirtMonitor.Probes;

/// <summary>A node of a YAML text, and where it is. Offsets count UTF-16 code units from the start of the text.</summary>
internal sealed class YamlLayout
{
    /// <summary>What it is.</summary>
    public required YamlLayoutKind Kind { get; init; }

    /// <summary>Where it starts, with its anchor and tag.</summary>
    public required int Start { get; init; }

    /// <summary>Where its own text ends: after its last character, or that of its last child; a line break is never part of it.</summary>
    public required int End { get; init; }

    /// <summary>Whether it is written with brackets; false for scalars and aliases.</summary>
    public bool IsFlow { get; init; }

    /// <summary>The value of a scalar, or the anchor that an alias names; null for the others.</summary>
    public string? Text { get; init; }

    /// <summary>The keys and values of a mapping, or the items of a sequence with null for keys.</summary>
    public IReadOnlyList<(YamlLayout? Key, YamlLayout Value)> Children { get; init; } = [];

    /// <summary>The anchor it carries; null = none.</summary>
    public string? Anchor { get; init; }

    /// <summary>The place of a key among the children, of the last one where it comes twice, which is the one that counts; -1 when it is not there.</summary>
    public int IndexOf(string key)
    {
        for (int i = Children.Count - 1; i >= 0; i--)
        {
            if (Children[i].Key is { Kind: YamlLayoutKind.Scalar } name && name.Text == key) return i;
        }

        return -1;
    }
}

/// <summary>The kinds of YAML nodes.</summary>
internal enum YamlLayoutKind
{
    /// <summary>A text, number, truth value or nothing.</summary>
    Scalar,

    /// <summary>Keys and values.</summary>
    Mapping,

    /// <summary>A list.</summary>
    Sequence,

    /// <summary>A node that stands for another one.</summary>
    Alias,
}

/// <summary>Finds where in a YAML or JSON text its nodes are. Core holds no YAML parser.</summary>
internal interface IYamlLayoutReader
{
    /// <summary>Reads the layout of every document.</summary>
    /// <param name="text">The text, without a byte order mark.</param>
    /// <returns>The root of each document, in the order of <see cref="Kubernetes.IYamlReader.ReadEach"/>; null for one that cannot be read.</returns>
    IReadOnlyList<YamlLayout?> ReadAll(string text);
}
