namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The form in which an answer is wanted, by the Accept header.</summary>
internal enum MediaForm
{
    /// <summary>The objects as they are.</summary>
    Json,

    /// <summary>A table with the columns of <c>kubectl get</c>.</summary>
    Table,

    /// <summary>The metadata of the objects.</summary>
    Metadata,

    /// <summary>Discovery of all groups in one document.</summary>
    Aggregated,
}
