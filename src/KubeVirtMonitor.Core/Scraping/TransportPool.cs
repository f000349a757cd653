namespace KubeVirtMonitor.Scraping;

/// <summary>The open connections of the process, by policy. Thread-safe.</summary>
internal sealed class TransportPool(int capacity = 32) : IDisposable
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly object _lock = new();
    private long _clock;

    public static TransportPool Shared { get; } = new();

    public int Count
    {
        get
        {
            lock (_lock) return _entries.Count;
        }
    }

    /// <summary>Lends the transport of a policy; connections stay open when it is given back.</summary>
    public Lease Rent(TlsOptions tls, ProxyPolicy proxy, string identity)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(identity, out Entry? entry))
            {
                MakeRoom();
                entry = new Entry(new HttpTransport(tls, proxy));
                _entries.Add(identity, entry);
            }

            entry.Users++;
            entry.LastUse = ++_clock;
            return new Lease(this, entry);
        }
    }

    /// <summary>Closes every connection that is not in use.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach ((string identity, Entry entry) in _entries.Where(pair => pair.Value.Users == 0).ToArray()) Remove(identity, entry);
        }
    }

    private void MakeRoom()
    {
        if (_entries.Count < capacity) return;
        KeyValuePair<string, Entry> oldest = _entries.Where(pair => pair.Value.Users == 0).MinBy(pair => pair.Value.LastUse);
        if (oldest.Value is not null) Remove(oldest.Key, oldest.Value);
    }

    private void Remove(string identity, Entry entry)
    {
        _entries.Remove(identity);
        entry.Transport.Dispose();
    }

    internal sealed class Entry(HttpTransport transport)
    {
        public HttpTransport Transport { get; } = transport;

        public int Users { get; set; }

        public long LastUse { get; set; }
    }

    internal readonly struct Lease(TransportPool pool, Entry entry) : IDisposable
    {
        public HttpTransport Transport => entry.Transport;

        public void Dispose()
        {
            lock (pool._lock) entry.Users--;
        }
    }
}
