using System.Net.Http.Headers;
using System.Net.WebSockets;
using k8s;
using k8s.Models;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// The library's client, which sends its requests through Core. Each of its requests passes <see cref="SendRequestRaw"/>, each of its WebSockets <see cref="UpgradeBuilder"/>. Its configuration
/// holds the address and nothing else, so whatever it does by itself it does without credentials.
/// </summary>
internal sealed class ApiCalls : k8s.Kubernetes, IApiCalls
{
    private const string Reviews = $"{V1SubjectAccessReview.KubeGroup}/{V1SubjectAccessReview.KubeApiVersion}";

    private readonly IApiPolicy _policy;
    private readonly AsyncLocal<UpgradeBuilder?> _upgrade = new();

    public ApiCalls(IApiPolicy policy)
        : base(new KubernetesClientConfiguration
        {
            Host = policy.Server.AbsoluteUri,
            // Counted by the policy, for bodies too.
            HttpClientTimeout = Timeout.InfiniteTimeSpan,
            FirstMessageHandlerSetup = policy.Prepare,
        })
    {
        _policy = policy;
        CreateWebSocketBuilder = () => _upgrade.Value!;
    }

    Task<HttpResponseMessage> IApiCalls.SendAsync(HttpRequestMessage message, CancellationToken cancellationToken) => SendRequestRaw("", message, cancellationToken);

    async Task<AccessDecision?> IApiCalls.ReviewAsync(AccessQuestion question, string user, IReadOnlyList<string> groups, CancellationToken cancellationToken)
    {
        V1ResourceAttributes attributes = new()
        {
            Verb = question.Verb,
            Group = question.Type.Group,
            Version = question.Type.Version,
            Resource = question.Type.Resource,
            Subresource = question.Subresource,
            NamespaceProperty = question.Namespace,
            Name = question.Name,
        };
        V1SubjectAccessReview review = new() { ApiVersion = Reviews, Kind = V1SubjectAccessReview.KubeKind, Spec = new() { User = user, Groups = [.. groups], ResourceAttributes = attributes } };
        V1SubjectAccessReviewStatus? status = (await AuthorizationV1.CreateSubjectAccessReviewAsync(review, cancellationToken: cancellationToken).ConfigureAwait(false)).Status;
        return status is null ? null : new AccessDecision(status.Allowed, status.Reason ?? "", status.EvaluationError ?? "");
    }

    // The library asks for a builder without saying what for.
    async Task<WebSocket> IApiCalls.ConnectAsync(Uri address, IReadOnlyList<string> protocols, HttpMessageInvoker upgrade, CancellationToken cancellationToken)
    {
        _upgrade.Value = new UpgradeBuilder(protocols, upgrade);
        return await StreamConnectAsync(address, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendRequestRaw(string requestContent, HttpRequestMessage httpRequest, CancellationToken cancellationToken) =>
        _policy.SendWholeAsync(httpRequest, cancellationToken);

    /// <inheritdoc/>
    protected override MediaTypeHeaderValue GetHeader(object body) => new("application/json");
}

/// <summary>Opens a WebSocket by a request that the core sends.</summary>
internal sealed class UpgradeBuilder : WebSocketBuilder
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);

    private readonly HttpMessageInvoker _upgrade;

    public UpgradeBuilder(IReadOnlyList<string> protocols, HttpMessageInvoker upgrade)
    {
        _upgrade = upgrade;
        Options.KeepAliveInterval = KeepAlive;
        foreach (string protocol in protocols) Options.AddSubProtocol(protocol);
    }

    /// <inheritdoc/>
    public override async Task<WebSocket> BuildAndConnectAsync(Uri uri, CancellationToken cancellationToken)
    {
        try
        {
            await WebSocket.ConnectAsync(uri, _upgrade, cancellationToken).ConfigureAwait(false);
            return WebSocket;
        }
        catch (WebSocketException exception)
        {
            // To an error of its own kind the library answers with the same request as a GET, without credentials.
            WebSocket.Dispose();
            throw new IOException(exception.Message, exception);
        }
    }
}
