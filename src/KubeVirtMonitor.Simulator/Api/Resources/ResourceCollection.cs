using System.Threading.Channels;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The objects of one type: the present ones, some past states for lists that page, and the changes for those who watch.</summary>
public sealed class ResourceCollection
{
    private const int KeptSnapshots = 64;
    private const int KeptEvents = 1024;

    private readonly ResourceStore _store;
    private readonly List<ResourceSnapshot> _snapshots = [];
    private readonly Queue<WatchEvent> _events = [];
    private readonly List<Channel<WatchEvent>> _watchers = [];
    private long _forgottenVersion;

    internal ResourceCollection(ResourceStore store, ResourceType type)
    {
        _store = store;
        Type = type;
        Current = new ResourceSnapshot(0, []);
    }

    /// <summary>The type.</summary>
    public ResourceType Type { get; }

    /// <summary>How many objects there are.</summary>
    public int Count => Current.Items.Length;

    internal ResourceSnapshot Current { get; private set; }

    /// <summary>The object of a name, or null.</summary>
    public ApiObject? Find(string? space, string name) => Current.Find(Type.Namespaced ? $"{space}/{name}" : name);

    /// <summary>The present objects, in the order of namespace and name.</summary>
    public IReadOnlyList<ApiObject> List() => Current.Items;

    /// <summary>The state that a version saw, or null when it is forgotten.</summary>
    internal ResourceSnapshot? At(long version)
    {
        lock (_store.Gate)
        {
            if (Current.Version <= version) return Current;
            for (int i = _snapshots.Count - 1; i >= 0; i--)
            {
                if (_snapshots[i].Version <= version) return _snapshots[i];
            }

            return null;
        }
    }

    /// <summary>Forgets all past states, as a compaction of etcd does: pages and watches that began before them end with 410.</summary>
    public void Compact()
    {
        lock (_store.Gate)
        {
            _snapshots.Clear();
            _events.Clear();
            _forgottenVersion = _store.Version;

            // A list that began at the present version is no longer known either.
            Current = Current with { Version = _store.NextVersion() };
        }
    }

    internal void Load(IEnumerable<ApiObject> objects)
    {
        lock (_store.Gate)
        {
            ApiObject[] items = [.. Current.Items, .. objects];
            Array.Sort(items, static (left, right) => string.CompareOrdinal(left.Key, right.Key));
            Current = new ResourceSnapshot(_store.Version, items);
            _forgottenVersion = _store.Version;
        }
    }

    /// <summary>Puts an object in, in place of the one with its name if there is one. Only under the gate of the store.</summary>
    internal void Put(ApiObject added)
    {
        int at = Current.Seek(added.Key);
        ApiObject? before = at < Current.Items.Length && Current.Items[at].Key == added.Key ? Current.Items[at] : null;
        ApiObject[] items;
        if (before is not null)
        {
            items = (ApiObject[])Current.Items.Clone();
            items[at] = added;
        }
        else
        {
            items = [.. Current.Items.AsSpan(0, at), added, .. Current.Items.AsSpan(at)];
        }

        Change(items, new WatchEvent(before is null ? "ADDED" : "MODIFIED", added, before));
    }

    /// <summary>Takes an object out; what is left is its last state at the version of the deletion. Only under the gate of the store.</summary>
    internal void Remove(ApiObject present, ApiObject last)
    {
        int at = Current.Seek(present.Key);
        ApiObject[] items = [.. Current.Items.AsSpan(0, at), .. Current.Items.AsSpan(at + 1)];
        Change(items, new WatchEvent("DELETED", last, present));
    }

    /// <summary>The changes since a version and from now on, or null when they are forgotten.</summary>
    internal (IReadOnlyList<WatchEvent> Past, Channel<WatchEvent> Coming)? Watch(long version)
    {
        lock (_store.Gate)
        {
            if (version < _forgottenVersion) return null;
            Channel<WatchEvent> channel = Channel.CreateUnbounded<WatchEvent>(new UnboundedChannelOptions { SingleReader = true });
            _watchers.Add(channel);
            return (_events.Where(change => change.Object.Version > version).ToList(), channel);
        }
    }

    internal void Unwatch(Channel<WatchEvent> channel)
    {
        lock (_store.Gate) _watchers.Remove(channel);
    }

    private void Change(ApiObject[] items, WatchEvent change)
    {
        _snapshots.Add(Current);
        if (_snapshots.Count > KeptSnapshots) _snapshots.RemoveAt(0);
        Current = new ResourceSnapshot(change.Object.Version, items);
        _events.Enqueue(change);
        if (_events.Count > KeptEvents) _forgottenVersion = _events.Dequeue().Object.Version;
        foreach (Channel<WatchEvent> watcher in _watchers) watcher.Writer.TryWrite(change);
    }
}
