using System.Net;
using System.Net.Http.Headers;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>When and how long to wait before a request is sent again.</summary>
internal sealed class RetryPolicy(int retries, TimeSpan first, TimeSpan longest, TimeProvider time, Func<double> jitter)
{
    public int Retries => retries;

    public static bool IsWorthRetrying(HttpStatusCode status) => (int)status is 429 or 500 or 502 or 503 or 504;

    /// <summary>The statuses with which client-go heeds a Retry-After, whatever the verb.</summary>
    public static bool IsRefusal(HttpStatusCode status) => (int)status is 429 or >= 500;

    /// <summary>Whether the way to the server failed, and not the server: the same may work in a moment.</summary>
    public static bool IsOfTheWay(KubernetesException exception) =>
        exception.IsBreak || exception.Error is KubernetesError.ConnectionFailed or KubernetesError.TimedOut or KubernetesError.TlsHandshake;

    /// <summary>How often to try again after a failure. Silence has taken the whole timeout each time, and is given one more chance.</summary>
    public int RetriesAfter(KubernetesException failure) => failure.Error == KubernetesError.TimedOut ? Math.Min(1, retries) : retries;

    /// <summary>Doubling from the first wait, between half of it and all of it, and never less than the server asked for.</summary>
    /// <param name="attempt">How many attempts failed before the last one.</param>
    /// <param name="asked">What the server asked for; null = nothing.</param>
    public TimeSpan Delay(int attempt, TimeSpan? asked)
    {
        double doubled = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 20)), longest.TotalMilliseconds);
        TimeSpan wait = TimeSpan.FromMilliseconds(doubled * (0.5 + (0.5 * jitter())));
        if (asked is not { } least || least <= wait) return wait;
        // Everybody was told the same; a little more keeps them apart.
        return least + (first * jitter());
    }

    /// <summary>Whether the server asks for a longer wait than anybody would sit through.</summary>
    public bool IsTooLong(TimeSpan? asked) => asked > longest;

    public TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        RetryConditionHeaderValue? header = response.Headers.RetryAfter;
        if (header?.Delta is { } delta) return delta;
        if (header?.Date is not { } date) return null;
        TimeSpan until = date - time.GetUtcNow();
        return until > TimeSpan.Zero ? until : TimeSpan.Zero;
    }

    public Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, time, cancellationToken);
}
