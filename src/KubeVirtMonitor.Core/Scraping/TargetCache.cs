using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Scraping;

/// <summary>
/// Information about targets that is kept between their scrapes, so that the next scrape costs less. Thread-safe: a memory is taken out while it is in
/// use. Limited to a number of bytes; the targets that were not scraped for longest are forgotten first, and those that were not scraped for a quarter of an hour
/// as soon as another one is.
/// </summary>
/// <remarks>A target is remembered from its second scrape on, unless it is known to come again: those that are scraped once, however many, leave nothing in memory.</remarks>
internal sealed class TargetCache
{
    private const int MostMet = 1 << 16;

    // Pods that are replaced have other addresses. In a process that scrapes for days, the old ones would fill the cache; scrapes that are further apart cost
    // as much as a first one, which at that distance is nothing.
    private static readonly TimeSpan LongestUnused = TimeSpan.FromMinutes(15);

    private readonly TimeProvider _time;
    private readonly long _capacity;
    private readonly HashSet<int> _met = [];
    private readonly object _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byAge = new();
    private long _size;

    /// <summary>An empty cache.</summary>
    /// <param name="capacity">Most bytes held while no target is being scraped.</param>
    /// <param name="time">The clock by which targets are forgotten; null = that of the system.</param>
    public TargetCache(long capacity = 256L << 20, TimeProvider? time = null)
    {
        _capacity = capacity;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The cache of the process.</summary>
    public static TargetCache Shared { get; } = new();

    /// <summary>Bytes held, about.</summary>
    public long Size
    {
        get
        {
            lock (_lock) return _size;
        }
    }

    /// <summary>Targets remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _byKey.Count;
        }
    }

    /// <summary>The key of a target read in a mode; null for text at hand, which never comes again.</summary>
    internal static string? KeyOf(ScrapeTarget target, MappingOptions mapping)
    {
        string? place = target.Uri?.AbsoluteUri ?? target.Path;
        return place is null ? null : $"{place}\n{target.Component}\n{(mapping.Raw ? "raw" : "mapped")}";
    }

    /// <summary>Takes a target's memory out, or makes a new one.</summary>
    internal TargetMemory Rent(string? key)
    {
        if (key is null) return new TargetMemory();
        lock (_lock)
        {
            if (!_byKey.Remove(key, out LinkedListNode<Entry>? node)) return new TargetMemory();
            _byAge.Remove(node);
            _size -= node.Value.Size;
            return node.Value.Memory;
        }
    }

    /// <summary>Puts a target's memory back.</summary>
    /// <param name="key">The target; null for one that never comes again.</param>
    /// <param name="memory">The memory.</param>
    /// <param name="isRepeated">Whether the target is known to come again.</param>
    internal void Return(string? key, TargetMemory memory, bool isRepeated = false)
    {
        long size = memory.Size;
        if (key is null || size > _capacity) return;
        lock (_lock)
        {
            bool isKept = memory.Scrape > 1 || !IsNew(key) || isRepeated;

            // Two scrapes of one target at the same time leave two memories; the one used last is as good as the other.
            if (isKept && _byKey.Remove(key, out LinkedListNode<Entry>? other)) Forget(other);
            long room = _capacity - (isKept ? size : 0);
            while (_byAge.First is { } oldest && (_size > room || _time.GetElapsedTime(oldest.Value.LastUse) > LongestUnused))
            {
                _byKey.Remove(oldest.Value.Key);
                Forget(oldest);
            }

            if (!isKept) return;
            _byKey.Add(key, _byAge.AddLast(new Entry(key, memory, size, _time.GetTimestamp())));
            _size += size;
        }
    }

    // Keys that fall together by their hash are remembered a scrape too early, and nothing else.
    private bool IsNew(string key)
    {
        if (_met.Count >= MostMet) _met.Clear();
        return _met.Add(string.GetHashCode(key, StringComparison.Ordinal));
    }

    private void Forget(LinkedListNode<Entry> node)
    {
        _byAge.Remove(node);
        _size -= node.Value.Size;
    }

    private sealed record Entry(string Key, TargetMemory Memory, long Size, long LastUse);
}
