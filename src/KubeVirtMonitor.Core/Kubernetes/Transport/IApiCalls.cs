using System.Net.WebSockets;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>The calls of the library: requests, its typed API and its WebSockets, without any of its types.</summary>
internal interface IApiCalls : IDisposable
{
    /// <summary>Sends a request by the policy.</summary>
    Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken);

    /// <summary>Whether somebody may do something.</summary>
    /// <param name="question">What.</param>
    /// <param name="user">Who.</param>
    /// <param name="groups">The groups that user is in.</param>
    /// <returns>The answer in the words of the server; null where it gives none.</returns>
    Task<AccessDecision?> ReviewAsync(AccessQuestion question, string user, IReadOnlyList<string> groups, CancellationToken cancellationToken);

    /// <summary>Opens a WebSocket.</summary>
    /// <param name="address">Of the scheme ws or wss.</param>
    /// <param name="protocols">The subprotocols that are asked for.</param>
    /// <param name="upgrade">Sends the request for it.</param>
    /// <exception cref="IOException">The answer is that of no WebSocket, or not of this one.</exception>
    Task<WebSocket> ConnectAsync(Uri address, IReadOnlyList<string> protocols, HttpMessageInvoker upgrade, CancellationToken cancellationToken);
}

/// <summary>What the library gets from Core: the address of the server, and how to send a request. It gets no secret.</summary>
internal interface IApiPolicy
{
    /// <summary>The address; may have a path that precedes that of every request.</summary>
    Uri Server { get; }

    /// <summary>Sets up the handler that the library makes, should it ever send by itself: trust, proxy, compression, no redirects.</summary>
    void Prepare(SocketsHttpHandler handler);

    /// <summary>Sends with the credential, again where that may help, and reads the answer to its end, all of it within the time limits.</summary>
    /// <param name="message">The request.</param>
    /// <returns>A success, with its body in memory.</returns>
    /// <exception cref="KubernetesException">The server cannot be reached, or refuses.</exception>
    Task<HttpResponseMessage> SendWholeAsync(HttpRequestMessage message, CancellationToken cancellationToken);
}
