namespace KubeVirtMonitor;

/// <summary>The kinds of YAML nodes.</summary>
public enum YamlLayoutKind
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
