using System.Net;
using System.Net.Http.Headers;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Sends requests with the credential of the connection: renews it once after a 401, waits and repeats a GET after 429, 5xx and broken connections, and a write where a server that refuses says when.</summary>
internal sealed class ApiTransport : IApiPolicy, IDisposable
{
    // An upgrade goes without, as from kubectl and virtctl: virt-api serves its streams as */* only, and answers 406 to anything narrower.
    private const string WhatClientGoAccepts = "application/json, */*";

    private const int MostDocument = 64 * 1024 * 1024;

    private static readonly HttpRequestOptionsKey<ApiRequest> RequestKey = new("KubeVirtMonitor.ApiRequest");

    private readonly KubernetesConnection _connection;
    private readonly KubernetesClientOptions _options;
    private readonly ServerConnections _connections;
    private readonly Lazy<IApiCalls>? _calls;
    private readonly HttpClient _http;
    private readonly string _userAgent;
    private readonly string _prefix;
    private CredentialValue? _last;
    private bool _isDisposed;

    /// <summary>Makes one; nothing is sent yet.</summary>
    /// <param name="connection">Where to, and as whom.</param>
    /// <param name="options">How patient it is.</param>
    /// <param name="library">Whose calls it sends, once there are any; null = none's, and there are no <see cref="Calls"/>.</param>
    public ApiTransport(KubernetesConnection connection, KubernetesClientOptions options, IKubernetesLibrary? library = null)
    {
        _connection = connection;
        _options = options;
        _connections = new ServerConnections(connection, options);
        _http = new HttpClient(_connections) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        _userAgent = "KubeVirtMonitor/" + (typeof(ApiTransport).Assembly.GetName().Version?.ToString(3) ?? "0");
        _prefix = connection.Server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        Foreign = new ForeignText(Secrets.OfAddress(connection.ProxyAddress));
        Retry = new RetryPolicy(options.MaximumRetryCount, options.RetryInterval, options.MaximumRetryInterval, options.Clock, Random.Shared.NextDouble);
        if (library is not null) _calls = new Lazy<IApiCalls>(() => library.Open(this));
    }

    public KubernetesConnection Connection => _connection;

    /// <summary>The library's calls, which pass this policy. Made when first asked for: they take as long as a whole connection.</summary>
    public IApiCalls Calls => (_calls ?? throw new InvalidOperationException("There is no library here.")).Value;

    public RetryPolicy Retry { get; }

    /// <summary>What the server has warned of and nobody has taken yet.</summary>
    public ServerWarnings Warnings { get; } = new();

    public TimeSpan Timeout => _options.Timeout;

    /// <summary>What shows the text of the server: it knows the secrets that were last sent there, and those sent before a renewal.</summary>
    public ForeignText Foreign { get; private set; }

    public TimeProvider Clock => _options.Clock;

    Uri IApiPolicy.Server => _connection.Server;

    void IApiPolicy.Prepare(SocketsHttpHandler handler) => _connections.Prepare(handler);

