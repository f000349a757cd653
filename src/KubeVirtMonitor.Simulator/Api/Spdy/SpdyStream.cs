using System.IO.Pipelines;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A stream that the other side of a SPDY connection has opened.</summary>
internal sealed class SpdyStream(SpdyConnection connection, uint id, IReadOnlyDictionary<string, string> headers) : DuplexStream
{
    private const int MostBytes = 32 * 1024;

    private readonly Pipe _incoming = new(new PipeOptions(useSynchronizationContext: false));
    private Stream? _reader;
    private bool _finished;

    /// <summary>The value of a header, or an empty text.</summary>
    public string Header(string name) => headers.GetValueOrDefault(name, "");

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => (_reader ??= _incoming.Reader.AsStream()).ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (int at = 0; at < buffer.Length; at += MostBytes)
            await connection.SendDataAsync(id, buffer.Slice(at, Math.Min(MostBytes, buffer.Length - at)), last: false, cancellationToken);
    }

    /// <summary>Says that no more comes from this side.</summary>
    public async Task FinishAsync(CancellationToken cancellation)
    {
        if (_finished) return;
        _finished = true;
        await connection.SendDataAsync(id, ReadOnlyMemory<byte>.Empty, last: true, cancellation);
    }

    internal async Task ReceiveAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => await _incoming.Writer.WriteAsync(bytes, cancellation);

    internal async Task EndAsync() => await _incoming.Writer.CompleteAsync();
}
