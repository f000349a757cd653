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

    /// <summary>Whether a watch begins with the present objects and a bookmark behind them.</summary>
    public bool InitialEvents { get; init; }

    /// <summary>Reads a query.</summary>
    /// <exception cref="ApiException">400: a part of it cannot be read.</exception>
    public static ListQuery Of(HttpRequest request, ResourceType type, bool watch)
    {
        IQueryCollection query = request.Query;
        string? text = query["continue"];
        long? version = Version(query["resourceVersion"].ToString(), watch);
        if (!string.IsNullOrEmpty(text) && version > 0) throw ApiErrors.BadRequest("specifying resource version is not allowed when using continue");

        // A list that may be of any age comes out of the cache of the server, which knows no pages.
        long limit = version == 0 ? 0 : Math.Max(0, Number(query, "limit") ?? 0);
        return new ListQuery
        {
            Labels = LabelSelector.Parse(query["labelSelector"]),
            Fields = FieldSelector.Parse(query["fieldSelector"], type),
            Limit = (int)Math.Min(int.MaxValue, limit),
            Continue = string.IsNullOrEmpty(text) ? null : text,
            ResourceVersion = version,
            Timeout = Number(query, "timeoutSeconds") is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null,
            Bookmarks = query.ContainsKey("allowWatchBookmarks") && ApiRequest.IsTrue(query["allowWatchBookmarks"]),
            InitialEvents = query.ContainsKey("sendInitialEvents") && ApiRequest.IsTrue(query["sendInitialEvents"]),
        };
    }

    private static long? Number(IQueryCollection query, string name)
    {
        string? text = query[name];
        if (string.IsNullOrEmpty(text)) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw ApiErrors.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
    }

    private static long? Version(string text, bool watch)
    {
        if (text.Length == 0) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)) return number;
        string message = $"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax";
        throw watch ? new ApiException(new ApiStatus(500, "", message)) : ApiErrors.BadRequest("invalid resource version: " + message);
    }
}
