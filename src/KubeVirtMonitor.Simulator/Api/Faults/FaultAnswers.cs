using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The answers of faults that need no knowledge of the resource.</summary>
internal static class FaultAnswers
{
    /// <summary>Answers, or waits and says that the request goes on as usual.</summary>
    public static async Task<bool> TryAsync(HttpContext context, ApiRequest request, ApiFault fault)
    {
        switch (fault.Kind)
        {
            case ApiFaultKind.Unauthorized:
                await Answer.StatusAsync(context, ApiErrors.Unauthorized().Status);
                return true;
            case ApiFaultKind.Throttle:
                await BusyAsync(context, ApiErrors.TooManyRequests(fault.RetryAfterSeconds).Status, fault with { PlainText = true });
                return true;
            case ApiFaultKind.Unavailable:
                await BusyAsync(context, ApiErrors.Unavailable(fault.RetryAfterSeconds).Status, fault);
                return true;
            case ApiFaultKind.Status:
                await Answer.StatusAsync(context, new ApiStatus(fault.StatusCode, "", $"simulated status {fault.StatusCode}"));
                return true;
            case ApiFaultKind.Reset:
                context.Abort();
                return true;
            case ApiFaultKind.Html:
                context.Response.ContentType = "text/html; charset=utf-8";
                await context.Response.WriteAsync("<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>\n", context.RequestAborted);
                return true;
            case ApiFaultKind.Slow:
                await Task.Delay(fault.Delay, context.RequestAborted);
                return false;
            case ApiFaultKind.Drop or ApiFaultKind.Truncated when request.Verb is not ("list" or "watch"):
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("{\"kind\":\"", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                if (fault.Kind == ApiFaultKind.Truncated) return true;

                // The bytes must be on their way before the connection goes.
                await Task.Delay(50, context.RequestAborted);
                context.Abort();
                return true;
            default:
                return false;
        }
    }

    private static Task BusyAsync(HttpContext context, ApiStatus status, ApiFault fault)
    {
        if (!fault.PlainText) return Answer.StatusAsync(context, status);
        context.Response.Headers.RetryAfter = fault.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Answer.TextAsync(context, status.Message + "\n", status.Code);
    }
}
