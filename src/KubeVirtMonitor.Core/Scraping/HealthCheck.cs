using System.Net;
using System.Text;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>Requests health addresses. A failure is a result.</summary>
internal sealed class HealthCheck(HttpGet get, ScrapeOptions options, TimeProvider time)
{
    private const int MostBody = 1024;

    public async Task<HealthCheckResult> RunAsync(Uri uri, IScrapeTransport? transport, CancellationToken cancellationToken)
    {
        string name = ShownUri.From(uri);
        HealthCheckResult result = new() { Target = name, Timestamp = time.GetUtcNow() };
        long start = time.GetTimestamp();
        using Deadline deadline = new(options.Timeout, time, cancellationToken);
        try
        {
            result = await AskAsync(result, uri, transport, deadline).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            ForeignText foreign = get.Headers.ForeignAt(uri, ScrapeTarget.CredentialOf(uri));
            result = result with { Error = Translate(name, e, deadline).Shown(foreign) };
        }

        if (transport is not null && result.Error is { } error) result = result with { Error = transport.Explain(error) };
        return result with { Latency = time.GetElapsedTime(start) };
    }

    private async Task<HealthCheckResult> AskAsync(HealthCheckResult result, Uri uri, IScrapeTransport? transport, Deadline deadline)
    {
        NetworkCredential? fromUri = ScrapeTarget.CredentialOf(uri);
        using HttpAnswer answer = await get.SendAsync(result.Target, ScrapeTarget.WithoutUserInfo(uri), fromUri, transport, deadline).ConfigureAwait(false);
        ForeignText foreign = get.Headers.ForeignAt(uri, fromUri).With(Secrets.OfRequest(answer.Response.RequestMessage));
        byte[] start = await BodyHeaders.ReadStartAsync(answer.Response, MostBody, deadline.Token).ConfigureAwait(false);
        bool good = answer.Response.IsSuccessStatusCode;
        string body = Encoding.UTF8.GetString(start);
        return result with
        {
            CanConnect = good,
            StatusCode = answer.Response.StatusCode,
            Body = foreign.Scrub(body, isCut: start.Length == MostBody),
            CertificateExpires = answer.CertificateExpires,
            Error = good ? null : StatusFailures.From(result.Target, answer.Response, foreign.Reason(body, isCut: start.Length == MostBody), answer.LeftHost, foreign),
        };
    }

    private static ScrapeException Translate(string name, Exception e, Deadline deadline) => e switch
    {
        ScrapeException known => known,
        _ when deadline.IsOver => HttpFailures.TimedOut(name, deadline.Limit, new ScrapeProgress()),
        _ => new ScrapeException(ScrapeError.Unexpected, name, $"an unexpected {e.GetType().Name} ({e.Message.TrimEnd('.')})", e),
    };
}

/// <summary>The response of a health address.</summary>
internal sealed record HealthCheckResult
{
    /// <summary>The health address, without secrets.</summary>
    public required string Target { get; init; }

    /// <summary>Whether it answered with success.</summary>
    public bool CanConnect { get; init; }

    /// <summary>The HTTP status; null where no answer came.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>The first KiB of the answer; null where none came.</summary>
    public string? Body { get; init; }

    /// <summary>From the start to the end of the answer, or to the failure.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>When the server's certificate ends; null without TLS.</summary>
    public DateTimeOffset? CertificateExpires { get; init; }

    /// <summary>When it was asked.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>Why it could not connect; null where it could.</summary>
    public ScrapeException? Error { get; init; }
}

/// <summary>The metric that the health check yields: <c>kubevirt_api.can_connect</c> and its like.</summary>
internal static class CanConnect
{
    /// <summary>Makes the sample: 1 where the health address answered with success, else 0.</summary>
    /// <param name="result">What the health check gave; <see cref="HealthCheckResult.Error"/> is the reason of a 0.</param>
    /// <param name="target">Whose health it is.</param>
    /// <param name="component">The component, given or recognised.</param>
    /// <param name="catalog">Where the metric is defined; null = the module's catalogue.</param>
    /// <returns>The sample, with the health address as <c>endpoint</c>; null where the catalogue has no such metric for the component.</returns>
    public static MetricSample? ToSample(HealthCheckResult result, ScrapeTarget target, ComponentKind component, MetricCatalog? catalog = null)
    {
        MetricDefinition? definition = (catalog ?? MetricCatalog.Default).Definitions
            .FirstOrDefault(known => known.Component == component && known.Name.EndsWith(".can_connect", StringComparison.Ordinal));
        if (definition is null) return null;
        List<KeyValuePair<string, string>> tags = [new("endpoint", result.Target)];
        if (target.PodName is { } pod) tags.Add(new("pod_name", pod));
        if (target.KubeNamespace is { } ns) tags.Add(new("kube_namespace", ns));
        foreach (KeyValuePair<string, string> tag in target.AddTags)
        {
            tags.RemoveAll(other => other.Key == tag.Key);
            tags.Add(tag);
        }

        return MetricSample.Create(definition, result.CanConnect ? 1 : 0, new TagSet(tags), result.Target, result.Timestamp, new MachineIdentity(null, null, target.Origin?.Node), target.Origin);
    }
}