    /// <inheritdoc/>
    public async Task<HttpResponseMessage> SendWholeAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        if (!message.Headers.Contains("Accept")) message.Headers.TryAddWithoutValidation("Accept", WhatClientGoAccepts);
        ApiRequest request = message.Options.TryGetValue(RequestKey, out ApiRequest? known) ? known : ApiRequest.Of(message);
        HttpResponseMessage response = await SendAsync(message, request, cancellationToken).ConfigureAwait(false);
        try
        {
            using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            using AnswerReader answer = new(this, stream, cancellationToken);
            byte[] bytes = await answer.ReadAllAsync(MostDocument).ConfigureAwait(false)
                ?? throw new KubernetesException(KubernetesError.BadAnswer, $"the answer to '{request.Purpose}' is larger than {MostDocument / (1024 * 1024)} MiB", "List objects page by page instead.");
            response.Content = new ByteArrayContent(bytes);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Sends until there is an answer that is a success; its body is still to be read.</summary>
    /// <exception cref="KubernetesException">The server cannot be reached, or refused.</exception>
    public Task<HttpResponseMessage> SendAsync(ApiRequest request, CancellationToken cancellationToken) => SendAsync(Message(request), request, cancellationToken);

    /// <summary>Sends a message that somebody else has made, as often as it takes.</summary>
    /// <inheritdoc cref="SendAsync(ApiRequest, CancellationToken)"/>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, ApiRequest request, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            TimeSpan? asked;
            bool isInvited = false;
            KubernetesException failure;
            try
            {
                HttpResponseMessage response = await SendOnceAsync(message, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.SwitchingProtocols) return response;
                using (response)
                {
                    failure = await StatusReader.ReadAsync(response, request, this, cancellationToken).ConfigureAwait(false);
                    asked = Retry.RetryAfter(response);
                    isInvited = asked is not null && RetryPolicy.IsRefusal(response.StatusCode);
                    asked ??= failure.Status?.RetryAfter;
                    if (!isInvited && !request.IsWorthRetrying(response.StatusCode) && !failure.IsStarting) throw failure;
                }
            }
            catch (KubernetesException exception) when (exception.IsBreak || (request.IsContinuation && RetryPolicy.IsConnectionFailure(exception)))
            {
                failure = exception;
                asked = null;
            }

            if (!(request.MayRetry || (isInvited && request.MayRetryWhenInvited)) || attempt >= Retry.RetriesAfter(failure) || Retry.IsTooLong(asked)) throw failure;
            await Retry.WaitAsync(Retry.Delay(attempt, asked), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends once, twice where the credential had to be renewed, and gives whatever the server answers.</summary>
    /// <param name="message">The request; a copy of it is sent each time.</param>
    /// <param name="hasPassingBody">Whether its body may be gone after the first attempt, so that there is no second.</param>
    /// <param name="patience">How long it may take until the answer begins; null = the timeout.</param>
    public async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage message, CancellationToken cancellationToken, bool hasPassingBody = false, TimeSpan? patience = null)
    {
        CredentialValue credential = await _connection.Credential.GetAsync(cancellationToken).ConfigureAwait(false);
        HttpResponseMessage response = await SendWithAsync(Copy(message), credential, cancellationToken, patience).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized || hasPassingBody) return response;
        if (!await _connection.Credential.RenewAsync(credential, cancellationToken).ConfigureAwait(false)) return response;
        response.Dispose();
        credential = await _connection.Credential.GetAsync(cancellationToken).ConfigureAwait(false);
        return await SendWithAsync(Copy(message), credential, cancellationToken, patience).ConfigureAwait(false);
    }

    /// <summary>Adds the credential to a request that was never sent and sends it, within the timeout for the head of the answer.</summary>
    public async Task<HttpResponseMessage> SendWithAsync(HttpRequestMessage message, CredentialValue credential, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        Remember(credential);
        message.Headers.Authorization = credential.Authorization;
        foreach ((string name, string value) in _connection.ImpersonationHeaders) message.Headers.TryAddWithoutValidation(name, value);
        message.Headers.UserAgent.Clear();
        message.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        ServerConnections.Show(message, credential.Certificate);
        using CancellationTokenSource limit = new(patience ?? _options.Timeout, _options.Clock);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            HttpResponseMessage response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            Warnings.Add(response, Foreign);
            return response;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(KubernetesClient));
            if (ConnectionErrors.Find(exception) is { } known) throw known;
            if (exception is OperationCanceledException)
                throw ConnectionErrors.TimedOut(_connection, limit.IsCancellationRequested ? patience ?? _options.Timeout : _options.ConnectTimeout);
            throw ConnectionErrors.Broken(_connection, Foreign, exception);
        }
    }

    /// <summary>The message of a request.</summary>
    public HttpRequestMessage Message(ApiRequest request)
    {
        HttpRequestMessage message = new(request.Method, new Uri(_prefix + request.PathAndQuery)) { Version = HttpVersion.Version20 };
        message.Headers.TryAddWithoutValidation("Accept", WhatClientGoAccepts);
        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.ContentType ?? "application/json");
        }

        message.Options.Set(RequestKey, request);
        return message;
    }

    /// <summary>Where a WebSocket of the server is opened.</summary>
    public Uri SocketAddress(string pathAndQuery) => new((_connection.Server.Scheme == Uri.UriSchemeHttps ? "wss" : "ws") + _prefix[_connection.Server.Scheme.Length..] + pathAndQuery);

    public void Dispose()
    {
        _isDisposed = true;
        _http.Dispose();
        if (_calls is { IsValueCreated: true }) _calls.Value.Dispose();
    }

    private void Remember(CredentialValue credential)
    {
        CredentialValue? before = _last;
        if (ReferenceEquals(before, credential)) return;
        _last = credential;
        Foreign = new ForeignText([.. SecretsOf(credential), .. SecretsOf(before), .. Secrets.OfAddress(_connection.ProxyAddress)]);
    }

    private static IEnumerable<string> SecretsOf(CredentialValue? credential) =>
        credential?.Authorization is { } header ? Secrets.OfAuthorization(header.Scheme, header.Parameter) : [];

    private static HttpRequestMessage Copy(HttpRequestMessage message)
    {
        HttpRequestMessage copy = new(message.Method, message.RequestUri) { Version = message.Version, VersionPolicy = message.VersionPolicy, Content = message.Content };
        foreach ((string name, HeaderStringValues values) in message.Headers.NonValidated) copy.Headers.TryAddWithoutValidation(name, values);
        return copy;
    }
}

