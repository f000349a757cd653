using System.Globalization;
using System.Threading.Channels;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>The channels of an exec WebSocket: the first byte of each message is its channel.</summary>
internal sealed class ExecChannels(ApiWebSocket socket)
{
    private const byte StandardOutput = 1;

    private const byte StandardError = 2;

    private const byte Result = 3;

    private const int MostResult = 64 * 1024;

    public ExecOutputStream Output { get; } = new();

    public ExecOutputStream ErrorOutput { get; } = new();

    /// <summary>Takes in messages until the server closes.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> PumpAsync(CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            return await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            failure = Error("the connection broke before the command had ended", exception);
            throw failure;
        }
        catch (Exception exception)
        {
            failure = exception;
            throw;
        }
        finally
        {
            Output.Complete(failure);
            ErrorOutput.Complete(failure);
        }
    }

    private async Task<int> ReceiveAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[32 * 1024];
        using MemoryStream result = new();
        bool isInMessage = false;
        byte channel = 0;
        while (true)
        {
            SocketPiece received = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (received.IsEnd) return ExitCode(result);
            ReadOnlyMemory<byte> bytes = buffer.AsMemory(0, received.Count);
            if (!isInMessage && !bytes.IsEmpty)
            {
                channel = bytes.Span[0];
                bytes = bytes[1..];
            }

            isInMessage = !received.IsLast;
            switch (channel)
            {
                case StandardOutput when !bytes.IsEmpty:
                    await Output.AddAsync(bytes, cancellationToken).ConfigureAwait(false);
                    break;
                case StandardError when !bytes.IsEmpty:
                    await ErrorOutput.AddAsync(bytes, cancellationToken).ConfigureAwait(false);
                    break;
                case Result when result.Length + bytes.Length <= MostResult:
                    result.Write(bytes.Span);
                    break;
                default:
                    break;
            }
        }
    }

    private int ExitCode(MemoryStream result)
    {
        // Whoever has said how the command ended may end the connection in any way.
        if (result.Length == 0) throw Error(socket.Failure ?? (socket.IsSilentEnd ? "the connection broke before the command had ended" : "the server closed the connection without saying how the command ended"));
        KubernetesStatus status = StatusReader.Parse(result.ToArray(), isBare: true) ?? throw Error("the server did not say how the command ended");
        if (status.Reason == "NonZeroExitCode"
            && status.Causes.FirstOrDefault(cause => cause.Reason == "ExitCode") is { } cause
            && int.TryParse(cause.Message, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int code)) return code;
        status = status.Shown(socket.Foreign);
        if (status.IsSuccess) return 0;
        string said = status.Message.Length > 0 ? status.Message : status.Reason.Length > 0 ? status.Reason : "the server reports a failure without a reason";
        throw Error(socket.Foreign.Line(said, 500), status: status);
    }

    private KubernetesException Error(string what, Exception? inner = null, KubernetesStatus? status = null) =>
        new(KubernetesError.StreamFailed, $"cannot {socket.Purpose}: {what}", "Check that the pod and the container are running and that the program exists there.", socket.Foreign.Safe(inner)) { Status = status };
}

/// <summary>What a command in a container writes. Holds back the sender when nobody reads.</summary>
internal sealed class ExecOutputStream : AsyncStream
{
    private const int MostPieces = 64;

    private readonly Channel<byte[]> _pieces = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MostPieces) { SingleReader = true, SingleWriter = true });
    private ReadOnlyMemory<byte> _piece;

    public override bool CanWrite => false;

    public ValueTask AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => _pieces.Writer.WriteAsync(bytes.ToArray(), cancellationToken);

    /// <summary>Ends the stream.</summary>
    /// <param name="failure">What ended it; null = the command did.</param>
    public void Complete(Exception? failure) => _pieces.Writer.TryComplete(failure);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_piece.IsEmpty)
        {
            if (!await _pieces.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false)) return 0;
            if (_pieces.Reader.TryRead(out byte[]? piece)) _piece = piece;
        }

        int count = Math.Min(buffer.Length, _piece.Length);
        _piece[..count].CopyTo(buffer);
        _piece = _piece[count..];
        return count;
    }
}
