using KubeVirtMonitor.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace KubeVirtMonitor.TestKit;

/// <summary>What tests of a client share: a server that answers as the test says, a client of it by token, and a folder. All go away with the test.</summary>
public abstract class ClientTests : IAsyncDisposable
{
    private FakeApiServer? _server;
    private KubernetesClient? _client;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected TempFolder Folder { get; } = new();

    protected FakeApiServer Server
    {
        get => _server ?? throw new InvalidOperationException("The test has started no server yet.");
        set => _server = value;
    }

    internal KubernetesClient Client
    {
        get => _client ?? throw new InvalidOperationException("The test has made no client yet.");
        set => _client = value;
    }

    public virtual async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the server, and makes a client of it by token.</summary>
    internal async Task StartAsync(Func<HttpContext, Task> answer, KubernetesClientOptions? options = null)
    {
        Server = await FakeApiServer.StartAsync(answer);
        Client = Clients.ByToken(Server, Folder, options);
    }

    /// <summary>The same for lists: the answer learns the continue token that it is asked with, which is empty for the first page.</summary>
    protected Task StartPagesAsync(Func<HttpContext, string, Task> answer) =>
        StartAsync(context => answer(context, context.Request.Query["continue"].ToString()));
}
