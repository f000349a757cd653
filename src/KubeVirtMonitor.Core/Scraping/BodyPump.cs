using System.IO.Compression;
using System.Text;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>Reads a body from its source into a sink, decompressed and within limits.</summary>
/// <param name="source">The bytes.</param>
/// <param name="gzip">Whether they are packed.</param>
/// <param name="sink">Who reads them.</param>
/// <param name="body">The target, its limits and what to say in errors.</param>
/// <param name="deadline">The time there is; its token ends reading at once.</param>
/// <param name="cancellationToken">The user's own token.</param>
internal sealed class BodyPump(BodySource source, bool gzip, IBodySink sink, BodyDescription body, Deadline deadline, CancellationToken cancellationToken)
{
    // Below this, the price of a turn through the reader outweighs that of waiting for a little more.
    private const int Least = 16384;

    // A gzip header and trailer with nothing in between.
    private const int SmallestGzip = 18;

    private readonly ScrapeProgress _progress = body.Progress;
    private byte _last = (byte)'\n';
    private long _unpacked;
    private bool _hasOldMacEnds;
    private Stream _stream = source;

    // Counts the bytes of a text that is UTF-16 and read as UTF-8.
    private Func<long>? _wide;

    private long Room => body.MaximumBodySize - _unpacked;

    /// <summary>Pumps to the end, and hands on what is read as it comes.</summary>
    /// <exception cref="ScrapeException">The content is not what the sink reads, too large, or ended early.</exception>
    public async Task RunAsync()
    {
        _progress.Phase = ScrapePhase.Body;
        Stream stream = gzip ? new GZipStream(source, CompressionMode.Decompress, leaveOpen: true) : source;
        await using (stream.ConfigureAwait(false))
        {
            _stream = stream;
            while (await PumpWindowAsync().ConfigureAwait(false))
            {
            }
        }

        if (gzip) CheckGzipEnd();
    }

    private async ValueTask<bool> PumpWindowAsync()
    {
        Memory<byte> window = sink.GetMemory(body.Window);

        // One byte more than is allowed, to tell a body of just that size from a larger one.
        if (window.Length > Room) window = window[..(int)(Room + 1)];
        int wanted = Math.Min(Least, window.Length);
        int filled = 0;
        bool more = true;
        try
        {
            while (more && filled < wanted)
            {
                int count = await _stream.ReadAsync(window[filled..], deadline.Token).ConfigureAwait(false);
                more = count > 0;
                filled += count;
            }
        }
        catch when (filled > 0 && !cancellationToken.IsCancellationRequested)
        {
            // What came before the break is good: the reader leaves an unfinished line alone.
            await ForwardAsync(window, filled).ConfigureAwait(false);
            throw;
        }

        if (filled > 0 && _unpacked == 0 && _wide is null && ContentCheck.WideEncoding(window.Span[..filled]) is { } encoding)
        {
            PrefixedStream wide = new(window[..filled].ToArray(), _stream);
            _wide = () => wide.Count;
            _stream = Encoding.CreateTranscodingStream(wide, encoding, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            return true;
        }

        if (filled > 0) await ForwardAsync(window, filled).ConfigureAwait(false);
        return more;
    }

    private ValueTask ForwardAsync(Memory<byte> window, int filled)
    {
        bool first = _unpacked == 0;
        if (filled > Room) return ForwardLastAsync(window, (int)Room);
        if (filled == 0) return ValueTask.CompletedTask;
        _unpacked += filled;
        _last = window.Span[filled - 1];
        if (first)
        {
            filled = sink.Begin(window.Span[..filled], body);
            _hasOldMacEnds = window.Span[..filled].Contains((byte)'\r') && !window.Span[..filled].Contains((byte)'\n');
        }

        if (_hasOldMacEnds) window.Span[..filled].Replace((byte)'\r', (byte)'\n');
        _progress.BodyBytes = _unpacked;
        _progress.HandedOn = true;
        sink.Advance(filled);
        return sink.FlushAsync(isEnd: false, deadline, cancellationToken);
    }

    private async ValueTask ForwardLastAsync(Memory<byte> window, int allowed)
    {
        await ForwardAsync(window, allowed).ConfigureAwait(false);
        throw LimitFailures.Body(body.Target, body.MaximumBodySize);
    }

    // The platform's GZipStream takes a body that ends early for a whole one. A whole member ends with its own length;
    // more text than that is fine where several members follow each other, and then the text ends with its line.
    private void CheckGzipEnd()
    {
        uint length = unchecked((uint)(_wide?.Invoke() ?? _unpacked));
        bool whole = source.LastNumber == length || (source.LastNumber < length && _last == '\n');
        if (_progress.WireBytes < SmallestGzip || !whole) throw HttpFailures.Truncated(body.Target, _unpacked);
    }
}

/// <summary>What is known of a body while it is read.</summary>
/// <param name="Target">The name of its target in messages.</param>
/// <param name="MaximumBodySize">Most bytes of text.</param>
/// <param name="ContentType">Gives the Content-Type, fit to be shown; null where there is none.</param>
/// <param name="Setting">What named the target: an address, a file; null = it was at hand.</param>
/// <param name="Window">How many bytes are likely to come at once.</param>
/// <param name="Progress">Where bytes are counted.</param>
internal sealed record BodyDescription(string Target, long MaximumBodySize, Func<string>? ContentType, Setting? Setting, int Window, ScrapeProgress Progress);

/// <summary>The bytes as they come from the wire, a file or memory: counted, limited, and remembered at their end.</summary>
/// <param name="inner">The bytes.</param>
/// <param name="target">The name of the target in messages.</param>
/// <param name="limit">Most bytes; a compressed body has its own limit.</param>
/// <param name="progress">Where they are counted.</param>
/// <param name="synchronous">For files and memory, where waiting asynchronously costs more than reading.</param>
internal sealed class BodySource(Stream inner, string target, long limit, ScrapeProgress progress, bool synchronous) : ReadOnlyStream
{
    private readonly byte[] _tail = new byte[4];

