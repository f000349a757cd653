using System.Globalization;
using System.Net;
using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Scraping;

/// <summary>One scrape of one target while it is running.</summary>
internal sealed class ScrapeRun(
    ScrapeTarget target,
    ScrapeOptions options,
    Func<ExpositionFormat, DateTimeOffset?, IScrapeSink> createSink,
    Deadline deadline,
    CancellationToken cancellationToken) : BodyRun(target, options, deadline, cancellationToken)
{
    private ScrapeSummary? _summary;
    private long _samples;
    private IReadOnlyList<ExpositionDefect> _defects = [];

    public override Task ReadAsync(Stream stream, bool gzip, string? contentType, long? length, bool isFramed) =>
        ReadAsync(stream, gzip, FormatDetector.FromContentType(contentType), contentType, length, isFramed);

    /// <inheritdoc cref="BodyRun.ReadAsync"/>
    /// <param name="format">The format, where it is known.</param>
    public async Task ReadAsync(Stream stream, bool gzip, ExpositionFormat format, string? contentType, long? length, bool isFramed)
    {
        CheckLength(gzip, length);
        using IScrapeSink sink = createSink(format, Progress.Sent);
        try
        {
            await PumpAsync(stream, gzip, contentType, length, sink).ConfigureAwait(false);
            await EndAsync(sink, isFramed || gzip ? BodyEnd.Whole : BodyEnd.Unproven).ConfigureAwait(false);
        }
        catch (Exception e) when (Progress.HandedOn && _summary is null && e is not ScrapeLimitException && !CancellationToken.IsCancellationRequested)
        {
            await EndAsync(sink, BodyEnd.Broken).ConfigureAwait(false);
            throw;
        }
        finally
        {
            _samples = sink.Samples;
            _defects = Target.Uri is null ? sink.Defects : [.. sink.Defects.Select(Shown)];
        }
    }

    // Nothing is wrong with it by the format, and a consumer that sums up takes it for zero machines.
    private string Empty(ScrapeSummary summary)
    {
        string what = (Target.Uri, summary.Bytes) switch
        {
            (not null, 0) => "the server responded with 200 and an empty body",
            (not null, _) => $"the server responded with 200 and no series, only comments or blank lines ({summary.Bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes)",
            (null, 0) => "it is empty",
            _ => "it contains no series, only comments or blank lines",
        };
        string advice = Target.Uri is not null
            ? "Check that the address is that of a metrics endpoint (KubeVirt's is /metrics) and not a proxy's; a component that has just started may serve no metrics for a moment."
            : "Check how it was saved: curl writes an empty file if there is no response.";
        return $"{Target.Name}: {what}. {advice}";
    }

    private ExpositionDefect Shown(ExpositionDefect defect) => defect with { Reason = Foreign.Scrub(defect.Reason), Text = Foreign.Scrub(defect.Text, isCut: true) };

    private ValueTask EndAsync(IScrapeSink sink, BodyEnd end)
    {
        _summary = sink.Complete(end);
        return sink.FlushAsync(isEnd: true, Deadline, CancellationToken);
    }

    /// <summary>What is wrong with a scrape that came to its end; null = nothing.</summary>
    public ScrapeException? Verdict(MappingOptions mapping)
    {
        if (_summary is not { } summary) return null;
        if (summary is { Series: 0, Defects: > 0 }) return ContentCheck.Nothing(Body!, _defects.Count > 0 ? _defects[0] : null);
        bool named = summary.Component is not null || mapping.Raw || mapping.IncludeUnmapped || summary.Samples > 0;
        return named || summary.Series == 0
            ? null
            : new ScrapeException(ScrapeError.UnknownComponent, Target.Name, "the content does not show which KubeVirt component it comes from") { Setting = Setting.Component };
    }

    public ScrapeResult ToResult(ScrapeException? error, TimeSpan latency) => new()
    {
        Target = Target,
        Summary = _summary,
        Error = error,
        Warnings = error is null && _summary is { Series: 0 } empty ? [Empty(empty)] : [],
        Samples = _samples,
        Defects = _defects,
        StatusCode = Progress.StatusCode ?? error?.StatusCode,
        Latency = latency,
        Attempts = Math.Max(Progress.Attempts, 1),
        WireBytes = Progress.WireBytes,
        BodyBytes = Progress.BodyBytes,
        RedirectedTo = Progress.FinalUri is { } uri && uri != Target.Uri ? Foreign.Line(ShownUri.From(uri), 2000) : null,
        CertificateExpires = Progress.CertificateExpires,
    };
}

/// <summary>The progress of the scrape of one target; read when it fails.</summary>
internal sealed class ScrapeProgress
{
    public ScrapePhase Phase { get; set; }

    public HttpStatusCode? StatusCode { get; set; }

    public Uri? FinalUri { get; set; }

    public DateTimeOffset? CertificateExpires { get; set; }

    public int Attempts { get; set; }

    /// <summary>When the last request was sent, because a component reads its values when it is asked, however long its answer takes; of a file, when it was saved; null for text and pipes.</summary>
    public DateTimeOffset? Sent { get; set; }

    /// <summary>Bytes as they came, compressed or not.</summary>
    public long WireBytes { get; set; }

    /// <summary>Bytes of exposition text.</summary>
    public long BodyBytes { get; set; }

    /// <summary>Whether the reader has seen any of them; from then on nothing can be tried again.</summary>
    public bool HandedOn { get; set; }
}

/// <summary>The current step of a scrape.</summary>
internal enum ScrapePhase
{
    Waiting,
    Body,
    Retry,
}

/// <summary>The time limit of one target. It is paused while the consumer of the samples is busy, which is not the fault of the target.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationToken _outer;
    private TimeSpan _left;
    private long _running;

    public Deadline(TimeSpan timeout, TimeProvider time, CancellationToken outer)
    {
        _time = time;
        _outer = outer;
        _left = timeout > TimeSpan.Zero ? timeout : Timeout.InfiniteTimeSpan;
        Limit = _left;
        _source = new CancellationTokenSource(_left, time);
        _running = time.GetTimestamp();
        _registration = outer.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public TimeSpan Limit { get; }

    public CancellationToken Token => _source.Token;

    /// <summary>Whether the time is over, as opposed to the user having cancelled.</summary>
    public bool IsOver => _source.IsCancellationRequested && !_outer.IsCancellationRequested;

    /// <summary>Whether there is time to wait so long and do something afterwards.</summary>
    public bool Allows(TimeSpan wait) => IsInfinite || _left - _time.GetElapsedTime(_running) > wait;

    private bool IsInfinite => Limit == Timeout.InfiniteTimeSpan;

    public void Pause()
    {
        if (IsInfinite) return;
        _left -= _time.GetElapsedTime(_running);
        _source.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    public void Resume()
    {
        if (IsInfinite) return;
        _running = _time.GetTimestamp();
        _source.CancelAfter(_left > TimeSpan.Zero ? _left : TimeSpan.Zero);
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
