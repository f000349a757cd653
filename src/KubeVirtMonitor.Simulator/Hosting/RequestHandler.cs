using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KubeVirtMonitor.Simulator;

/// <summary>Answers the requests to all endpoints.</summary>
internal sealed class RequestHandler(SimulatedCluster cluster, HostOptions options)
{
    private readonly ScrapeResponder _scrapes = new(cluster, options);

    private readonly string _health = VirtRestful.Text(new JsonObject
    {
        ["apiserver"] = new JsonObject
        {
            ["connectivity"] = "ok",
            ["version"] = new JsonObject(VersionDocument.Of(VersionDocument.Default).OrderBy(static field => field.Key, StringComparer.Ordinal).Select(static field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))),
        },
        ["config-resource-version"] = "10037",
    });

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

            // The health check at the root of virt-api is registered without a media type, so that only requests for any media type are served.
            case "/healthz" when component == ComponentKind.Api && !VirtRestful.Accepts(context.Request):
                await VirtRestful.NotAcceptableAsync(context);
                break;
            case "/healthz" when component != ComponentKind.Operator:
            case "/apis/subresources.kubevirt.io/v1/healthz" when component == ComponentKind.Api:
                await HealthAsync(context, endpoint);
                break;
            case "/leader" when component == ComponentKind.Controller:
                await VirtRestful.SendAsync(context, new JsonObject { ["apiserver"] = new JsonObject { ["leader"] = endpoint.Pod.Leading ? "true" : "false" } });
                break;
            case { } when component == ComponentKind.Api:
                await Answers.TextAsync(context, StatusCodes.Status401Unauthorized, "request is not authenticated");
                break;
            default:
                await VirtRestful.NotFoundAsync(context);
                break;
        }
    }

    private Task HealthAsync(HttpContext context, SimulatedEndpoint endpoint) => endpoint.Fault?.Kind == FaultKind.Unhealthy
        ? VirtRestful.SendAsync(context, new JsonObject { ["apiserver"] = new JsonObject { ["connectivity"] = "failed", ["error"] = "simulated failure of the API server" } }, StatusCodes.Status500InternalServerError)
        : VirtRestful.SendAsync(context, _health);

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
            if (fault is null) await _scrapes.SendAsync(context, await _scrapes.CollectAsync(endpoint, context.RequestAborted));
            else await new FaultResponder(_scrapes).SendAsync(context, endpoint, fault);
        }
        finally
        {
            endpoint.LeaveScrape();
        }
    }
}
