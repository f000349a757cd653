namespace KubeVirtMonitor.Usage;

/// <summary>
/// Keeps the last figures of machines that are missing from a look, so that a screen does not take a cluster that is gone for one without machines. Bounded: what has ended is
/// forgotten at once, and what nobody can tell anything of after <see cref="UnknownLooks"/> looks. Used by one thread.
/// </summary>
internal sealed class LastFigures
{
    /// <summary>For how many looks a machine is kept of which it is not known whether it still runs.</summary>
    public const int UnknownLooks = 6;

    private readonly Dictionary<ScreenKey, Entry> _known = [];

    /// <summary>How many machines are remembered.</summary>
    public int Count => _known.Count;

    /// <summary>Takes the machines of a look.</summary>
    /// <param name="machines">Those that have figures.</param>
    /// <param name="why">Why a machine that had figures in a look before has none; asked once for each.</param>
    /// <returns>The last figures of those that are missing and have not ended.</returns>
    public IReadOnlyList<KubeVirtUsage> Take(IReadOnlyList<KubeVirtUsage> machines, Func<KubeVirtUsage, Absence> why)
    {
        foreach (Entry entry in _known.Values) entry.Missed++;
        foreach (KubeVirtUsage usage in machines) _known[ScreenKey.Of(usage)] = new Entry(usage);
        List<KubeVirtUsage> missing = [];
        foreach ((ScreenKey key, Entry entry) in _known)
        {
            if (entry.Missed == 0) continue;
            Absence absence = why(entry.Usage);
            if (absence == Absence.Ended || (absence == Absence.Unknown && entry.Missed > UnknownLooks)) _known.Remove(key);
            else missing.Add(entry.Usage);
        }

        return missing;
    }

    private sealed class Entry(KubeVirtUsage usage)
    {
        public KubeVirtUsage Usage { get; } = usage;

        public int Missed { get; set; }
    }
}

/// <summary>Why a machine that had figures has none.</summary>
internal enum Absence
{
    /// <summary>It does not run any more.</summary>
    Ended,

    /// <summary>It runs and is not reported, or where it runs could not be looked at.</summary>
    Lasting,

    /// <summary>Where it ran was looked at, and whether it still runs is not known.</summary>
    Unknown,
}
