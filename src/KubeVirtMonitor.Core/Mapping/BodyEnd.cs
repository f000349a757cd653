namespace KubeVirtMonitor.Mapping;

/// <summary>What is known of the end of a body.</summary>
public enum BodyEnd
{
    /// <summary>All of it came: its framing says so (Content-Length, chunks, the trailer of gzip), or it is text at hand.</summary>
    Whole,

    /// <summary>It ended, and nothing says that it ended where it should: a file, a pipe, a connection that was closed.</summary>
    Unproven,

    /// <summary>It broke off.</summary>
    Broken,
}
