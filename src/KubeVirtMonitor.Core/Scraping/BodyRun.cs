using System.Text;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>One body of one target while it is asked for and read.</summary>
/// <param name="target">Where it comes from.</param>
/// <param name="options">How it is reached, and its limits.</param>
/// <param name="deadline">The time there is.</param>
/// <param name="cancellationToken">The user's own token.</param>
internal abstract class BodyRun(ScrapeTarget target, ScrapeOptions options, Deadline deadline, CancellationToken cancellationToken)
{
    // Files fill whatever they are given; a TLS connection gives 16 KiB at a time.
    private const int FileWindow = 1 << 20;
    private const int NetworkWindow = 64 << 10;

    private Lazy<ForeignText> _foreign = new(() => ForeignText.OfStranger);

    public ScrapeTarget Target { get; } = target;

    public Deadline Deadline { get; } = deadline;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public ScrapeProgress Progress { get; } = new();

    /// <summary>What is asked for.</summary>
    public virtual RequestContent Content => RequestContent.Scrape;

    /// <summary>What shows the text of the target. Made when there is something to show, which most never have.</summary>
    public ForeignText Foreign => _foreign.Value;

    /// <summary>The body that is read; null before there is one.</summary>
    protected BodyDescription? Body { get; private set; }

    /// <summary>Takes the secrets that the target was told.</summary>
    public void UseSecrets(Func<ForeignText> secrets) => _foreign = new Lazy<ForeignText>(secrets);

    /// <summary>Takes note of an answer with status 200, before its body is read.</summary>
    public virtual void Begin(HttpResponseMessage response)
    {
    }

    /// <summary>Reads a body to its end.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="gzip">Whether they are packed.</param>
    /// <param name="contentType">The Content-Type, where there is one.</param>
    /// <param name="length">How many bytes will come, where that is known.</param>
    /// <param name="isFramed">Whether a body that ends without an error is whole for certain; one that is packed says so itself.</param>
    public abstract Task ReadAsync(Stream stream, bool gzip, string? contentType, long? length, bool isFramed);

    /// <summary>The error of an answer with another status than 200.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="body">The beginning of its body.</param>
    /// <param name="isCut">Whether there is more of it.</param>
    public virtual ScrapeException Refusal(HttpAnswer answer, byte[] body, bool isCut) =>
        StatusFailures.From(Target.Name, answer.Response, Foreign.Reason(Encoding.UTF8.GetString(body), isCut), answer.LeftHost, Foreign);

    /// <summary>The error that an exception stands for.</summary>
    public ScrapeException Failure(Exception e) => e switch
    {
        _ when Deadline.IsOver && e is not ScrapeException => HttpFailures.TimedOut(Target.Name, Deadline.Limit, Progress),
        ScrapeException known => known,
        InvalidDataException => new ScrapeException(ScrapeError.BadGzip, Target.Name, "its gzip data is damaged; the samples before that are complete", e),
        IOException or HttpRequestException when Target.Uri is not null => HttpFailures.Truncated(Target.Name, Progress.BodyBytes, e),
        IOException or UnauthorizedAccessException => LocalSource.Unreadable(Target.Name, e),
        _ => new ScrapeException(ScrapeError.Unexpected, Target.Name, $"an unexpected {e.GetType().Name} ({e.Message.TrimEnd('.')})", e),
    };

    /// <summary>Refuses a body that says beforehand that it is larger than allowed.</summary>
    protected void CheckLength(bool gzip, long? length)
    {
        Progress.WireBytes = 0;
        if (length > (gzip ? options.MaximumCompressedSize : options.MaximumBodySize))
            throw gzip ? LimitFailures.CompressedBody(Target.Name, options.MaximumCompressedSize, length.Value) : LimitFailures.Body(Target.Name, options.MaximumBodySize, length.Value);
    }

    /// <summary>Reads the bytes into a sink.</summary>
    protected Task PumpAsync(Stream stream, bool gzip, string? contentType, long? length, IBodySink sink)
    {
        Setting? named = Target.Uri is not null ? Setting.Address : Target.Path is not null ? Setting.File : null;
        int window = Target.Uri is not null ? NetworkWindow : gzip || length is null ? FileWindow : (int)Math.Min(length.Value + 1, FileWindow);
        Body = new BodyDescription(Target.Name, options.MaximumBodySize, contentType is null ? null : () => Foreign.Line(contentType, 120), named, window, Progress);
        BodySource source = new(stream, Target.Name, gzip ? options.MaximumCompressedSize : long.MaxValue, Progress, synchronous: Target.Uri is null);
        return new BodyPump(source, gzip, sink, Body, Deadline, CancellationToken).RunAsync();
    }
}
