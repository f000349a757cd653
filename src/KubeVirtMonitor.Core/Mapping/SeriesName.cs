using System.Runtime.CompilerServices;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>One sample name of one target: how to read it, and what was seen of it in the current scrape.</summary>
internal sealed class SeriesName(byte[] name) : SeriesRuns
{
    /// <summary>The name as the scrape has it, escaped.</summary>
    public byte[] Bytes { get; } = name;

    /// <summary>The name as text.</summary>
    public string Text { get; } = LabelText.Unescape(name);

    /// <summary>Whether the bytes may be compared with the start of a line; quoted names stand inside the braces.</summary>
    public bool IsBare { get; init; }

    /// <summary>The scrape for which the members below hold.</summary>
    public long Scrape { get; private set; }

    public CatalogEntry? Entry { get; set; }

    public SeriesDescriptor? Descriptor { get; set; }

    public SeriesRole Role { get; set; }

    public MetricFamily? Family { get; set; }

    public MetricType Type { get; set; }

    public long Series { get; set; }

    /// <summary>What the values of the name have to be, by the type of its family.</summary>
    public SeriesRule Rule { get; private set; }

    /// <summary>Values from here on are handed on without a look at the rule or the role; NaN where none is.</summary>
    public double Unquestioned { get; set; }

    /// <summary>Starts a scrape.</summary>
    public void Enter(long scrape)
    {
        Scrape = scrape;
        Series = 0;
        ClearRuns();
    }

    /// <summary>Sets the rule of the name for the scrape; its role is known.</summary>
    public void SetRule(SeriesRule rule)
    {
        Rule = rule;
        Unquestioned = rule switch
        {
            _ when Role != SeriesRole.Emit => double.NaN,
            SeriesRule.None => double.NegativeInfinity,
            SeriesRule.Counter => 0,
            _ => double.NaN,
        };
    }
}

/// <summary>What a reader does with the lines of a name.</summary>
internal enum SeriesRole : byte
{
    /// <summary>Counts them and passes over.</summary>
    Skip,

    /// <summary>Hands a sample on for each.</summary>
    Emit,

    /// <summary>Keeps them back until the KubeVirt version is known, since it decides what the values mean.</summary>
    Hold,

    /// <summary>Reads the KubeVirt version from their labels.</summary>
    Version,

    /// <summary>Counts instances per phase with them, and hands them on where they are wanted.</summary>
    PhaseSource,

    /// <summary>Reads from them when the process started, and hands them on where they are wanted.</summary>
    ProcessStart,
}

/// <summary>What the values of a name have to be, by the type of its family.</summary>
internal enum SeriesRule : byte
{
    /// <summary>Anything.</summary>
    None,

    /// <summary>At least 0: it counts.</summary>
    Counter,

    /// <summary>1: it says what its labels say.</summary>
    Info,

    /// <summary>0 or 1, with the state in a label of the family's name.</summary>
    State,

    /// <summary>A value at a quantile, which is a label.</summary>
    Quantile,

    /// <summary>The sum of a summary: in OpenMetrics at least 0.</summary>
    Sum,

    /// <summary>A bucket of a histogram, with its bound in the label <c>le</c>.</summary>
    Bucket,

    /// <summary>The count of a histogram.</summary>
    HistogramCount,

    /// <summary>The sum of a histogram.</summary>
    HistogramSum,
}

/// <summary>
/// The label blocks that one name had so far in a scrape, to find a series that comes twice. Blocks are numbered in the order in which they
/// came, so they mostly follow each other: what is kept are runs of them, and single blocks only where there is no order.
/// </summary>
internal class SeriesRuns
{
    // Before any block; -1 is the series without labels.
    private const int None = -2;
    private const int MostRuns = 1024;

    private int _start = None;
    private int _last = None;
    private Unusual? _unusual;

    /// <summary>How many of the series had a timestamp.</summary>
    public long Stamped
    {
        get => _unusual?.Stamped ?? 0;
        set => (_unusual ??= new Unusual()).Stamped = value;
    }

    /// <summary>Starts a scrape.</summary>
    protected void ClearRuns()
    {
        _start = _last = None;
        _unusual?.Clear();
    }

    /// <summary>Takes the block of a series that follows the last one, as most do.</summary>
    /// <returns>False, with nothing taken, where <see cref="Add"/> has to find out.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFollow(int block)
    {
        if (block != _last + 1 || (_unusual is not null && block == _unusual.Next)) return false;
        _last = block;
        return true;
    }

    /// <summary>Takes the block of a series.</summary>
    /// <returns>False where the name had it already.</returns>
    public bool Add(int block) => TryFollow(block) || Jump(block);

    private bool Jump(int block)
    {
        if (_last == None)
        {
            _start = _last = block;
            return true;
        }

        if (block >= _start && block <= _last) return false;
        Unusual unusual = _unusual ??= new Unusual();
        List<(int Start, int Last)> others = unusual.Others;
        int at = unusual.Find(block);
        if (at > 0 && others[at - 1].Last >= block) return false;
        if (others.Count == MostRuns)
        {
            // There is no order: from here on the run is not made longer.
            unusual.Next = _last + 1;
            return (unusual.Single ??= []).Add(block);
        }

        others.Insert(unusual.Find(_start), (_start, _last));
        at = unusual.Find(block);
        unusual.Next = at < others.Count ? others[at].Start : int.MaxValue;
        _start = _last = block;
        return true;
    }

    // What few names have, so that the others need no room for it.
    private sealed class Unusual
    {
        public List<(int Start, int Last)> Others { get; } = [];

        public HashSet<int>? Single { get; set; }

        /// <summary>Where the next of the other runs starts.</summary>
        public int Next { get; set; } = int.MaxValue;

        public long Stamped { get; set; }

        public void Clear()
        {
            Others.Clear();
            Single = null;
            Next = int.MaxValue;
            Stamped = 0;
        }

        // The first of the other runs that starts after a block.
        public int Find(int block)
        {
            int low = 0;
            int high = Others.Count;
            while (low < high)
            {
                int middle = (low + high) >>> 1;
                if (Others[middle].Start > block) high = middle;
                else low = middle + 1;
            }

            return low;
        }
    }
}
