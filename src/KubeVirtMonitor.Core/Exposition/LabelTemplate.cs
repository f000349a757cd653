using System.Runtime.CompilerServices;

namespace KubeVirtMonitor.Exposition;

/// <summary>Where the label names of the series before stand, each with its <c>="</c>: most series repeat them.</summary>
[InlineArray(Capacity)]
internal struct LabelTemplate
{
    /// <summary>Labels that are remembered; series with more are checked in full.</summary>
    public const int Capacity = 16;

    private Slot _first;

    /// <summary>One label name.</summary>
    /// <param name="Start">Offset of the name.</param>
    /// <param name="Length">Length of the name with its <c>="</c>; 0 = none.</param>
    /// <param name="Ascending">Whether the names up to this one are in ascending order, and therefore all different.</param>
    internal readonly record struct Slot(int Start, int Length, bool Ascending);
}
