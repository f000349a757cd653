using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The body of an answer on its way out: compressed where that is accepted and worth it, cut where a fault has it.</summary>
internal sealed class ResponseSink : IAsyncDisposable
{
    /// <summary>From this size on a real API server compresses.</summary>
    public const int CompressionThreshold = 128 * 1024;

    private const int FlushSize = 64 * 1024;

    private readonly HttpContext _context;
    private readonly GZipStream? _gzip;
    private readonly PipeWriter _writer;
    private readonly ApiFault? _fault;
    private long _written;
    private long _unflushed;

    public ResponseSink(HttpContext context, bool large, ApiFault? fault)
    {
        _context = context;
        _fault = fault?.Kind is ApiFaultKind.Drop or ApiFaultKind.Truncated ? fault : null;
        if (large && ScrapeResponder.AcceptsGzip(context.Request))
        {
            context.Response.Headers.ContentEncoding = "gzip";
            context.Response.Headers.Vary = "Accept-Encoding";
            _gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            _writer = PipeWriter.Create(_gzip, new StreamPipeWriterOptions(leaveOpen: true, minimumBufferSize: FlushSize));
        }
        else
        {
            _writer = context.Response.BodyWriter;
        }
    }

    /// <summary>Whether the body ends here, because the other side has gone or a fault has it.</summary>
    public bool Ended { get; private set; }

    public ValueTask WriteAsync(string text) => WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (Ended) return;
        if (_fault is not null && _written + bytes.Length >= _fault.Bytes)
        {
            _writer.Write(bytes.Span[..(int)Math.Max(0, _fault.Bytes - _written)]);
            await BreakAsync();
            return;
        }

        _writer.Write(bytes.Span);
        _written += bytes.Length;
        _unflushed += bytes.Length;
        if (_unflushed >= FlushSize) await FlushAsync();
    }

    public async ValueTask FlushAsync()
    {
        _unflushed = 0;
        FlushResult result = await _writer.FlushAsync(_context.RequestAborted);
        Ended |= result.IsCompleted;
    }

    public async ValueTask DisposeAsync()
    {
        if (_gzip is null) return;
        if (_context.RequestAborted.IsCancellationRequested) return;
        await _writer.CompleteAsync();
        await _gzip.DisposeAsync();
    }

    private async Task BreakAsync()
    {
        Ended = true;
        await _writer.FlushAsync(_context.RequestAborted);
        if (_gzip is not null) await _gzip.FlushAsync(_context.RequestAborted);
        await _context.Response.Body.FlushAsync(_context.RequestAborted);
        if (_fault!.Kind == ApiFaultKind.Truncated) return;

        // The bytes must be on their way before the connection goes.
        await Task.Delay(50, _context.RequestAborted);
        _context.Abort();
    }
}
