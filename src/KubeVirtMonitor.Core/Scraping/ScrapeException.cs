using System.Net;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>A target could not be scraped, or not to the end. The message says what happened and what to do next, and holds no secret.</summary>
public sealed class ScrapeException : Exception
{
    internal ScrapeException(ScrapeError cause, string target, string what, string advice, Exception? inner = null)
        : base($"{target}: {what}. {advice}", inner)
    {
        Cause = cause;
        Target = target;
        What = what;
        Advice = advice;
    }

    /// <summary>The cause.</summary>
    public ScrapeError Cause { get; }

    /// <summary>One stable id per cause, for error records: the name of <see cref="Cause"/>.</summary>
    public string Id => Cause.ToString();

    /// <summary>The address or file, without user information and secrets.</summary>
    public string Target { get; }

    /// <summary>What happened, without the target and the advice.</summary>
    internal string What { get; }

    /// <summary>What to do next; the message ends with it.</summary>
    public string Advice { get; }

    /// <summary>The HTTP status, where there was one.</summary>
    public HttpStatusCode? StatusCode { get; internal init; }

    /// <summary>How long the server asked to wait, where it did.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    /// <summary>The same without what must not be shown, also in the exceptions behind it.</summary>
    /// <param name="foreign">What shows the text of this target.</param>
    internal ScrapeException Shown(ForeignText foreign)
    {
        Exception? inner = foreign.Safe(InnerException);
        string what = foreign.Scrub(What);
        return what == What && ReferenceEquals(inner, InnerException)
            ? this
            : new ScrapeException(Cause, Target, what, Advice, inner) { StatusCode = StatusCode, RetryAfter = RetryAfter };
    }

    /// <summary>Whether the same request may succeed a little later.</summary>
    internal bool IsTransient => Cause is ScrapeError.Busy or ScrapeError.ConnectionReset;
}
