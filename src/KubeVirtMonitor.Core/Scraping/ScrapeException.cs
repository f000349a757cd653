using System.Net;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>A target could not be scraped, or not to the end.</summary>
public sealed class ScrapeException : MonitorException
{
    internal ScrapeException(ScrapeError cause, string target, string what, Exception? inner = null, string advice = "")
        : base(target, what, advice, inner) => Cause = cause;

    /// <summary>The cause.</summary>
    public ScrapeError Cause { get; }

    /// <inheritdoc/>
    public override string Id => Cause.ToString();

    /// <summary>The HTTP status, where there was one.</summary>
    public HttpStatusCode? StatusCode { get; internal init; }

    /// <summary>A name that the server's certificate carries, where it was not the expected one; null where it carries none.</summary>
    public string? OtherName { get; internal init; }

    /// <summary>How long the server asked to wait, where it did.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same request may succeed a little later.</summary>
    internal bool IsTransient => Cause is ScrapeError.Busy or ScrapeError.ConnectionReset;

    /// <summary>The same with other advice.</summary>
    public ScrapeException WithAdvice(string advice) => With(advice: advice);

    /// <summary>The same with other words; null = those of this one.</summary>
    internal ScrapeException With(string? target = null, string? what = null, string? advice = null, Exception? inner = null, Setting? setting = null) =>
        new(Cause, target ?? Target, what ?? What, inner ?? InnerException, advice ?? Advice)
        {
            Setting = setting ?? Setting,
            StatusCode = StatusCode,
            OtherName = OtherName,
            RetryAfter = RetryAfter,
        };

    /// <summary>The same without what must not be shown, also in the exceptions inside it.</summary>
    /// <param name="foreign">What shows the text of this target.</param>
    internal ScrapeException Shown(ForeignText foreign)
    {
        Exception? inner = foreign.Safe(InnerException);
        string what = foreign.Scrub(What);
        return what == What && ReferenceEquals(inner, InnerException) ? this : With(what: what, inner: inner);
    }
}
