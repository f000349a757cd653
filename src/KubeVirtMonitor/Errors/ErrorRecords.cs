using System.Globalization;
using System.Management.Automation;
using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Errors;

/// <summary>Every error record of the module is born here: one id per cause, its category, its target, and what to do next.</summary>
internal static partial class ErrorRecords
{
    public static ErrorRecord Defect(string target, ExpositionDefect defect) => Make(
        new ExpositionException($"{target}: {defect}", defect),
        "ExpositionDefect",
        ErrorCategory.ParserError,
        target,
        defect.IsKept
            ? "The line was read all the same, as it is. Correct the exporter or the saved file."
            : "The line was left out; the lines around it were kept. Correct the exporter or the saved file.");

    public static ErrorRecord MoreDefects(string target, long shown, long total) => Make(
        new ExpositionException(string.Create(CultureInfo.InvariantCulture, $"{target}: {total - shown:N0} more lines of the scrape have defects; the first {shown:N0} of {total:N0} were reported one by one."), null),
        "MoreExpositionDefects",
        ErrorCategory.ParserError,
        target,
        "Lines that cannot be read were left out. Check that the target is a metrics endpoint or an unchanged copy of its text.");

    // PowerShell shows the advice on a line of its own, so the message goes without it.
    public static ErrorRecord Failed(ScrapeException error, bool isText = false) =>
        new(error, error.Id, CategoryOf(error.Cause), error.Target)
        {
            ErrorDetails = new ErrorDetails(error.Message.Replace(" " + error.Advice, "", StringComparison.Ordinal))
            {
                RecommendedAction = isText && error.Cause == ScrapeError.NotExposition ? "Text on the pipeline is read as a scrape. To read a file, give its path to -Path." : error.Advice,
            },
        };

    public static ErrorRecord HealthUriCount(int uris, int healthUris) => Make(
        new ArgumentException($"-HealthUri has {healthUris} addresses and -Uri has {uris}; each endpoint goes with the health address at the same place."),
        "HealthUriCount",
        ErrorCategory.InvalidArgument,
        null,
        "Give one health address for each endpoint, in the same order.");

    public static ErrorRecord UnknownComponent(string target, Exception inner) => Make(
        inner,
        "UnknownComponent",
        ErrorCategory.InvalidData,
        target,
        "Say it with -Component Api, Controller, Handler or Operator.");

    public static ErrorRecord NoSuchMetric(string name) => Make(
        new ItemNotFoundException($"The catalogue has no metric '{name}'."),
        "MetricNotFound",
        ErrorCategory.ObjectNotFound,
        name,
        "Use wildcards, such as *memory*, or tab completion, to find names. Raw names are found too.");

    public static ErrorRecord FileNotFound(string path, Exception? inner = null) => Make(
        new FileNotFoundException($"There is no file '{path}'.", path, inner),
        "FileNotFound",
        ErrorCategory.ObjectNotFound,
        path,
        "Check the path. If characters such as [ belong to the name, use -LiteralPath.");

    public static ErrorRecord PathIsAddress(string path)
    {
        // What stands before the host is a user name and a password.
        int host = path.IndexOf("://", StringComparison.Ordinal) + 3;
        int end = path.AsSpan(host).IndexOfAny("/?#");
        int at = (end < 0 ? path[host..] : path.Substring(host, end)).LastIndexOf('@');
        string shown = at < 0 ? path : string.Concat(path.AsSpan(0, host), path.AsSpan(host + at + 1));
        return Make(new ArgumentException($"'{shown}' is an address and no path."), "PathIsAddress", ErrorCategory.InvalidArgument, shown, $"Use -Uri {shown}");
    }

    public static ErrorRecord NoMatch(string path) => Make(
        new FileNotFoundException($"No file matches '{path}'.", path),
        "FileNotFound",
        ErrorCategory.ObjectNotFound,
        path,
        "Check the path. If characters such as [ belong to the name, use -LiteralPath.");

    public static ErrorRecord IsDirectory(string path) => Make(
        new IOException($"'{path}' is a directory and no saved scrape."),
        "PathIsDirectory",
        ErrorCategory.InvalidArgument,
        path,
        $"Name the files in it, for example with -Path '{Path.Join(path, "*.prom")}'.");

    public static ErrorRecord NoFileSystem(string path, string provider) => Make(
        new NotSupportedException($"'{path}' is a path of the provider {provider}; scrapes are read from files only."),
        "PathIsNoFile",
        ErrorCategory.InvalidArgument,
        path,
        "Give the path of a file, or pipe the text to the cmdlet.");

    public static ErrorRecord BadPath(string path, Exception inner) => Make(
        new ArgumentException($"The path '{path}' cannot be used: {inner.Message}", inner),
        "BadPath",
        ErrorCategory.InvalidArgument,
        path,
        "Check the drive and the spelling of the path.");

    public static ErrorRecord BadPattern(Exception inner) => Make(
        new ArgumentException(inner.Message, inner),
        "BadPattern",
        ErrorCategory.InvalidArgument,
        null,
        "Write a backtick before [ and ] that stand for themselves.");

    public static ErrorRecord BadPattern(string pattern, Exception inner) => Make(
        new ArgumentException($"The wildcard pattern '{pattern}' cannot be used: {inner.Message}", inner),
        "BadPattern",
        ErrorCategory.InvalidArgument,
        pattern,
        "Write a backtick before [ and ] that stand for themselves; for a path, use -LiteralPath.");

    private static ErrorRecord Make(Exception exception, string id, ErrorCategory category, object? target, string advice) =>
        new(exception, id, category, target) { ErrorDetails = new ErrorDetails(exception.Message) { RecommendedAction = advice } };

    private static ErrorCategory CategoryOf(ScrapeError cause) => cause switch
    {
        ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset or ScrapeError.NameResolution or ScrapeError.Proxy => ErrorCategory.ConnectionError,
        ScrapeError.Timeout => ErrorCategory.OperationTimeout,
        ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch or ScrapeError.TlsExpired or ScrapeError.TlsHandshake or ScrapeError.UnencryptedAuthentication => ErrorCategory.SecurityError,
        ScrapeError.HttpStatus or ScrapeError.TooManyRedirects or ScrapeError.BadRedirect or ScrapeError.InvalidResponse or ScrapeError.UnsupportedEncoding => ErrorCategory.ProtocolError,
        ScrapeError.Busy => ErrorCategory.ResourceBusy,
        ScrapeError.Unauthorized => ErrorCategory.AuthenticationError,
        ScrapeError.Forbidden => ErrorCategory.PermissionDenied,
        ScrapeError.BodyTooLarge or ScrapeError.TooManySeries => ErrorCategory.LimitsExceeded,
        ScrapeError.NotExposition or ScrapeError.Truncated or ScrapeError.BadGzip or ScrapeError.UnknownComponent => ErrorCategory.InvalidData,
        ScrapeError.FileNotFound => ErrorCategory.ObjectNotFound,
        ScrapeError.FileUnreadable => ErrorCategory.ReadError,
        ScrapeError.BadCertificateFile or ScrapeError.InvalidTarget or ScrapeError.InvalidOption or ScrapeError.BadConfiguration => ErrorCategory.InvalidArgument,
        _ => ErrorCategory.NotSpecified,
    };
}
