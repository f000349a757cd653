using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KubeVirtMonitor.TestKit;

/// <summary>A web server on loopback that answers as the test says, and remembers what it was asked.</summary>
public sealed class FakeApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeApiServer(WebApplication app)
    {
        _app = app;
    }

    public Uri Address { get; private set; } = null!;

    public ConcurrentQueue<Asked> Requests { get; } = [];

    /// <summary>Over https with a certificate of <see cref="Pki.Shared"/> for 127.0.0.1, or over plain http without one.</summary>
    public static async Task<FakeApiServer> StartAsync(
        Func<HttpContext, Task> answer,
        X509Certificate2? certificate = null,
        bool plain = false,
        HttpProtocols protocols = HttpProtocols.Http1AndHttp2,
        Action<string?>? onServerName = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        X509Certificate2 shown = certificate ?? Pki.Shared.Issue(["127.0.0.1", "localhost"], subject: "kube-apiserver");
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => options.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = plain ? HttpProtocols.Http1 : protocols;
            if (plain) return;
            listen.UseHttps(https =>
            {
                https.ServerCertificateSelector = (_, name) =>
                {
                    onServerName?.Invoke(name);
                    return shown;
                };
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.AllowAnyClientCertificate();
            });
        }));
        FakeApiServer server = new(builder.Build());
        server._app.UseWebSockets();
        server._app.Run(async context =>
        {
            string body = context.WebSockets.IsWebSocketRequest ? "" : await new StreamReader(context.Request.Body).ReadToEndAsync();
            server.Requests.Enqueue(new Asked(
                context.Request.Method,
                context.Request.Path + context.Request.QueryString.Value,
                context.Request.Headers.Authorization.ToString(),
                context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                body,
                context.Request.Protocol,
                context.Connection.ClientCertificate?.Subject,
                context.Connection.Id.Split(':')[0]));
            await answer(context);
        });
        await server._app.StartAsync();
        server.Address = new Uri(server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(2));
        try
        {
            await _app.StopAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // Connections that a test left open.
        }

        await _app.DisposeAsync();
    }

    public sealed record Asked(
        string Method, string Path, string Authorization, Dictionary<string, string> Headers, string Body, string Protocol, string? ClientCertificate, string Connection);
}
