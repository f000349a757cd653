using System.Net;
using System.Net.Http.Headers;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Sends requests with the credential of the connection: renews it once after a 401, waits and repeats a GET after 429, 5xx and broken connections, and a write where a server that refuses says when.</summary>
internal sealed class ApiTransport : IDisposable
{
    private readonly KubernetesConnection _connection;
    private readonly KubernetesClientOptions _options;
    private readonly HandlerRotation _handlers;
    private readonly string _userAgent;
    private readonly string _prefix;
    private CredentialValue? _last;

    public ApiTransport(KubernetesConnection connection, KubernetesClientOptions options)
    {
        _connection = connection;
        _options = options;
        _handlers = new HandlerRotation(connection, options);
        _userAgent = options.UserAgent ?? "KubeVirtMonitor/" + (typeof(ApiTransport).Assembly.GetName().Version?.ToString(3) ?? "0");
        _prefix = connection.Server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        Foreign = new ForeignText(Secrets.OfAddress(connection.ProxyAddress));
        Retry = new RetryPolicy(options.MaximumRetryCount, options.RetryInterval, options.MaximumRetryInterval, options.Clock, Random.Shared.NextDouble);
    }

    public KubernetesConnection Connection => _connection;

    public RetryPolicy Retry { get; }

    /// <summary>What the server has warned of and nobody has taken yet.</summary>
    public ServerWarnings Warnings { get; } = new();

    public TimeSpan Timeout => _options.Timeout;

    /// <summary>What shows the text of the server: it knows the secrets that were last sent there, and those sent before a renewal.</summary>
    public ForeignText Foreign { get; private set; }

    public TimeProvider Clock => _options.Clock;

    /// <summary>Sends until there is an answer that is a success.</summary>
    /// <exception cref="KubernetesException">The server cannot be reached, or refused.</exception>
    public async Task<HttpResponseMessage> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            TimeSpan? asked;
            bool isInvited = false;
            KubernetesException failure;
            try
            {
                HttpResponseMessage response = await SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.SwitchingProtocols) return response;
                using (response)
                {
                    failure = await StatusReader.ReadAsync(response, request, this, cancellationToken).ConfigureAwait(false);
                    asked = Retry.RetryAfter(response);
                    isInvited = asked is not null && RetryPolicy.IsRefusal(response.StatusCode);
                    asked ??= failure.Status?.RetryAfter;
                    if (!isInvited && !RetryPolicy.IsWorthRetrying(response.StatusCode) && !failure.IsStarting) throw failure;
                }
            }
            catch (KubernetesException exception) when (exception.IsBreak || (request.IsContinuation && RetryPolicy.IsOfTheWay(exception)))
            {
                failure = exception;
                asked = null;
            }

            if (!(request.MayRetry || (isInvited && request.MayRetryWhenInvited)) || attempt >= Retry.RetriesAfter(failure) || Retry.IsTooLong(asked)) throw failure;
            await Retry.WaitAsync(Retry.Delay(attempt, asked), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends once, twice where the credential had to be renewed, and gives whatever the server answers.</summary>
    public async Task<HttpResponseMessage> SendOnceAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        CredentialValue credential = await _connection.Credential.GetAsync(cancellationToken).ConfigureAwait(false);
        HttpResponseMessage response = await SendWithAsync(Message(request), credential, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized) return response;
        if (!await _connection.Credential.RenewAsync(credential, cancellationToken).ConfigureAwait(false)) return response;
        response.Dispose();
        credential = await _connection.Credential.GetAsync(cancellationToken).ConfigureAwait(false);
        return await SendWithAsync(Message(request), credential, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds the credential to a request of somebody else and sends it, within the timeout for the head of the answer.</summary>
    public async Task<HttpResponseMessage> SendWithAsync(HttpRequestMessage message, CredentialValue credential, CancellationToken cancellationToken)
    {
        Remember(credential);
        message.Headers.Authorization = credential.Authorization;
        foreach ((string name, string value) in _connection.ImpersonationHeaders) message.Headers.TryAddWithoutValidation(name, value);
        message.Headers.UserAgent.Clear();
        message.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        using CancellationTokenSource limit = new(_options.Timeout, _options.Clock);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            HttpResponseMessage response = await _handlers.SendAsync(message, credential, both.Token).ConfigureAwait(false);
            Warnings.Add(response, Foreign);
            return response;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (ConnectionErrors.Find(exception) is { } known) throw known;
            if (exception is OperationCanceledException)
                throw ConnectionErrors.TimedOut(_connection, limit.IsCancellationRequested ? _options.Timeout : _options.ConnectTimeout);
            throw ConnectionErrors.Broken(_connection, Foreign, exception);
        }
    }

    public void Dispose() => _handlers.Dispose();

    private void Remember(CredentialValue credential)
    {
        CredentialValue? before = _last;
        if (ReferenceEquals(before, credential)) return;
        _last = credential;
        Foreign = new ForeignText([.. SecretsOf(credential), .. SecretsOf(before), .. Secrets.OfAddress(_connection.ProxyAddress)]);
    }

    private static IEnumerable<string> SecretsOf(CredentialValue? credential) =>
        credential?.Authorization is { } header ? Secrets.OfAuthorization(header.Scheme, header.Parameter) : [];

    private HttpRequestMessage Message(ApiRequest request)
    {
        HttpRequestMessage message = new(request.Method, new Uri(_prefix + request.PathAndQuery))
        {
            Version = request.WebSocketProtocols is null ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = request.WebSocketProtocols is null ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact,
        };
        if (request.Accept is { } accept) message.Headers.TryAddWithoutValidation("Accept", accept);
        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.ContentType ?? "application/json");
        }

        if (request.WebSocketProtocols is { } protocols) WebSocketHandshake.AddHeaders(message, protocols);
        return message;
    }
}
