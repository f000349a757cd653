namespace KubeVirtMonitor;

/// <summary>How the body of a patch is to be understood.</summary>
public enum PatchKind
{
    /// <summary>JSON merge patch (RFC 7386): what it holds is set, null removes, lists are replaced.</summary>
    Merge,

    /// <summary>JSON patch (RFC 6902): a list of operations.</summary>
    Json,

    /// <summary>Strategic merge patch: lists are merged by key. For kinds built into Kubernetes; custom resources refuse it.</summary>
    Strategic,

    /// <summary>Server-side apply: the whole of what this field manager wants. Needs <see cref="WriteOptions.FieldManager"/>.</summary>
    Apply,
}
