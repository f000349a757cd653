namespace KubeVirtMonitor.Simulator.Api;

/// <summary>One page of a list.</summary>
/// <param name="Items">Its objects.</param>
/// <param name="Version">The resource version of the list.</param>
/// <param name="Continue">Where the next page begins, or null.</param>
/// <param name="Remaining">How many objects follow, or null when a selector makes that unknown.</param>
internal sealed record ListPage(ReadOnlyMemory<ApiObject> Items, long Version, string? Continue, int? Remaining)
{
    /// <summary>Cuts a page out of a collection.</summary>
    /// <exception cref="ApiException">400 for a query that cannot be read, 410 for a token that is too old.</exception>
    public static ListPage Of(ResourceStore store, ResourceCollection collection, ListQuery query, string? space)
    {
        string prefix = space is null ? "" : space + "/";
        ResourceSnapshot snapshot = collection.Current;
        long version = store.Version;
        ReadOnlyMemory<ApiObject> rest = snapshot.In(space);
        if (query.Continue is { } text)
        {
            ContinueToken token = ContinueToken.Parse(text);
            if (token.Version >= 0)
            {
                version = token.Version;
                snapshot = collection.At(version) ?? throw ApiErrors.ExpiredContinue(Inconsistent(token));
            }

            int end = space is null ? snapshot.Items.Length : snapshot.Seek(space + "0");
            rest = snapshot.Items.AsMemory(snapshot.Seek(prefix + token.Start)..end);
        }

        bool filtered = !query.Labels.IsEmpty || !query.Fields.IsEmpty;
        int limit = query.Limit == 0 ? int.MaxValue : query.Limit;
        int taken = Math.Min(limit, rest.Length);
        ReadOnlyMemory<ApiObject> items = rest[..taken];
        if (filtered) (items, taken) = Filter(rest, query, limit);
        if (taken == rest.Length) return new ListPage(items, version, null, null);
        string next = new ContinueToken(version, rest.Span[taken - 1].Key[prefix.Length..] + "\0").ToString();
        return new ListPage(items, version, next, filtered ? null : rest.Length - taken);
    }

    /// <summary>A token that goes on with what is there now.</summary>
    public static string Inconsistent(ContinueToken token) => (token with { Version = -1 }).ToString();

    private static (ReadOnlyMemory<ApiObject> Items, int Taken) Filter(ReadOnlyMemory<ApiObject> rest, ListQuery query, int limit)
    {
        List<ApiObject> found = [];
        int taken = 0;
        foreach (ApiObject item in rest.Span)
        {
            if (found.Count == limit) break;
            taken++;
            if (query.Labels.Matches(item.Labels) && query.Fields.Matches(item)) found.Add(item);
        }

        return (found.ToArray(), taken);
    }
}
