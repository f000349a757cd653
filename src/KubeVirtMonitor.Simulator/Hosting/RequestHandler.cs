using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KubeVirtMonitor.Simulator;

/// <summary>Answers the requests to all endpoints.</summary>
internal sealed class RequestHandler(SimulatedCluster cluster, HostOptions options)
{
    private readonly ScrapeResponder _scrapes = new(cluster, options);

    private readonly string _apiHealth =
        $$$"""
        {
         "apiserver": {
          "connectivity": "ok",
          "version": {
           "buildDate": "2026-01-15T08:00:00Z",
           "compiler": "gc",
           "gitCommit": "0123456789abcdef0123456789abcdef01234567",
           "gitTreeState": "clean",
           "gitVersion": "v1.32.0",
           "goVersion": "{{{cluster.Release.GoVersion}}}",
           "major": "1",
           "minor": "32",
           "platform": "linux/amd64"
          }
         },
         "config-resource-version": "1037"
        }
        """;

    public async Task HandleAsync(HttpContext context)
    {
        SimulatedEndpoint endpoint = context.Features.Get<SimulatedEndpoint>() ?? throw new InvalidOperationException("The connection belongs to no endpoint.");
        endpoint.CountRequest();
        try
        {
            await RouteAsync(context, endpoint);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The other side has gone; there is nobody to tell.
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
        }
    }

    private async Task RouteAsync(HttpContext context, SimulatedEndpoint endpoint)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            await Answers.TextAsync(context, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed\n");
            return;
        }

        if (endpoint.Access.Challenge(context.Request) is { } challenge)
        {
            context.Response.Headers.WWWAuthenticate = new StringValues(challenge);
            await Answers.TextAsync(context, StatusCodes.Status401Unauthorized, "Unauthorized\n");
            return;
        }

        ComponentKind component = endpoint.Pod.Component;
        switch (context.Request.Path.Value)
        {
            case "/metrics":
                await MetricsAsync(context, endpoint, endpoint.TakeFault());
                break;
            case "/moved":
                await MetricsAsync(context, endpoint, null);
                break;
            case "/healthz":
            case "/apis/subresources.kubevirt.io/v1/healthz" when component == ComponentKind.Api:
                await HealthAsync(context, endpoint);
                break;
            case "/leader" when component == ComponentKind.Controller:
                string leader = endpoint.Pod.Leading ? "true" : "false";
                await Answers.JsonAsync(context, StatusCodes.Status200OK, "{\n \"apiserver\": {\n  \"leader\": \"" + leader + "\"\n }\n}");
                break;
            default:
                await Answers.TextAsync(context, StatusCodes.Status404NotFound, "404 page not found\n");
                break;
        }
    }

    private Task HealthAsync(HttpContext context, SimulatedEndpoint endpoint)
    {
        bool api = endpoint.Pod.Component == ComponentKind.Api;
        if (endpoint.Fault?.Kind == FaultKind.Unhealthy)
        {
            const string Reason = "simulated failure of the API server";
            return api
                ? Answers.JsonAsync(context, StatusCodes.Status500InternalServerError, "{\n \"apiserver\": {\n  \"connectivity\": \"failed\",\n  \"error\": \"" + Reason + "\"\n }\n}")
                : Answers.TextAsync(context, StatusCodes.Status500InternalServerError, Reason + "\n");
        }

        return api ? Answers.JsonAsync(context, StatusCodes.Status200OK, _apiHealth) : Answers.TextAsync(context, StatusCodes.Status200OK, "ok");
    }

    private async Task MetricsAsync(HttpContext context, SimulatedEndpoint endpoint, Fault? fault)
    {
        // Only virt-handler limits its scrapes.
        int limit = endpoint.Pod.Component == ComponentKind.Handler ? options.MaxConcurrentScrapes : int.MaxValue;
        if (!endpoint.TryEnterScrape(limit))
        {
            await Answers.TextAsync(context, StatusCodes.Status503ServiceUnavailable, $"Limit of concurrent requests reached ({limit}), try again later.\n");
            return;
        }

        try
        {
            if (fault is null) await _scrapes.SendAsync(context, endpoint);
            else await new FaultResponder(_scrapes).SendAsync(context, endpoint, fault);
        }
        finally
        {
            endpoint.LeaveScrape();
        }
    }
}
