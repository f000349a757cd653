namespace KubeVirtMonitor.Scraping;

/// <summary>Carries what is wrong with a certificate out of the handshake, in words for the user.</summary>
internal sealed class TlsFailure(ScrapeError cause, string what, string advice) : Exception(what)
{
    public ScrapeError Cause { get; } = cause;

    public string Advice { get; } = advice;

    public static TlsFailure? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is TlsFailure failure) return failure;
        }

        return null;
    }
}
