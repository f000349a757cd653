namespace KubeVirtMonitor.Exposition;

/// <summary>What <see cref="ExpositionReader.Read"/> has just read.</summary>
public enum ExpositionToken
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>A <c># HELP</c> line: name and text.</summary>
    Help,

    /// <summary>A <c># TYPE</c> line: name and type.</summary>
    Type,

    /// <summary>A <c># UNIT</c> line (OpenMetrics): name and text.</summary>
    Unit,

    /// <summary>A sample line.</summary>
    Sample,

    /// <summary>OpenMetrics' closing <c># EOF</c>.</summary>
    Eof,

    /// <summary>A line that does not follow the format; the next read goes on behind it.</summary>
    Defect,
}
