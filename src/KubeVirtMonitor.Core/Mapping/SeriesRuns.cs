using System.Runtime.CompilerServices;

namespace KubeVirtMonitor.Mapping;

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
    private int _next = int.MaxValue;
    private List<(int Start, int Last)>? _others;
    private HashSet<int>? _single;

    /// <summary>Starts a scrape.</summary>
    protected void ClearRuns()
    {
        _start = _last = None;
        _next = int.MaxValue;
        _others?.Clear();
        _single = null;
    }

    /// <summary>Takes the block of a series that follows the last one, as most do.</summary>
    /// <returns>False, with nothing taken, where <see cref="Add"/> has to find out.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFollow(int block)
    {
        if (block != _last + 1 || block == _next) return false;
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
        _others ??= [];
        int at = Find(block);
        if (at > 0 && _others[at - 1].Last >= block) return false;
        if (_others.Count == MostRuns)
        {
            // There is no order: from here on the run is not made longer.
            _next = _last + 1;
            return (_single ??= []).Add(block);
        }

        _others.Insert(Find(_start), (_start, _last));
        at = Find(block);
        _next = at < _others.Count ? _others[at].Start : int.MaxValue;
        _start = _last = block;
        return true;
    }

    // The first of the other runs that starts behind a block.
    private int Find(int block)
    {
        int low = 0;
        int high = _others!.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_others[middle].Start > block) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}
