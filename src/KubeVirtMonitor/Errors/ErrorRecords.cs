using System.Globalization;
using System.Management.Automation;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Errors;

/// <summary>Creates every error record of the module: one id per cause, its category, its target, and what to do next.</summary>
internal static class ErrorRecords
{
    public static ErrorRecord Defect(string target, ExpositionDefect defect) => Make(
        new ExpositionException($"{target}: {defect}", defect),
        "ExpositionDefect",
        ErrorCategory.ParserError,
        target,
        Advice.Of(defect));

    public static ErrorRecord MoreDefects(string target, long shown, long total) => Make(
        new ExpositionException(string.Create(CultureInfo.InvariantCulture, $"{target}: {total - shown:N0} more lines of the scrape have defects; only the first {shown:N0} of {total:N0} were reported separately."), null),
        "MoreExpositionDefects",
        ErrorCategory.ParserError,
        target,
        "Lines that cannot be read were dropped. Check that the target is a metrics endpoint or an unchanged copy of its output.");

    /// <summary>What a target, or the way to it, is the reason of.</summary>
    public static ErrorRecord Failed(ScrapeException error)
    {
        string target = error.Cause == ScrapeError.InvalidOption && error.Target == $"{error.Setting}" ? Advice.NameOf(error.Setting!.Value) : error.Target;
        return Shown(Advice.In(error), target, CategoryOf(error.Cause), $"{target}: {error.What}.");
    }

    /// <summary>What the API server, or the way to it, is the reason of.</summary>
    public static ErrorRecord Failed(KubernetesException error, object? target = null) =>
        Shown(Advice.In(error), target ?? error.File, CategoryOf(error.Error), error.Fact);

    public static ErrorRecord HealthUriCount(int uris, int healthUris) => Make(
        new ArgumentException($"-HealthUri has {healthUris} addresses and -Uri has {uris}; each endpoint belongs to the health address at the same position."),
        "HealthUriCount",
        ErrorCategory.InvalidArgument,
        null,
        "Give one health address for each endpoint, in the same order.");

    public static ErrorRecord UnknownComponent(string target, Exception inner) => Make(
        inner,
        "UnknownComponent",
        ErrorCategory.InvalidData,
        target,
        "Specify -Component Api, Controller, Handler or Operator.");

    public static ErrorRecord NoSuchMetric(string name) => Make(
        new ItemNotFoundException($"The catalogue has no metric '{name}'."),
        "MetricNotFound",
        ErrorCategory.ObjectNotFound,
        name,
        "To find names, use wildcards such as *memory*, or tab completion. Raw names are found too.");

    public static ErrorRecord FileNotFound(string path, Exception? inner = null) => FileNotFound(path, $"There is no file '{path}'.", inner);

    private static ErrorRecord FileNotFound(string path, string what, Exception? inner = null) => Make(
        new FileNotFoundException(what, path, inner),
        "FileNotFound",
        ErrorCategory.ObjectNotFound,
        path,
        "Check the path. If the name contains characters such as [, use -LiteralPath.");

    public static ErrorRecord PathIsAddress(string path)
    {
        // What stands before the host is a user name and a password.
        int host = path.IndexOf("://", StringComparison.Ordinal) + 3;
        int end = path.AsSpan(host).IndexOfAny("/?#");
        int at = (end < 0 ? path[host..] : path.Substring(host, end)).LastIndexOf('@');
        string shown = at < 0 ? path : string.Concat(path.AsSpan(0, host), path.AsSpan(host + at + 1));
        return Make(new ArgumentException($"'{shown}' is an address and not a path."), "PathIsAddress", ErrorCategory.InvalidArgument, shown, $"Use -Uri {shown}");
    }

    public static ErrorRecord NoMatch(string path) => FileNotFound(path, $"No file matches '{path}'.");

    public static ErrorRecord IsDirectory(string path) => Make(
        new IOException($"'{path}' is a directory and not a saved scrape."),
        "PathIsDirectory",
        ErrorCategory.InvalidArgument,
        path,
        $"Specify the files in it, for example with -Path '{Path.Join(path, "*.prom")}'.");

    public static ErrorRecord NoFileSystem(string path, string provider) => Make(
        new NotSupportedException($"'{path}' is a path of the provider {provider}; scrapes can only be read from files."),
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
        "To match a literal [ or ], write a backtick before it.");

    public static ErrorRecord BadPattern(string pattern, Exception inner) => Make(
        new ArgumentException($"The wildcard pattern '{pattern}' cannot be used: {inner.Message}", inner),
        "BadPattern",
        ErrorCategory.InvalidArgument,
        pattern,
        "To match a literal [ or ], write a backtick before it; for a path, use -LiteralPath.");

