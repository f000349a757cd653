using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// The requests that this module makes to an API server. Deliberately small, so that another client library can implement it. Thread-safe.
/// Every method throws <see cref="KubernetesException"/> when the server cannot be reached or refuses.
/// </summary>
internal interface IKubernetesClient : IDisposable
{
    /// <summary>Where it is connected to.</summary>
    KubernetesConnection Connection { get; }

    /// <summary>Reads a document by a projection.</summary>
    /// <typeparam name="T">What is made of it.</typeparam>
    /// <param name="path">The path, from its first slash, escaped; see <see cref="ResourceType.PathOf"/>.</param>
    /// <param name="project">Makes a T of it; of <c>null</c> where the server answers nothing.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    Task<T> GetAsync<T>(string path, JsonProjection<T> project, CancellationToken cancellationToken = default);

    /// <summary>Reads a document as a node that can be changed; null where the server answers nothing.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    Task<JsonNode?> GetAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Lists objects while they arrive: never the whole list at once, and no object twice.</summary>
    /// <typeparam name="T">What is made of each.</typeparam>
    /// <param name="type">The kind.</param>
    /// <param name="project">Makes a T of each item.</param>
    /// <param name="options">Which objects; null = all, of all namespaces.</param>
    IAsyncEnumerable<T> ListAsync<T>(ResourceType type, JsonProjection<T> project, ListOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Makes an object, or asks for a review.</summary>
    /// <param name="path">The path of the kind.</param>
    /// <param name="options">How; null = plainly.</param>
    /// <returns>What the server made of it.</returns>
    Task<JsonNode?> CreateAsync(string path, JsonNode body, WriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Changes part of an object.</summary>
    /// <param name="path">The path of the object.</param>
    /// <param name="kind">How the patch is to be understood.</param>
    /// <param name="options">How; null = plainly.</param>
    /// <returns>The object after the change.</returns>
    Task<JsonNode?> PatchAsync(string path, PatchKind kind, JsonNode patch, WriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Deletes an object.</summary>
    /// <param name="path">The path of the object.</param>
    /// <param name="options">How; null = plainly.</param>
    /// <returns>The object, or a Status.</returns>
    Task<JsonNode?> DeleteAsync(string path, WriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Whether somebody else may do something. The user of this connection needs the permission to create subjectaccessreviews.</summary>
    /// <param name="user">Who, such as <c>system:serviceaccount:NAMESPACE:NAME</c>.</param>
    /// <param name="groups">The groups that user is in.</param>
    Task<AccessDecision> CanUserAsync(string user, IEnumerable<string> groups, AccessQuestion question, CancellationToken cancellationToken = default);

    /// <summary>Starts a command in a container.</summary>
    /// <param name="request">What and where.</param>
    /// <param name="cancellationToken">Ends the start; the command is ended by disposing of the session.</param>
    Task<PodExecSession> ExecAsync(PodExecRequest request, CancellationToken cancellationToken = default);

    /// <summary>Opens a connection to a port of a pod, through the API server. TLS to the pod can be spoken over it.</summary>
    /// <param name="inNamespace">The pod's namespace.</param>
    Task<Stream> PortForwardAsync(string inNamespace, string pod, int port, CancellationToken cancellationToken = default);

    /// <summary>Opens a WebSocket whose binary messages are a plain byte stream, such as KubeVirt's port-forward (<c>plain.kubevirt.io</c>). It ends with a close frame (1000), or with the connection, as virt-api ends it; a cut in the middle of a message is an error.</summary>
    /// <param name="path">The path with its query, escaped.</param>
    /// <param name="protocol">The subprotocol that is asked for; a server may also name none, and no other.</param>
    Task<Stream> OpenStreamAsync(string path, string protocol, CancellationToken cancellationToken = default);

    /// <summary>What the server has warned of beside its answers since the last call, such as a field that is deprecated: one line each, each once, in the order they came.</summary>
    IReadOnlyList<string> TakeWarnings();

    /// <summary>A handler for HTTP clients of others, such as a scraper that goes through <c>pods/proxy</c>: it adds the credentials to requests for this server and to no others. Statuses are passed on as they come.</summary>
    /// <param name="patience">How long it may take until an answer begins; null = as long as every request of this client may.</param>
    HttpMessageHandler CreateHandler(TimeSpan? patience = null);

    /// <summary>The bearer token by which the user is known to this server, for another one of the same cluster that asks it who that is; null where the user is known by something else, or acts as somebody else.</summary>
    ValueTask<string?> GetTokenAsync(CancellationToken cancellationToken = default);

    /// <summary>What shows texts of this server, also those within its objects: it knows the secrets that were sent there.</summary>
    internal ForeignText Foreign => ForeignText.OfStranger;
}

/// <summary>The type of a patch.</summary>
internal enum PatchKind
{
    /// <summary>JSON merge patch (RFC 7386): what it holds is set, null removes, lists are replaced.</summary>
    Merge,

    /// <summary>JSON patch (RFC 6902): a list of operations.</summary>
    Json,
}

/// <summary>The options of a change.</summary>
internal sealed record WriteOptions
{
    /// <summary>Everything is checked and answered as if it were done, and nothing is.</summary>
    public bool DryRun { get; init; }

    /// <summary>Who owns the fields that are set; null = the server takes the name of the program. A delete sets none, and goes without.</summary>
    public string? FieldManager { get; init; }

    /// <summary>What happens to fields that the server does not know: <c>Strict</c> refuses them, <c>Warn</c>, <c>Ignore</c>; null = the server's way. A delete brings none.</summary>
    public string? FieldValidation { get; init; }

    internal string ToQuery(HttpMethod method)
    {
        List<string> parts = [];
        bool hasFields = method != HttpMethod.Delete;
        if (DryRun) parts.Add("dryRun=All");
        if (hasFields && FieldManager is { } manager) parts.Add("fieldManager=" + Uri.EscapeDataString(manager));
        if (hasFields && FieldValidation is { } validation) parts.Add("fieldValidation=" + Uri.EscapeDataString(validation));
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }
}
