namespace KubeVirtMonitor.Simulator.Api;

/// <summary>All objects of a type at one moment.</summary>
/// <param name="Version">The resource version of the last change in it.</param>
/// <param name="Items">The objects in the order of their keys.</param>
internal sealed record ResourceSnapshot(long Version, ApiObject[] Items)
{
    /// <summary>The index of the first object whose key is not below a key.</summary>
    public int Seek(string key)
    {
        int low = 0;
        int high = Items.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (string.CompareOrdinal(Items[middle].Key, key) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    public ApiObject? Find(string key)
    {
        int at = Seek(key);
        return at < Items.Length && Items[at].Key == key ? Items[at] : null;
    }

    /// <summary>The objects of a namespace, or all.</summary>
    public ReadOnlyMemory<ApiObject> In(string? space)
    {
        if (space is null) return Items;
        int first = Seek(space + "/");
        return Items.AsMemory(first..Seek(space + "0"));
    }
}
