using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Answers watches: one event a line, as long as the other side listens or for the time it asked for.</summary>
internal sealed class WatchHandler(ResourceStore store, ApiServerOptions options, TimeProvider time)
{
    public async Task SendAsync(HttpContext context, ApiRequest request, ResourceCollection collection, ApiFault? fault)
    {
        MediaForm form = MediaType.Choose(context.Request, out _);
        ListQuery query = ListQuery.Of(context.Request, collection.Type, watch: true);
        TableWriter? table = form == MediaForm.Table ? new TableWriter(collection.Type, TableWriter.Inclusion(context.Request), time.GetUtcNow()) : null;
        context.Response.ContentType = "application/json";
        await using ResponseSink sink = new(context, large: false, fault);
        long version = query.ResourceVersion ?? 0;
        bool fromNow = version == 0;
        long start = fromNow ? store.Version : version;
        ResourceSnapshot? present = fromNow ? collection.Current : null;
        if (collection.Watch(present?.Version ?? start) is not { } changes)
        {
            ApiStatus expired = ApiErrors.ExpiredWatch(version, store.Version);
            await sink.WriteAsync(Line("ERROR", JsonText.Bytes(expired.ToJson())));
            await sink.FlushAsync();
            return;
        }

        try
        {
            foreach (ApiObject item in present?.In(request.Namespace).ToArray() ?? [])
            {
                if (Matches(item, request, query)) await sink.WriteAsync(Line("ADDED", Show(item, form, table)));
            }

            if (query.InitialEvents && fromNow) await sink.WriteAsync(Line("BOOKMARK", Bookmark(collection.Type, end: true)));
            foreach (WatchEvent change in changes.Past) await TellAsync(change);
            await sink.FlushAsync();
            await FollowAsync(context, changes.Coming.Reader, query, TellAsync, sink, collection.Type);
        }
        finally
        {
            collection.Unwatch(changes.Coming);
        }

        async Task TellAsync(WatchEvent change)
        {
            bool now = change.Kind != "DELETED" && Matches(change.Object, request, query);
            bool before = change.Before is { } last && Matches(last, request, query);
            string? kind = (before, now) switch { (false, true) => "ADDED", (true, true) => "MODIFIED", (true, false) => "DELETED", _ => null };
            if (kind is not null) await sink.WriteAsync(Line(kind, Show(change.Object, form, table)));
        }
    }

    private async Task FollowAsync(HttpContext context, ChannelReader<WatchEvent> coming, ListQuery query, Func<WatchEvent, Task> tell, ResponseSink sink, ResourceType type)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (query.Timeout is { } timeout) end.CancelAfter(timeout);
        try
        {
            while (!sink.Ended)
            {
                Task<bool> more = coming.WaitToReadAsync(end.Token).AsTask();
                if (await Task.WhenAny(more, Task.Delay(options.BookmarkInterval, end.Token)) == more)
                {
                    if (!await more) return;
                    while (coming.TryRead(out WatchEvent? change)) await tell(change);
                }
                else
                {
                    end.Token.ThrowIfCancellationRequested();
                    if (query.Bookmarks) await sink.WriteAsync(Line("BOOKMARK", Bookmark(type, end: false)));
                }

                await sink.FlushAsync();
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            // The time that was asked for is over; the answer ends well.
        }
    }

    /// <summary>How far the watch is; and that the objects that were there at its begin have been told.</summary>
    private byte[] Bookmark(ResourceType type, bool end)
    {
        JsonObject metadata = new() { ["resourceVersion"] = store.Version.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        if (end) metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        else if (!type.Custom) metadata["creationTimestamp"] = null;
        return JsonText.Bytes(new JsonObject { ["kind"] = type.Kind, ["apiVersion"] = type.ApiVersion, ["metadata"] = metadata });
    }

    private static bool Matches(ApiObject item, ApiRequest request, ListQuery query) =>
        (request.Namespace is null || item.Namespace == request.Namespace)
        && (request.Name is null || item.Name == request.Name)
        && query.Labels.Matches(item.Labels)
        && query.Fields.Matches(item);

    private static ReadOnlySpan<byte> Show(ApiObject item, MediaForm form, TableWriter? table) =>
        table is not null ? table.Single(item) : form == MediaForm.Metadata ? TableWriter.Metadata(item, withKind: true).Span : item.ToBytes();

    private static byte[] Line(string kind, ReadOnlySpan<byte> item) =>
        [.. "{\"type\":\""u8, .. System.Text.Encoding.ASCII.GetBytes(kind), .. "\",\"object\":"u8, .. item, .. "}\n"u8];
}
