namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Two one-way streams as one.</summary>
internal sealed class SplitStream(Stream incoming, Stream outgoing) : DuplexStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => incoming.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => outgoing.WriteAsync(buffer, cancellationToken);
}
