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

    /// <summary>
    /// Reads all values, and then waits as long as the slowest part of them takes. A virt-handler asks all virt-launchers at once when the request comes: its values are those of that
    /// moment, however late the answer is.
    /// </summary>
    public async Task<CollectedScrape> CollectAsync(SimulatedEndpoint endpoint, CancellationToken cancellation)
    {
        CollectedScrape scrape = options.KeepScrapesFor is { } age ? new(null, Keep(endpoint, age)) : new(cluster.BeginScrape(endpoint.Pod), null);
        if (endpoint.Pod.Component == ComponentKind.Handler)
        {
            TimeSpan measuring = options.DirtyRateWait is { } takes && endpoint.MeasuresDirtyRate(takes, cluster) ? takes : TimeSpan.Zero;
            TimeSpan hanging = cluster.HasSilent(endpoint.Pod) ? options.LauncherTimeout : TimeSpan.Zero;
            await Task.Delay(measuring > hanging ? measuring : hanging, cancellation);
        }

        return scrape;
    }

    public Task SendAsync(HttpContext context, CollectedScrape scrape)
    {
        context.Response.ContentType = ContentType;
        return scrape.Kept is { } kept ? SendKeptAsync(context, kept) : SendFreshAsync(context, scrape.Fresh!);
    }

    /// <summary>The scrape as bytes, for faults that need to know its size.</summary>
    public static ReadOnlyMemory<byte> Render(CollectedScrape scrape)
    {
        if (scrape.Kept is { } kept)
        {
            using GZipStream packed = new(new MemoryStream(kept.Compressed), CompressionMode.Decompress);
            MemoryStream plain = new();
            packed.CopyTo(plain);
            return plain.ToArray();
        }

        ArrayBufferWriter<byte> buffer = new(1 << 18);
        scrape.Fresh!.WriteAll(buffer);
        return buffer.WrittenMemory;
    }

    private static async Task SendFreshAsync(HttpContext context, ScrapeWriter scrape)
    {
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

    private static async Task SendKeptAsync(HttpContext context, KeptScrape kept)
    {
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

    private KeptScrape Keep(SimulatedEndpoint endpoint, TimeSpan age)
    {
        if (endpoint.Kept is { } kept && (age == Timeout.InfiniteTimeSpan || Environment.TickCount64 - kept.Made <= age.TotalMilliseconds)) return kept;
        return endpoint.Kept = new KeptScrape(Compress(endpoint), Environment.TickCount64);
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

/// <summary>A scrape whose values have been read: to be written, or kept from an earlier one.</summary>
internal readonly record struct CollectedScrape(ScrapeWriter? Fresh, KeptScrape? Kept);
