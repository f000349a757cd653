using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>A client of the Kubernetes API over HTTP/2 or 1.1, whichever the server supports, with connections kept open between requests.</summary>
internal sealed class KubernetesClient : IKubernetesClient
{
    private readonly ApiTransport _transport;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="connection">Where to, and as whom.</param>
    /// <param name="library">What sends the requests.</param>
    /// <param name="options">How patient it is; null = the defaults.</param>
    public KubernetesClient(KubernetesConnection connection, IKubernetesLibrary library, KubernetesClientOptions? options = null)
    {
        _transport = new ApiTransport(connection, options ?? new KubernetesClientOptions(), library);
    }

    /// <inheritdoc/>
    public KubernetesConnection Connection => _transport.Connection;

    ForeignText IKubernetesClient.Foreign => _transport.Foreign;

    /// <inheritdoc/>
    public Task<T> GetAsync<T>(string path, JsonProjection<T> project, CancellationToken cancellationToken = default) =>
        SendAsync(new ApiRequest(HttpMethod.Get, Checked(path)) { Purpose = $"get {path.Split('?')[0]}" }, project, cancellationToken);

    /// <inheritdoc/>
    public Task<JsonNode?> GetAsync(string path, CancellationToken cancellationToken = default) => GetAsync(path, JsonText.Parse, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<T> ListAsync<T>(ResourceType type, JsonProjection<T> project, ListOptions? options = null, CancellationToken cancellationToken = default) =>
        ListReader.ReadAsync(_transport, type, options ?? new ListOptions(), project, cancellationToken);

    /// <inheritdoc/>
    public Task<JsonNode?> CreateAsync(string path, JsonNode body, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        WriteAsync(HttpMethod.Post, path, body, "application/json", options, "create", cancellationToken);

    /// <inheritdoc/>
    public Task<JsonNode?> PatchAsync(string path, PatchKind kind, JsonNode patch, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        string type = kind switch
        {
            PatchKind.Merge => "application/merge-patch+json",
            PatchKind.Json => "application/json-patch+json",
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        return WriteAsync(HttpMethod.Patch, path, patch, type, options, "patch", cancellationToken);
    }

    /// <inheritdoc/>
    public Task<JsonNode?> DeleteAsync(string path, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        WriteAsync(HttpMethod.Delete, path, null, "application/json", options, "delete", cancellationToken);

    /// <inheritdoc/>
    public async Task<AccessDecision> CanUserAsync(string user, IEnumerable<string> groups, AccessQuestion question, CancellationToken cancellationToken = default)
    {
        AccessDecision? decision;
        try
        {
            decision = await _transport.Calls.ReviewAsync(question, user, [.. groups], cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException exception)
        {
            throw Undecided(exception);
        }

        return decision is null
            ? throw Undecided(null)
            : decision with { Reason = _transport.Foreign.Scrub(decision.Reason), EvaluationError = _transport.Foreign.Scrub(decision.EvaluationError) };

        static KubernetesException Undecided(Exception? inner) => new(KubernetesError.BadAnswer, "the answer to a SubjectAccessReview has no status", "", inner);
    }

    /// <inheritdoc/>
    public Task<PodExecSession> ExecAsync(PodExecRequest request, CancellationToken cancellationToken = default) =>
        PodExecSession.StartAsync(_transport, request, cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> PortForwardAsync(string inNamespace, string pod, int port, CancellationToken cancellationToken = default) =>
        PortForwardStream.OpenAsync(_transport, inNamespace, pod, port, cancellationToken);

    /// <inheritdoc/>
    public async Task<Stream> OpenStreamAsync(string path, string protocol, CancellationToken cancellationToken = default)
    {
        ApiRequest request = new(HttpMethod.Get, Checked(path)) { WebSocketProtocols = [protocol], Purpose = $"open a stream to {path.Split('?')[0]}" };
        // Without the subprotocol virt-api passes on the same bytes.
        return new WebSocketStream(await SocketOpener.OpenAsync(_transport, request, needsProtocol: false, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> TakeWarnings() => _transport.Warnings.Take();

    /// <inheritdoc/>
    public HttpMessageHandler CreateHandler(TimeSpan? patience = null) => new ServerHandler(_transport, patience);

    /// <inheritdoc/>
    public async ValueTask<string?> GetTokenAsync(CancellationToken cancellationToken = default)
    {
        // With the token alone, the user would be another one than the kubeconfig wants.
        if (Connection.ImpersonationHeaders.Count > 0) return null;
        CredentialValue credential = await Connection.Credential.GetAsync(cancellationToken).ConfigureAwait(false);
        return credential.Authorization is { Scheme: "Bearer", Parameter: { } token } ? token : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    private Task<JsonNode?> WriteAsync(
        HttpMethod method, string path, JsonNode? body, string contentType, WriteOptions? options, string verb, CancellationToken cancellationToken)
    {
        string query = options?.ToQuery(method) ?? "";
        if (path.Contains('?', StringComparison.Ordinal) && query.Length > 0) query = "&" + query[1..];
        ApiRequest request = new(method, Checked(path) + query)
        {
            // Without the type, no body would become an empty one, with a Content-Type.
            Body = body is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(body.ToJsonString()),
            ContentType = contentType,
            Purpose = $"{verb} {path.Split('?')[0]}",
        };
        return SendAsync(request, JsonText.Parse, cancellationToken);
    }

    private async Task<T> SendAsync<T>(ApiRequest request, JsonProjection<T> project, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = _transport.Message(request);
        // What every session reads goes without the library, which then need not be there.
        using HttpResponseMessage response = await (request.Method == HttpMethod.Get
            ? _transport.SendWholeAsync(message, cancellationToken)
            : _transport.Calls.SendAsync(message, cancellationToken)).ConfigureAwait(false);
        byte[] bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return project(bytes.Length == 0 ? "null"u8 : bytes);
        }
        catch (JsonException exception)
        {
            throw new KubernetesException(
                KubernetesError.BadAnswer,
                $"the answer to '{request.Purpose}' is not JSON",
                "Check the address in the kubeconfig: it may not be an API server.",
                exception);
        }
        catch (FormatException exception)
        {
            string what = _transport.Foreign.Line(exception.Message, 200).TrimEnd('.');
            throw new KubernetesException(KubernetesError.BadAnswer, $"the answer to '{request.Purpose}' cannot be read ({what})", "Look at it with 'kubectl get -o json'.", exception);
        }
    }

    private static string Checked(string path) =>
        path.StartsWith('/')
            ? path
            : throw new KubernetesException(KubernetesError.ArgumentInvalid, "a path of the API begins with a slash", "Write it like /version.");
}

/// <summary>The time limits and retries of a client.</summary>
internal sealed record KubernetesClientOptions
{
    /// <summary>How long the server may be silent: before it answers, and between two pieces of an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may take to come about, TLS and proxy included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a GET is sent again after 429, 5xx or a broken connection; and a write after 429 or 5xx with a Retry-After, as client-go does.</summary>
    public int MaximumRetryCount { get; init; } = 5;

    /// <summary>The wait before the first retry; it doubles from there.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait between two attempts. A server that asks for more gets its error passed on.</summary>
    public TimeSpan MaximumRetryInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Clock and timers; null = those of the system.</summary>
    public TimeProvider? Time { get; init; }

    internal TimeProvider Clock => Time ?? TimeProvider.System;
}
