namespace KubeVirtMonitor.Kubernetes;

/// <summary>One request to the API server; sent anew for every attempt.</summary>
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

    /// <summary>Only requests that change nothing are sent again after any failure.</summary>
    public bool MayRetry => Method == HttpMethod.Get && WebSocketProtocols is null;

    /// <summary>Every request but an upgrade is sent again where the server refuses it and says when to come back, as client-go does: priority and fairness refuses before anything is done.</summary>
    public bool MayRetryWhenInvited => WebSocketProtocols is null;
}
