namespace KubeVirtMonitor.Kubernetes;

/// <summary>Reads an answer piece by piece, each within the timeout, so that a long answer may take long and a dead one may not.</summary>
internal sealed class AnswerReader : IDisposable
{
    private readonly ApiTransport _transport;
    private readonly Stream _stream;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenSource _limit;
    private readonly ITimer _timer;

    public AnswerReader(ApiTransport transport, Stream stream, CancellationToken cancellationToken)
    {
        _transport = transport;
        _stream = stream;
        _cancellationToken = cancellationToken;
        _limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = transport.Clock.CreateTimer(static state => Cancel((CancellationTokenSource)state!), _limit, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Reads a piece.</summary>
    /// <returns>The number of bytes; 0 at the end.</returns>
    /// <exception cref="KubernetesException">The connection broke, or nothing came in time.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        // Bytes that are there already are handed out without a look at the token.
        _cancellationToken.ThrowIfCancellationRequested();
        try
        {
            ValueTask<int> reading = _stream.ReadAsync(buffer, _limit.Token);
            if (reading.IsCompleted) return await reading.ConfigureAwait(false);
            _timer.Change(_transport.Timeout, Timeout.InfiniteTimeSpan);
            int count = await reading.ConfigureAwait(false);
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return count;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException or InvalidDataException)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            throw exception is OperationCanceledException
                ? ConnectionErrors.TimedOut(_transport.Connection, _transport.Timeout)
                : ConnectionErrors.Broken(_transport.Connection, _transport.Foreign, exception);
        }
    }

    /// <summary>Reads to the end.</summary>
    /// <param name="most">The most bytes that are taken.</param>
    /// <returns>The bytes; null when there are more.</returns>
    public async Task<byte[]?> ReadAllAsync(int most)
    {
        using MemoryStream bytes = new();
        byte[] buffer = new byte[16 * 1024];
        while (await ReadAsync(buffer).ConfigureAwait(false) is > 0 and int count)
        {
            if (bytes.Length + count > most) return null;
            bytes.Write(buffer, 0, count);
        }

        return bytes.ToArray();
    }

    /// <summary>Reads what there is, up to a limit; a connection that breaks ends it.</summary>
    /// <param name="most">The most bytes that are taken.</param>
    public async Task<byte[]> ReadStartAsync(int most)
    {
        using MemoryStream bytes = new();
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (bytes.Length < most && await ReadAsync(buffer).ConfigureAwait(false) is > 0 and int count)
                bytes.Write(buffer, 0, (int)Math.Min(count, most - bytes.Length));
        }
        catch (KubernetesException)
        {
            // Half of an explanation is better than none.
        }

        return bytes.ToArray();
    }

    public void Dispose()
    {
        _timer.Dispose();
        _limit.Dispose();
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The answer ended in the same moment.
        }
    }
}
