namespace KubeVirtMonitor.Series;

/// <summary>Statistics of the values of a group, and the time that they cover.</summary>
internal struct Tally
{
    public ExactSum Sum;

    public double Least;

    public double Greatest;

    public long Count;

    public long First;

    public long Last;

    public bool HasIntervals;

    public void Add(double value, long ticks, long interval)
    {
        Sum.Add(value);
        if (Count == 0 || value < Least || double.IsNaN(Least)) Least = value;
        if (Count == 0 || value > Greatest || double.IsNaN(Greatest)) Greatest = value;
        if (Count == 0 || ticks - interval < First) First = ticks - interval;
        if (Count == 0 || ticks > Last) Last = ticks;
        HasIntervals |= interval > 0;
        Count++;
    }
}