    public static ErrorRecord NoSession() => Make(
        new InvalidOperationException("There is no open session to a cluster."),
        "NoSession",
        ErrorCategory.ConnectionError,
        null,
        "Open one with Connect-KubeVirt, or name a context of the kubeconfig with -Context.");

    public static ErrorRecord NoSessionOf(string context) => Make(
        new ItemNotFoundException($"There is no open session of the context '{context}'."),
        "SessionNotFound",
        ErrorCategory.ObjectNotFound,
        context,
        "Get-KubeVirtSession shows the open ones; Connect-KubeVirt opens one.");

    public static ErrorRecord SessionAndContext() => Make(
        new ArgumentException("-Session and -Context cannot be combined, because each of them names a cluster."),
        "SessionAndContext",
        ErrorCategory.InvalidArgument,
        null,
        "Omit one of them.");

    public static ErrorRecord SessionClosed(KubeVirtSession session) => Make(
        new InvalidOperationException($"The session {session.Id} ({session}) has been closed."),
        "SessionClosed",
        ErrorCategory.ConnectionError,
        session,
        "Open a new one with Connect-KubeVirt.");

    public static ErrorRecord NoSuchObject(string kind, string name, string[]? namespaces, KubeVirtSession session, string where = "the name and -Namespace") => Make(
        new ItemNotFoundException($"There is no {kind} '{name}' in {(namespaces is null ? "any namespace" : $"namespace {string.Join(", ", namespaces)}")} of {session}."),
        "ObjectNotFound",
        ErrorCategory.ObjectNotFound,
        name,
        $"Check {where}. To search, use wildcards such as web-*.");

    public static ErrorRecord NoComponent(KubeVirtSession session, ComponentKind? kind = null) => Make(
        new ItemNotFoundException($"There is no {(kind is { } one ? $"pod of {ComponentFacts.NameOf(one)}" : "component of KubeVirt")} in namespace {session.InstallNamespace} of {session}."),
        "ComponentNotFound",
        ErrorCategory.ObjectNotFound,
        kind is null ? session : kind,
        $"List them with Get-KubeVirtComponent, and all pods with 'kubectl get pods -n {session.InstallNamespace}'.");

    public static ErrorRecord ComponentCount(int count) => Make(
        new ArgumentException($"-Component has {count} values, but a scrape comes from one component. Several values are only allowed for a cluster."),
        "ComponentCount",
        ErrorCategory.InvalidArgument,
        null,
        "Specify one component, or omit -Component so that it is recognised.");

    public static ErrorRecord ManifestInvalid(string where, Exception inner) => Make(
        new FormatException($"{where}: {inner.Message}.", inner),
        "ManifestInvalid",
        ErrorCategory.InvalidData,
        where,
        "Correct the text at that position; kubectl refuses it too. The other documents of the text were checked.");

    public static ErrorRecord ManifestUnreadable(string path, Exception inner) => Make(
        new IOException($"{path}: {inner.Message}", inner),
        "ManifestUnreadable",
        inner is UnauthorizedAccessException ? ErrorCategory.PermissionDenied : ErrorCategory.ReadError,
        path,
        "Check the path, and the permissions of the file.");

    public static ErrorRecord ManifestUnwritable(string path, Exception inner) => Make(
        new IOException($"{path}: {inner.Message}", inner),
        "ManifestUnwritable",
        ErrorCategory.WriteError,
        path,
        "Check the permissions of the file, and the free space on the disk.");

    public static ErrorRecord ManifestNotEdited(string where, FormatException inner) => Make(
        new FormatException($"{where}: {inner.Message}.", inner),
        "ManifestNotEdited",
        ErrorCategory.InvalidOperation,
        where,
        "The file is unchanged. Edit it by hand, and check it with Test-VmiProbe -Path.");

    public static ErrorRecord NoMachineInManifest(string where) => Make(
        new ItemNotFoundException($"{where}: there is no such VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet or VirtualMachinePool."),
        "MachineNotFound",
        ErrorCategory.ObjectNotFound,
        where,
        "Check the manifest, and -Name and -Namespace if you use them.");

    public static ErrorRecord SeveralMachines(string where, IEnumerable<VmiManifest> found) => Make(
        new ArgumentException($"{where} contains several VMs: {string.Join(", ", found)}."),
        "SeveralMachines",
        ErrorCategory.InvalidArgument,
        where,
        "Specify which one to use with -Name; -Name * selects all of them.");

