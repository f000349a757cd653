using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator;

/// <summary>Sends the metrics of a pod as its Go code does: text 0.0.4 whatever was asked for, gzip where it is accepted.</summary>
internal sealed class ScrapeResponder(SimulatedCluster cluster, HostOptions options)
{
    private const int FlushSize = 128 * 1024;

    /// <summary>The Content-Type; older releases do not mention the escaping of names.</summary>
    public string ContentType { get; } = cluster.Release.IsV1Dot9
        ? "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
        : "text/plain; version=0.0.4; charset=utf-8";

    public static bool AcceptsGzip(HttpRequest request)
    {
        foreach (string? header in request.Headers.AcceptEncoding)
        {
            foreach (string part in (header ?? "").Split(','))
            {
                string[] pieces = part.Split(';', StringSplitOptions.TrimEntries);
                if (pieces[0].Trim() is "gzip" && !(pieces.Length > 1 && pieces[1] is "q=0" or "q=0.0")) return true;
            }
        }

        return false;
    }

    public Task SendAsync(HttpContext context, SimulatedEndpoint endpoint)
    {
        context.Response.ContentType = ContentType;
        return options.KeepScrapesFor is { } age ? SendKeptAsync(context, endpoint, age) : SendFreshAsync(context, endpoint);
    }

    /// <summary>The scrape as bytes, for faults that need to know its size.</summary>
    public ReadOnlyMemory<byte> Render(SimulatedEndpoint endpoint)
    {
        ArrayBufferWriter<byte> buffer = new(1 << 18);
        cluster.BeginScrape(endpoint.Pod).WriteAll(buffer);
        return buffer.WrittenMemory;
    }

    private async Task SendFreshAsync(HttpContext context, SimulatedEndpoint endpoint)
    {
        ScrapeWriter scrape = cluster.BeginScrape(endpoint.Pod);
        if (!AcceptsGzip(context.Request))
        {
            await WriteAsync(scrape, context.Response.BodyWriter, context.RequestAborted);
            return;
        }

        context.Response.Headers.ContentEncoding = "gzip";
        await using GZipStream gzip = new(context.Response.Body, CompressionLevel.Fastest);
        PipeWriter writer = PipeWriter.Create(gzip, new StreamPipeWriterOptions(leaveOpen: true, minimumBufferSize: FlushSize));
        await WriteAsync(scrape, writer, context.RequestAborted);
        await writer.CompleteAsync();
    }

    private static async Task WriteAsync(ScrapeWriter scrape, PipeWriter writer, CancellationToken cancellation)
    {
        bool more = true;
        while (more)
        {
            more = scrape.WriteSome(writer, FlushSize);
            FlushResult result = await writer.FlushAsync(cancellation);
            if (result.IsCompleted) return;
        }
    }

    private async Task SendKeptAsync(HttpContext context, SimulatedEndpoint endpoint, TimeSpan age)
    {
        KeptScrape? kept = endpoint.Kept;
        if (kept is null || (age != Timeout.InfiniteTimeSpan && Environment.TickCount64 - kept.Made > age.TotalMilliseconds))
        {
            kept = new KeptScrape(Compress(endpoint), Environment.TickCount64);
            endpoint.Kept = kept;
        }

        if (AcceptsGzip(context.Request))
        {
            context.Response.Headers.ContentEncoding = "gzip";
            context.Response.ContentLength = kept.Compressed.Length;
            await context.Response.BodyWriter.WriteAsync(kept.Compressed, context.RequestAborted);
            return;
        }

        await using GZipStream plain = new(new MemoryStream(kept.Compressed), CompressionMode.Decompress);
        await plain.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private byte[] Compress(SimulatedEndpoint endpoint)
    {
        MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            cluster.BeginScrape(endpoint.Pod, keepPlan: false).WriteAll(gzip);
        }

        return compressed.ToArray();
    }
}
