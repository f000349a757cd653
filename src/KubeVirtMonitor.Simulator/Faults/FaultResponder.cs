using System.Buffers;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator;

/// <summary>Answers a request for metrics in the way a fault has it.</summary>
internal sealed class FaultResponder(ScrapeResponder scrapes)
{
    private const int MemberSize = 10 << 20;
    private const string BusyText = "Limit of concurrent requests reached (3), try again later.\n";

    private static readonly Lazy<byte[]> BombMember = new(MakeBombMember);

    public async Task SendAsync(HttpContext context, SimulatedEndpoint endpoint, Fault fault)
    {
        CancellationToken aborted = context.RequestAborted;
        switch (fault.Kind)
        {
            case FaultKind.Slow:
                CollectedScrape scrape = await scrapes.CollectAsync(endpoint, aborted);
                await Task.Delay(fault.Delay, aborted);
                await scrapes.SendAsync(context, scrape);
                break;
            case FaultKind.Trickle:
                await TrickleAsync(context, await RenderAsync(endpoint, aborted), fault.Bytes);
                break;
            case FaultKind.Cut:
            case FaultKind.CutLength:
                await CutAsync(context, await RenderAsync(endpoint, aborted), fault);
                break;
            case FaultKind.Busy:
                await Answers.TextAsync(context, StatusCodes.Status503ServiceUnavailable, BusyText);
                break;
            case FaultKind.Status:
                await Answers.TextAsync(context, fault.StatusCode, $"simulated status {fault.StatusCode}\n");
                break;
            case FaultKind.Redirect:
                context.Response.Redirect(fault.Location);
                break;
            case FaultKind.Reset:
                context.Abort();
                break;
            case FaultKind.Html:
                context.Response.ContentType = "text/html; charset=utf-8";
                await context.Response.WriteAsync("<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>\n", aborted);
                break;
            case FaultKind.Binary:
                context.Response.ContentType = "application/octet-stream";
                byte[] noise = new byte[fault.Bytes];
                new Random(1).NextBytes(noise);
                await context.Response.Body.WriteAsync(noise, aborted);
                break;
            case FaultKind.LongLine:
                await LongLineAsync(context, await RenderAsync(endpoint, aborted), fault.Bytes);
                break;
            case FaultKind.Huge:
                await FillAsync(context, await RenderAsync(endpoint, aborted), fault.Bytes);
                break;
            case FaultKind.Endless:
                await FillAsync(context, await RenderAsync(endpoint, aborted), long.MaxValue);
                break;
            case FaultKind.GzipBomb:
                await BombAsync(context, fault.Bytes);
                break;
            default:
                await scrapes.SendAsync(context, await scrapes.CollectAsync(endpoint, aborted));
                break;
        }
    }

    private async Task<ReadOnlyMemory<byte>> RenderAsync(SimulatedEndpoint endpoint, CancellationToken cancellation) => ScrapeResponder.Render(await scrapes.CollectAsync(endpoint, cancellation));

    private async Task TrickleAsync(HttpContext context, ReadOnlyMemory<byte> body, long bytes)
    {
        context.Response.ContentType = scrapes.ContentType;
        int step = (int)Math.Clamp(bytes, 1, 1 << 20);
        for (int at = 0; at < body.Length; at += step)
        {
            await context.Response.Body.WriteAsync(body.Slice(at, Math.Min(step, body.Length - at)), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(100, context.RequestAborted);
        }
    }

    private async Task CutAsync(HttpContext context, ReadOnlyMemory<byte> body, Fault fault)
    {
        context.Response.ContentType = scrapes.ContentType;
        int sent = (int)Math.Clamp(fault.Bytes, 0, body.Length - 1);
        if (fault.Kind == FaultKind.CutLength) context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body[..sent], context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);

        // The bytes must be on their way before the connection goes.
        await Task.Delay(50, context.RequestAborted);
        context.Abort();
    }

    private async Task LongLineAsync(HttpContext context, ReadOnlyMemory<byte> scrape, long bytes)
    {
        context.Response.ContentType = scrapes.ContentType;
        const string Head = "simulated_long_line{value=\"";
        const string Tail = "\"} 1\n";
        await context.Response.WriteAsync(Head, context.RequestAborted);
        byte[] filler = new byte[64 * 1024];
        Array.Fill(filler, (byte)'x');
        for (long left = bytes - Head.Length - Tail.Length; left > 0; left -= filler.Length)
        {
            await context.Response.Body.WriteAsync(filler.AsMemory(0, (int)Math.Min(left, filler.Length)), context.RequestAborted);
        }

        await context.Response.WriteAsync(Tail, context.RequestAborted);
        await context.Response.Body.WriteAsync(scrape, context.RequestAborted);
    }

    private async Task FillAsync(HttpContext context, ReadOnlyMemory<byte> scrape, long bytes)
    {
        context.Response.ContentType = scrapes.ContentType;
        await context.Response.Body.WriteAsync(scrape, context.RequestAborted);
        ArrayBufferWriter<byte> block = new(80 * 1024);
        long series = 0;
        for (long left = bytes - scrape.Length; left > 0; left -= block.WrittenCount)
        {
            block.ResetWrittenCount();
            while (block.WrittenCount < Math.Min(left, 64 * 1024)) block.Write(Encoding.ASCII.GetBytes($"simulated_filler_total{{n=\"{series++}\"}} 1\n"));
            await context.Response.Body.WriteAsync(block.WrittenMemory, context.RequestAborted);
        }
    }

    private async Task BombAsync(HttpContext context, long bytes)
    {
        context.Response.ContentType = scrapes.ContentType;
        context.Response.Headers.ContentEncoding = "gzip";

        // Members of a gzip stream may follow one another, so one small member is enough for any size.
        for (long left = bytes; left > 0; left -= MemberSize) await context.Response.Body.WriteAsync(BombMember.Value, context.RequestAborted);
    }

    private static byte[] MakeBombMember()
    {
        MemoryStream compressed = new();
        byte[] lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("simulated_bomb 1000\n", MemberSize / 10 / 20)));
        using (GZipStream gzip = new(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (int i = 0; i < 10; i++) gzip.Write(lines);
        }

        return compressed.ToArray();
    }
}