    /// <summary>The last four bytes, as the little-endian number that ends a gzip file.</summary>
    public uint LastNumber => BitConverter.IsLittleEndian
        ? BitConverter.ToUInt32(_tail)
        : System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(_tail);

    public override int Read(Span<byte> buffer) => Note(buffer, inner.Read(buffer));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!synchronous) return ReadInnerAsync(buffer, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadInnerAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Note(buffer.Span, count);
    }

    private int Note(Span<byte> buffer, int count)
    {
        progress.WireBytes += count;
        if (progress.WireBytes > limit) throw LimitFailures.CompressedBody(target, limit);
        ReadOnlySpan<byte> read = buffer[..count];
        if (count >= 4)
        {
            read[^4..].CopyTo(_tail);
        }
        else if (count > 0)
        {
            _tail.AsSpan(count).CopyTo(_tail);
            read.CopyTo(_tail.AsSpan(4 - count));
        }

        return count;
    }
}

/// <summary>Reads what an answer says of its body, and small bodies that are read as text.</summary>
internal static class BodyHeaders
{
    public static string? ContentType(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Type", out System.Net.Http.Headers.HeaderStringValues values) ? values.ToString() : null;

    /// <summary>Whether the body is gzip: by Content-Encoding, or because it is a gzip file.</summary>
    /// <exception cref="ScrapeException">It is encoded in another way.</exception>
    public static bool IsGzip(HttpResponseMessage response, string target, string? contentType, Func<ForeignText> foreign)
    {
        if (Encoding(response) is not { } encoding)
            return contentType is not null && (contentType.StartsWith("application/gzip", StringComparison.OrdinalIgnoreCase) || contentType.StartsWith("application/x-gzip", StringComparison.OrdinalIgnoreCase));
        return encoding.ToUpperInvariant() switch
        {
            "GZIP" or "X-GZIP" => true,
            "IDENTITY" => false,
            _ => throw new ScrapeException(ScrapeError.UnsupportedEncoding, target, $"the body is encoded as '{foreign().Line(encoding, 120)}', which was not requested"),
        };
    }

    /// <summary>The first bytes of a body, unpacked; fewer where it breaks off.</summary>
    public static async Task<byte[]> ReadStartAsync(HttpResponseMessage response, int length, CancellationToken cancellationToken)
    {
        byte[] start = new byte[length];
        int filled = 0;
        try
        {
            Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            if (string.Equals(Encoding(response), "gzip", StringComparison.OrdinalIgnoreCase)) stream = new GZipStream(stream, CompressionMode.Decompress);
            await using (stream.ConfigureAwait(false))
            {
                while (filled < length)
                {
                    int count = await stream.ReadAsync(start.AsMemory(filled), cancellationToken).ConfigureAwait(false);
                    if (count == 0) break;
                    filled += count;
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            // The status is the message; a body that breaks off adds less to it, and takes nothing away.
        }

        return start[..filled];
    }

    private static string? Encoding(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out System.Net.Http.Headers.HeaderStringValues values) && values.ToString().Trim() is { Length: > 0 } encoding
            ? encoding
            : null;
}

/// <summary>Whether to request a compressed response from a server.</summary>
internal enum BodyCompression
{
    /// <summary>gzip, as Prometheus asks for it. Exposition text packs so well that unpacking costs less than receiving and decrypting it plain, even on loopback.</summary>
    Gzip,

    /// <summary>Plain: no packing at the server.</summary>
    None,
}
