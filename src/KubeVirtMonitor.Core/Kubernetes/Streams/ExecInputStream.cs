namespace KubeVirtMonitor.Kubernetes;

/// <summary>The standard input of a command in a container.</summary>
internal sealed class ExecInputStream(ExecChannels channels, bool canClose) : AsyncStream
{
    private const int LongestMessage = 32 * 1024;

    private int _isDisposed;

    public override bool CanRead => false;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        while (!buffer.IsEmpty)
        {
            int length = Math.Min(buffer.Length, LongestMessage);
            await channels.SendInputAsync(buffer[..length], cancellationToken).ConfigureAwait(false);
            buffer = buffer[length..];
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0 && canClose)
        {
            try
            {
                await channels.CloseInputAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // The command has ended already.
            }
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _isDisposed == 0) DisposeAsync().AsTask().GetAwaiter().GetResult();
        base.Dispose(disposing);
    }
}
