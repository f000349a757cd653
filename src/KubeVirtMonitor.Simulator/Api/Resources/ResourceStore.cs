namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What etcd is to a real API server: all objects, under one counter of versions.</summary>
public sealed class ResourceStore
{
    private readonly Dictionary<(string Group, string Plural), ResourceCollection> _collections = [];
    private long _version = 1000;

    internal ResourceStore(IEnumerable<ResourceType> types)
    {
        foreach (ResourceType type in types) _collections[(type.Group, type.Plural)] = new ResourceCollection(this, type);
    }

    /// <summary>The version of the last change.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>All collections.</summary>
    public IReadOnlyCollection<ResourceCollection> Collections => _collections.Values;

    internal IEnumerable<ResourceType> Types => _collections.Values.Select(static collection => collection.Type);

    internal Lock Gate { get; } = new();

    /// <summary>The collection of a group and plural.</summary>
    /// <exception cref="KeyNotFoundException">The server has no such resource.</exception>
    public ResourceCollection this[string group, string plural] => Find(group, plural) ?? throw new KeyNotFoundException($"There is no resource '{plural}' in group '{group}'.");

    internal ResourceCollection? Find(string group, string plural) => _collections.GetValueOrDefault((group, plural));

    internal long NextVersion() => Interlocked.Increment(ref _version);
}
