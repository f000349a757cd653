using System.Buffers;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Series;

/// <summary>
/// Numbers for the labels of the series of one target that stay the same from scrape to scrape, whatever the table of the scrape is, and without the labels
/// that do not tell counters apart (<see cref="CounterFacts.IsPassing"/>).
/// </summary>
internal sealed class SeriesIdentities
{
    /// <summary>So many sets of labels are kept, whether they are needed or not.</summary>
    public const int Small = 1024;

    private readonly ArrayBufferWriter<byte> _text = new();
    private HashSet<int> _arrived = [];
    private ByteTable _texts = new();
    private LabelTable? _table;
    private int[] _byBlock = [];
    private int[] _byBlockOfState = [];

    /// <summary>How many sets of labels are remembered.</summary>
    public int Count => _texts.Count;

    /// <summary>How many were needed when the others were last forgotten.</summary>
    public int Kept { get; private set; }

    /// <summary>The number for the labels of a series.</summary>
    /// <param name="table">The labels of its scrape.</param>
    /// <param name="block">Its labels there; -1 = none.</param>
    /// <param name="rawName">The name of its family on the endpoint.</param>
    /// <param name="isOfState">Whether its family has the state of the moment in a label.</param>
    public int Of(LabelTable? table, int block, string rawName, bool isOfState)
    {
        if (block < 0 || table is null) return -1;
        if (!ReferenceEquals(table, _table))
        {
            _table = table;
            _byBlock = [];
            _byBlockOfState = [];
        }

        ref int[] known = ref isOfState ? ref _byBlockOfState : ref _byBlock;
        if (block >= known.Length) Array.Resize(ref known, Math.Max(table.Blocks.Count, block + 1));
        ref int number = ref known[block];
        if (number == 0) number = 1 + _texts.FindOrAdd(Text(table.Blocks.Get(block), rawName), out _);
        return number - 1;
    }

    /// <summary>Notes that a scrape begins.</summary>
    public void BeginScrape() => _arrived.Clear();

    /// <summary>Notes that a series was not there before this scrape.</summary>
    /// <param name="identity">The number of its labels.</param>
    public void Arrive(int identity) => _arrived.Add(identity);

    /// <summary>Whether a series with these labels was not there before the last scrape.</summary>
    /// <param name="identity">Their number.</param>
    public bool HasArrived(int identity) => _arrived.Contains(identity);

    /// <summary>The machine that labels name.</summary>
    /// <param name="identity">Their number.</param>
    public MachineIdentity MachineOf(int identity) => identity < 0 ? default : MachineIdentity.Read(_texts.Get(identity), MachineLabels.Machine, null);

    /// <summary>Forgets the labels that no series has any more.</summary>
    /// <param name="names">All series.</param>
    public void Keep(IEnumerable<NameIncrements> names)
    {
        ByteTable all = _texts;
        _texts = new ByteTable();
        _byBlock = [];
        _byBlockOfState = [];
        int Renumber(int old) => old < 0 ? old : _texts.FindOrAdd(all.Get(old), out _);
        foreach (NameIncrements name in names) name.Renumber(Renumber);
        _arrived = [.. _arrived.Select(Renumber)];
        Kept = _texts.Count;
    }

    // Components write the labels of a series in one order, that of their names.
    private ReadOnlySpan<byte> Text(ReadOnlySpan<byte> block, string rawName)
    {
        _text.ResetWrittenCount();
        _text.Write("{"u8);
        LabelReader labels = new(block);
        while (labels.Read())
        {
            if (CounterFacts.IsPassing(rawName, labels.Name)) continue;
            _text.Write(labels.Name);
            _text.Write("=\""u8);
            _text.Write(labels.Value);
            _text.Write("\","u8);
        }

        _text.Write("}"u8);
        return _text.WrittenSpan;
    }
}
