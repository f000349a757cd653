using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// OpenShift's router with the route <c>thanos-querier</c>, and the kube-rbac-proxy behind it: it takes the tokens of the API server, and asks whether the user may read
/// <c>prometheuses/api</c>. The host has a port, which that of a real route has not.
/// </summary>
internal sealed class OpenShiftRoute : IAsyncDisposable
{
    private readonly CertificateAuthority _authority = new("ingress-operator@1767225600");
    private readonly X509Certificate2 _certificate;
    private readonly Upstream _upstream;
    private WebApplication? _application;

    private OpenShiftRoute(Uri upstream)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        _upstream = new Upstream(upstream);
        _certificate = _authority.IssueServer("*.apps.simulated.example", ["*.apps.simulated.example", "localhost"], now.AddHours(-1), now.AddDays(365));
    }

    /// <summary>Who it is that asks, and whether he may; set before the first request.</summary>
    public ApiServices? Services { get; set; }

    /// <summary>Its host, with the port.</summary>
    public string Host { get; private set; } = "";

    /// <summary>The authority of the router as PEM.</summary>
    public string AuthorityPem => _authority.Pem;

    public static async Task<OpenShiftRoute> StartAsync(Uri upstream, CancellationToken cancellation)
    {
        OpenShiftRoute route = new(upstream);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = route._certificate }));
        });
        route._application = builder.Build();
        route._application.Run(route.HandleAsync);
        await route._application.StartAsync(cancellation);
        route.Host = string.Create(CultureInfo.InvariantCulture, $"localhost:{new Uri(route._application.Urls.First()).Port}");
        return route;
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            using CancellationTokenSource now = new(TimeSpan.FromMilliseconds(100));
            await _application.StopAsync(now.Token);
            await _application.DisposeAsync();
        }

        _upstream.Dispose();
        _certificate.Dispose();
        _authority.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        if (path != "/api" && !path.StartsWith("/api/", StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync("<html><body><h1>Application is not available</h1><p>The application is currently not serving requests at this endpoint.</p></body></html>\n", context.RequestAborted);
            return;
        }

        try
        {
            ApiUser user = Services!.Authenticator.Authenticate(context);
            if (user == ApiUser.Anonymous)
            {
                await Answer.TextAsync(context, "Unauthorized\n", StatusCodes.Status401Unauthorized);
                return;
            }

            string verb = HttpMethods.IsPost(context.Request.Method) ? "create" : "get";
            AccessQuery query = new() { Verb = verb, Group = "monitoring.coreos.com", Resource = "prometheuses", Subresource = "api", Name = "k8s", Namespace = MonitoringContent.OpenShift };
            if (!Services.Authorizer.Allows(user, query))
            {
                await Answer.TextAsync(context, $"Forbidden (user={user.Name}, verb={verb}, resource=prometheuses, subresource=api)\n", StatusCodes.Status403Forbidden);
                return;
            }

            await _upstream.SendAsync(context, path);
        }
        catch (ApiException failure) when (!context.Response.HasStarted)
        {
            await Answer.TextAsync(context, failure.Status.Code == 401 ? "Unauthorized\n" : "Bad Gateway\n", failure.Status.Code == 401 ? 401 : 502);
        }
    }
}
