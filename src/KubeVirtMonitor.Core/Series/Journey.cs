namespace KubeVirtMonitor.Series;

/// <summary>The series of what one machine counts, of each node on which it was.</summary>
internal sealed class Journey
{
    public List<int> Parts { get; } = [];

    /// <summary>What was reached where each part begins, on the node before; null for the first. Without those that are no journey.</summary>
    public Dictionary<int, double?> Before { get; } = [];

    public bool IsPlanned { get; private set; }

    public long First { get; private set; }

    public long Last { get; private set; }

    /// <summary>Finds the order of the nodes. Machines that run at the same time are several of one name, and no journey.</summary>
    public void Plan(IEnumerable<(int Number, SeriesPoint[] Points)> parts)
    {
        IsPlanned = true;
        (int Number, SeriesPoint[] Points)[] ordered = [.. parts.Where(static part => part.Points.Length > 0).OrderBy(static part => part.Points[0].Ticks)];
        for (int i = 0; i < ordered.Length; i++)
        {
            for (int k = i + 1; k < ordered.Length; k++)
            {
                if (AreTogether(ordered[i].Points, ordered[k].Points)) return;
            }
        }

        for (int i = 0; i < ordered.Length; i++)
        {
            long begin = ordered[i].Points[0].Ticks;
            SeriesPoint? before = ordered.Take(i).SelectMany(static part => part.Points).Where(point => point.Ticks < begin).OrderBy(static point => point.Ticks).Cast<SeriesPoint?>().LastOrDefault();
            Before.Add(ordered[i].Number, before?.Value);
        }

        if (ordered.Length == 0) return;
        First = ordered[0].Points[0].Ticks;
        Last = ordered.Max(static part => part.Points[^1].Ticks);
    }

    // The node that a machine has left tells of it a little longer.
    private static bool AreTogether(SeriesPoint[] one, SeriesPoint[] other)
    {
        int fewer = Math.Min(one.Length, other.Length);
        return 2 * CountWithin(one, other) > fewer && 2 * CountWithin(other, one) > fewer;
    }

    private static int CountWithin(SeriesPoint[] points, SeriesPoint[] range) => points.Count(point => point.Ticks >= range[0].Ticks && point.Ticks <= range[^1].Ticks);
}
