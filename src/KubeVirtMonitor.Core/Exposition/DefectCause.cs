namespace KubeVirtMonitor.Exposition;

/// <summary>Why a line was dropped, or kept with a defect.</summary>
public enum DefectCause
{
    /// <summary>It does not follow the format.</summary>
    Malformed,

    /// <summary>It is longer than allowed.</summary>
    LineTooLong,

    /// <summary>It has more labels than allowed.</summary>
    TooManyLabels,

    /// <summary>It is the last one and has no line end, so that nobody knows whether it is whole.</summary>
    NoLineEnd,
}