    public static ErrorRecord ProbeMalformed(VmiManifest manifest, FormatException inner) => Make(
        new FormatException($"{manifest}: {inner.Message}.", inner),
        "ProbeMalformed",
        ErrorCategory.InvalidData,
        manifest.ToString(),
        "Test-VmiProbe -Path says what is wrong with it and what to write instead.");

    public static ErrorRecord ProbeMisplaced(string where, ProbeFinding finding) => Make(
        new FormatException($"{where}: {finding.Field}: {finding.Message}."),
        "ProbeMisplaced",
        ErrorCategory.InvalidData,
        finding,
        finding.Advice);

    public static ErrorRecord ProbeRefused(VmiManifest manifest, ProbeFinding finding) => Make(
        new InvalidOperationException($"{manifest}: {finding.Id}: {finding.Field}: {finding.Message}. {finding.Consequence}"),
        "ProbeRefused",
        ErrorCategory.InvalidArgument,
        finding,
        $"Nothing was changed. {finding.Advice} With -Force it is set anyway.");

    public static ErrorRecord ProbeChoice() => Make(
        new ArgumentException("Specify -Readiness or -Liveness, and either a probe or -Remove."),
        "ProbeChoice",
        ErrorCategory.InvalidArgument,
        null,
        "For example: New-VmiProbe -TcpSocket -Port 22 | Set-VmiProbe -Path vm.yaml -Readiness");

    public static ErrorRecord PortInvalid(ProbePort port) => Make(
        new ArgumentException($"{port} is not a port."),
        "PortInvalid",
        ErrorCategory.InvalidArgument,
        port,
        "Specify a number from 1 to 65535, or the name of a port of the VM's interface.");

    public static ErrorRecord NoProbeSource(object input) => Make(
        new ArgumentException($"Probes cannot be read from {input.GetType().Name}."),
        "InputInvalid",
        ErrorCategory.InvalidArgument,
        input,
        "Pipe VMs (Get-KubeVirtVM), instances (Get-KubeVirtVmi), files (Get-ChildItem) or the text of a manifest (Get-Content).");

    public static ErrorRecord NoInstanceNamed() => Make(
        new ArgumentException("There is a probe, but no instance to run it on."),
        "InstanceNotNamed",
        ErrorCategory.InvalidArgument,
        null,
        "Specify instances with -Name; -Name * selects all of them.");

    public static ErrorRecord SeveralHttpPaths(int count) => Make(
        new ArgumentException($"With -HttpGet, -Path is the path of one request, but it has {count} values."),
        "SeveralHttpPaths",
        ErrorCategory.InvalidArgument,
        null,
        "Specify one path; for several paths, run the cmdlet several times.");

    private static ErrorRecord Make(Exception exception, string id, ErrorCategory category, object? target, string advice) =>
        new(exception, id, category, target) { ErrorDetails = new ErrorDetails(exception.Message) { RecommendedAction = advice } };

    // PowerShell shows the advice on a line of its own, so the message goes without it.
    private static ErrorRecord Shown(MonitorException error, object? target, ErrorCategory category, string fact) =>
        new(error, error.Id, category, target) { ErrorDetails = new ErrorDetails(fact) { RecommendedAction = error.Advice } };

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

    private static ErrorCategory CategoryOf(KubernetesError error) => error switch
    {
        KubernetesError.ConnectionFailed or KubernetesError.StreamFailed => ErrorCategory.ConnectionError,
        KubernetesError.TimedOut => ErrorCategory.OperationTimeout,
        KubernetesError.TlsUntrusted or KubernetesError.TlsNameMismatch or KubernetesError.TlsExpired or KubernetesError.TlsHandshake => ErrorCategory.SecurityError,
        KubernetesError.Unauthorized or KubernetesError.CredentialMissing or KubernetesError.CredentialInvalid or KubernetesError.CredentialUnsupported or KubernetesError.PluginFailed => ErrorCategory.AuthenticationError,
        KubernetesError.Forbidden => ErrorCategory.PermissionDenied,
        KubernetesError.NotFound or KubernetesError.EntryNotFound or KubernetesError.NoConfiguration => ErrorCategory.ObjectNotFound,
        KubernetesError.Conflict => ErrorCategory.ResourceExists,
        KubernetesError.Throttled => ErrorCategory.ResourceBusy,
        KubernetesError.FileUnreadable => ErrorCategory.ReadError,
        KubernetesError.ConfigurationInvalid or KubernetesError.ArgumentInvalid or KubernetesError.Invalid => ErrorCategory.InvalidArgument,
        KubernetesError.Expired or KubernetesError.ServerError or KubernetesError.BadAnswer => ErrorCategory.ProtocolError,
        _ => ErrorCategory.NotSpecified,
    };
}
