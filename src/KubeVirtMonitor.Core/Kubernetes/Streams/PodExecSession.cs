using System.Text;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// A command that runs in a container. Its output has to be read, or it waits. Disposing of the session closes the connection, which ends the
/// command as far as the container runtime sees to it.
/// </summary>
internal sealed class PodExecSession : IAsyncDisposable
{
    // v5 adds a message that closes one channel; servers before 1.30 pick v4.
    private static readonly string[] Protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

    private readonly ApiWebSocket _socket;
    private readonly ExecChannels _channels;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task<int> _running;

    private PodExecSession(ApiWebSocket socket)
    {
        _socket = socket;
        _channels = new ExecChannels(socket);
        _running = _channels.PumpAsync(_ended.Token);
    }

    /// <summary>The command's standard output.</summary>
    public Stream Output => _channels.Output;

    /// <summary>The command's standard error.</summary>
    public Stream ErrorOutput => _channels.ErrorOutput;

    /// <summary>Waits for the command and gathers what it writes.</summary>
    /// <param name="most">The most bytes of output, and of error output, that are kept; more is read and dropped.</param>
    /// <param name="cancellationToken">Ends the waiting; the command is ended by disposing of the session.</param>
    public async Task<PodExecResult> ToResultAsync(int most = 1024 * 1024, CancellationToken cancellationToken = default)
    {
        Task<string> output = GatherAsync(Output, most, cancellationToken);
        Task<string> error = GatherAsync(ErrorOutput, most, cancellationToken);
        int exitCode;
        try
        {
            exitCode = await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Both have failed with the command.
            await ((Task)Task.WhenAll(output, error)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return new PodExecResult(exitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _socket.CloseAsync().ConfigureAwait(false);
        await _ended.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
        _ended.Dispose();
    }

    internal static async Task<PodExecSession> StartAsync(ApiTransport transport, PodExecRequest exec, CancellationToken cancellationToken)
    {
        ApiRequest request = new(HttpMethod.Get, exec.ToPath()) { WebSocketProtocols = Protocols, Purpose = $"run a command in pod {exec.Namespace}/{exec.Pod}" };
        ApiWebSocket socket;
        try
        {
            socket = await SocketOpener.OpenAsync(transport, request, needsProtocol: true, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (exception is { StatusCode: 400 or 403, Status: null })
        {
            // A server that stumbles over a protocol it does not know, rather than picking the one it does. kubelet's words for that are a 403 without a body.
            socket = await SocketOpener.OpenAsync(transport, request with { WebSocketProtocols = Protocols[1..] }, needsProtocol: true, cancellationToken).ConfigureAwait(false);
        }

        return new PodExecSession(socket);
    }

    private static async Task<string> GatherAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        using MemoryStream kept = new();
        byte[] buffer = new byte[8 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and int count)
        {
            kept.Write(buffer, 0, (int)Math.Min(count, most - kept.Length));
        }

        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
    }
}

/// <summary>A command to run in a container.</summary>
internal sealed record PodExecRequest
{
    /// <summary>The pod's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The pod.</summary>
    public required string Pod { get; init; }

    /// <summary>The container; null = the pod's default one.</summary>
    public string? Container { get; init; }

    /// <summary>The program and its arguments; no shell stands between.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    internal string ToPath()
    {
        if (Command.Count == 0) throw new KubernetesException(KubernetesError.ArgumentInvalid, "there is no command to run", "Name a program.");
        StringBuilder query = new("exec?stdout=true&stderr=true");
        if (Container is { } container) query.Append("&container=").Append(Uri.EscapeDataString(container));
        foreach (string part in Command) query.Append("&command=").Append(Uri.EscapeDataString(part));
        return ResourceType.Pods.PathOf(Namespace, Pod, query.ToString());
    }
}

/// <summary>The result of a command in a container.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="ErrorText">What it wrote to standard error.</param>
internal sealed record PodExecResult(int ExitCode, string Output, string ErrorText);
