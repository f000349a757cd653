using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The query of a list or a watch.</summary>
internal sealed record ListQuery
{
    public required LabelSelector Labels { get; init; }

    public required FieldSelector Fields { get; init; }

    /// <summary>Most objects in a page; 0 = all.</summary>
    public int Limit { get; init; }

    public string? Continue { get; init; }

    /// <summary>The version to watch from, or null.</summary>
    public long? ResourceVersion { get; init; }

    public TimeSpan? Timeout { get; init; }

    public bool Bookmarks { get; init; }

    /// <summary>Reads a query.</summary>
    /// <exception cref="ApiException">400: a part of it cannot be read.</exception>
    public static ListQuery Of(HttpRequest request, ResourceType type)
    {
        IQueryCollection query = request.Query;
        string? text = query["continue"];
        return new ListQuery
        {
            Labels = LabelSelector.Parse(query["labelSelector"]),
            Fields = FieldSelector.Parse(query["fieldSelector"], type),
            Limit = (int)Math.Min(int.MaxValue, Number(query, "limit") ?? 0),
            Continue = string.IsNullOrEmpty(text) ? null : text,
            ResourceVersion = Number(query, "resourceVersion"),
            Timeout = Number(query, "timeoutSeconds") is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null,
            Bookmarks = query.ContainsKey("allowWatchBookmarks") && ApiRequest.IsTrue(query["allowWatchBookmarks"]),
        };
    }

    private static long? Number(IQueryCollection query, string name)
    {
        string? text = query[name];
        if (string.IsNullOrEmpty(text)) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw ApiErrors.BadRequest($"unable to decode query: strconv.ParseInt: parsing \"{text}\": invalid syntax ({name})");
    }
}