/// <summary>One request to the API server; sent again for every attempt.</summary>
internal sealed record ApiRequest
{
    public ApiRequest(HttpMethod method, string pathAndQuery)
    {
        Method = method;
        PathAndQuery = pathAndQuery;
    }

    public HttpMethod Method { get; }

    /// <summary>Starts with a slash; escaped.</summary>
    public string PathAndQuery { get; }

    public ReadOnlyMemory<byte>? Body { get; init; }

    public string? ContentType { get; init; }

    /// <summary>Not null = asks for a WebSocket, of one of these protocols.</summary>
    public IReadOnlyList<string>? WebSocketProtocols { get; init; }

    /// <summary>What the request is for, as in "list pods in namespace x"; used in messages.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>Whether it goes on with what the server has begun to answer. A server that was there a moment ago is asked again also when it refuses connections or is silent.</summary>
    public bool IsContinuation { get; init; }

    /// <summary>What a message of the client library asks for.</summary>
    public static ApiRequest Of(HttpRequestMessage message)
    {
        string path = message.RequestUri!.AbsolutePath;
        return new ApiRequest(message.Method, message.RequestUri.PathAndQuery) { Purpose = $"{(message.Method == HttpMethod.Post ? "create" : message.Method.Method.ToLowerInvariant())} {path}" };
    }

    /// <summary>Whether a server that answers with a status may answer otherwise in a moment. virt-api answers 500 to whatever it cannot do with one machine, such as an instance type that is not there or a guest agent that is silent, and means it.</summary>
    public bool IsWorthRetrying(HttpStatusCode status) => RetryPolicy.IsWorthRetrying(status) && !(status == HttpStatusCode.InternalServerError && PathAndQuery.StartsWith("/apis/subresources.kubevirt.io/", StringComparison.Ordinal));

    /// <summary>Only requests that change nothing are sent again after any failure.</summary>
    public bool MayRetry => Method == HttpMethod.Get && WebSocketProtocols is null;

    /// <summary>Every request but an upgrade is sent again where the server refuses it and says when to come back, as client-go does: priority and fairness refuses before anything is done.</summary>
    public bool MayRetryWhenInvited => WebSocketProtocols is null;
}

/// <summary>When and how long to wait before a request is sent again.</summary>
internal sealed class RetryPolicy(int retries, TimeSpan first, TimeSpan longest, TimeProvider time, Func<double> jitter)
{
    public static bool IsWorthRetrying(HttpStatusCode status) => (int)status is 429 or 500 or 502 or 503 or 504;

    /// <summary>The statuses with which client-go heeds a Retry-After, whatever the verb.</summary>
    public static bool IsRefusal(HttpStatusCode status) => (int)status is 429 or >= 500;

    /// <summary>Whether the way to the server failed, and not the server: the same may work in a moment.</summary>
    public static bool IsConnectionFailure(KubernetesException exception) =>
        exception.IsBreak || exception.Error is KubernetesError.ConnectionFailed or KubernetesError.TimedOut or KubernetesError.TlsHandshake;

    /// <summary>How often to try again after a failure. Silence has taken the whole timeout each time, and is given one more chance.</summary>
    public int RetriesAfter(KubernetesException failure) => failure.Error == KubernetesError.TimedOut ? Math.Min(1, retries) : retries;

    /// <summary>Doubling from the first wait, between half of it and all of it, and never less than the server asked for.</summary>
    /// <param name="attempt">How many attempts failed before the last one.</param>
    /// <param name="asked">What the server asked for; null = nothing.</param>
    public TimeSpan Delay(int attempt, TimeSpan? asked)
    {
        double doubled = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 20)), longest.TotalMilliseconds);
        TimeSpan wait = TimeSpan.FromMilliseconds(doubled * (0.5 + (0.5 * jitter())));
        if (asked is not { } least || least <= wait) return wait;
        // Everybody was told the same; a little more keeps them apart.
        return least + (first * jitter());
    }

    /// <summary>Whether the server asks for a longer wait than anybody would sit through.</summary>
    public bool IsTooLong(TimeSpan? asked) => asked > longest;

    public TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        RetryConditionHeaderValue? header = response.Headers.RetryAfter;
        if (header?.Delta is { } delta) return delta;
        if (header?.Date is not { } date) return null;
        TimeSpan until = date - time.GetUtcNow();
        return until > TimeSpan.Zero ? until : TimeSpan.Zero;
    }

    public Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, time, cancellationToken);
}
