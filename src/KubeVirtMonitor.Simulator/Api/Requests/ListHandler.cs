using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Answers lists: objects, tables, or metadata.</summary>
internal sealed class ListHandler(ResourceStore store, ApiServerOptions options, TimeProvider time)
{
    private static readonly byte[] Comma = ","u8.ToArray();

    public async Task SendAsync(HttpContext context, ApiRequest request, ResourceCollection collection, ApiFault? fault)
    {
        MediaForm form = MediaType.Choose(context.Request, out _);
        ListQuery query = ListQuery.Of(context.Request, collection.Type, watch: false);
        if (query.ResourceVersion > store.Version)
        {
            // A real API server waits whether the version still comes.
            await Task.Delay(options.FutureVersionWait, context.RequestAborted);
            if (query.ResourceVersion > store.Version) throw ApiErrors.FutureVersion(query.ResourceVersion.Value, store.Version);
        }

        if (fault?.Kind == ApiFaultKind.Expired && query.Continue is { } token) throw ApiErrors.ExpiredContinue(ListPage.Inconsistent(ContinueToken.Parse(token)));
        ListPage page = ListPage.Of(store, collection, query, request.Namespace);
        context.Response.ContentType = "application/json";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        bool large = Size(page.Items.Span) > ResponseSink.CompressionThreshold;
        await using ResponseSink sink = new(context, large, fault);
        if (form == MediaForm.Table) await TableAsync(context, collection.Type, page, sink);
        else await ObjectsAsync(collection.Type, page, form, sink, fault?.Kind == ApiFaultKind.MalformedItems);
        await sink.FlushAsync();
    }

    private static async Task ObjectsAsync(ResourceType type, ListPage page, MediaForm form, ResponseSink sink, bool malformed)
    {
        bool metadataOnly = form == MediaForm.Metadata;
        string apiVersion = metadataOnly ? "meta.k8s.io/v1" : type.ApiVersion;
        string kind = metadataOnly ? "PartialObjectMetadataList" : type.ListKind;
        string metadata = ListMetadata(page, sorted: type.Custom && !metadataOnly).ToJsonString(JsonText.Options);

        // Lists of custom resources are maps in the server, and maps are written with sorted keys.
        bool sorted = type.Custom && !metadataOnly;
        await sink.WriteAsync(sorted ? $$"""{"apiVersion":"{{apiVersion}}","items":[""" : $$"""{"kind":"{{kind}}","apiVersion":"{{apiVersion}}","metadata":{{metadata}},"items":[""");
        bool first = true;
        if (malformed)
        {
            await sink.WriteAsync(MalformedItems.All);
            first = false;
        }

        for (int i = 0; i < page.Items.Length && !sink.Ended; i++)
        {
            ApiObject item = page.Items.Span[i];
            if (!first) await sink.WriteAsync(Comma);
            first = false;
            await sink.WriteAsync(metadataOnly ? TableWriter.Metadata(item, withKind: true) : item.Body);
        }

        await sink.WriteAsync(sorted ? $$"""],"kind":"{{kind}}","metadata":{{metadata}}}""" + "\n" : "]}\n");
    }

    private async Task TableAsync(HttpContext context, ResourceType type, ListPage page, ResponseSink sink)
    {
        TableWriter table = new(type, TableWriter.Inclusion(context.Request), time.GetUtcNow());
        await sink.WriteAsync(table.Head(ListMetadata(page, sorted: false)));
        for (int i = 0; i < page.Items.Length && !sink.Ended; i++)
        {
            if (i > 0) await sink.WriteAsync(Comma);
            await sink.WriteAsync(table.Row(page.Items.Span[i]));
        }

        await sink.WriteAsync("]}\n");
    }

    private static JsonObject ListMetadata(ListPage page, bool sorted)
    {
        JsonObject metadata = [];
        if (!sorted) metadata["resourceVersion"] = page.Version.ToString(System.Globalization.CultureInfo.InvariantCulture);

        // The token of a list of custom resources is there even when it is empty.
        if (page.Continue is not null || sorted) metadata["continue"] = page.Continue ?? "";
        if (page.Remaining is { } remaining) metadata["remainingItemCount"] = remaining;
        if (sorted) metadata["resourceVersion"] = page.Version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return metadata;
    }

    private static long Size(ReadOnlySpan<ApiObject> items)
    {
        long size = 0;
        foreach (ApiObject item in items)
        {
            size += item.Body.Length;
            if (size > ResponseSink.CompressionThreshold) break;
        }

        return size;
    }
}
