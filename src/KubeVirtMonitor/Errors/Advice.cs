namespace KubeVirtMonitor.Errors;

/// <summary>
/// Advice for an error, with the names of cmdlets and parameters: the only place that maps a setting to them. Advice about what to do outside (in a cluster,
/// in a kubeconfig, in a conf.yaml) is part of the error; only what a parameter or another cmdlet can do is added here.
/// </summary>
internal static class Advice
{
    private const string CertificateAuthority = "KubeVirt's is the key ca-bundle of ConfigMap kubevirt-ca";
    private const string Reach = "check that the address can be reached from here; pod addresses often cannot from outside the cluster.";

    /// <summary>The error with all there is to advise.</summary>
    public static ScrapeException In(ScrapeException error) => Own(error) is { Length: > 0 } own ? error.With(advice: Join(error.Advice, own)) : error;

    /// <inheritdoc cref="In(ScrapeException)"/>
    public static KubernetesException In(KubernetesException error) => OfSetting(error, error.Setting) is { Length: > 0 } own ? error.With(error.What, Join(error.Advice, own)) : error;

    /// <summary>The result with all there is to advise about its error.</summary>
    public static HealthResult In(HealthResult result) => result.Error is { } error ? result with { Error = In(error) } : result;

    /// <summary>The point with all there is to advise.</summary>
    public static AgentPatchStatus In(AgentPatchStatus point) => point.Setting is not { } setting ? point : point with
    {
        Advice = Join(point.Advice, setting == Setting.Timeout ? "-TimeoutSec waits for it." : OfSetting(null, setting)),
    };

    /// <summary>The drift, with how to get what the scrape lacks or the catalogue does not know.</summary>
    public static MetricDrift In(MetricDrift drift) => drift switch
    {
        { Reason: MetricDrift.NotInCatalogue } => drift with { Reason = Join(drift.Reason, "Get-KubeVirtMetric -IncludeUnmapped reads it under its raw name.") },
        // Beside the counts of machines nothing else is on no endpoint.
        { Status: DriftStatus.NotOnEndpoint } when drift.Name.EndsWith(".can_connect", StringComparison.Ordinal) => drift with { Reason = Join(drift.Reason ?? "", "Get-KubeVirtMetric -HealthUri asks for it.") },
        _ => drift,
    };

    /// <summary>What to do about a line of a scrape.</summary>
    public static string Of(ExpositionDefect defect) => defect.Cause switch
    {
        DefectCause.LineTooLong => "If it is meant to be so long, raise -MaximumLineLength.",
        DefectCause.TooManyLabels => "If it is meant to have so many, raise -MaximumLabels.",
        DefectCause.NoLineEnd => "If it is whole, -AllowMissingFinalNewline keeps it.",
        _ when defect.IsKept => "The line was read all the same, as it is. Correct the exporter or the saved file.",
        _ => "The line was left out; the lines around it were kept. Correct the exporter or the saved file.",
    };

    /// <summary>What the cmdlets call a setting, where it is a parameter by itself.</summary>
    public static string NameOf(Setting setting) => setting switch
    {
        Setting.ClientCertificate => "-Certificate",
        _ => $"-{setting}",
    };

    private static string Own(ScrapeException error) => error.Advice.Length > 0 ? OfSetting(error, error.Setting) : error.Cause switch
    {
        ScrapeError.ConnectionRefused => "Check the host and port in -Uri, and that the pod is running.",
        ScrapeError.Timeout when error.Setting == Setting.Timeout => "Raise -TimeoutSec, or check that the address can be reached from here.",
        ScrapeError.Unreachable or ScrapeError.Timeout => "Check -Uri, and " + Reach,
        ScrapeError.ConnectionReset when error.Target.StartsWith("https:", StringComparison.Ordinal) =>
            "Try again, or raise -MaximumRetryCount; servers that want a client certificate (-Certificate) may end the connection so, too.",
        ScrapeError.ConnectionReset => "Try again, or raise -MaximumRetryCount; check whether -Uri should begin with https://.",
        ScrapeError.NameResolution => "Check the host in -Uri; names such as *.svc exist only inside the cluster.",
        ScrapeError.Proxy when error.StatusCode == System.Net.HttpStatusCode.ProxyAuthenticationRequired => "Pass -ProxyCredential.",
        ScrapeError.Proxy => "Check -Proxy, or go past it with -NoProxy.",
        ScrapeError.TlsUntrusted when error.Setting == Setting.CertificateAuthority => $"Check that -CertificateAuthority holds the root that issued it; {CertificateAuthority}.",
        ScrapeError.TlsUntrusted => $"Pass the CA bundle with -CertificateAuthority ({CertificateAuthority}), or accept any certificate with -SkipCertificateCheck.",
        ScrapeError.TlsNameMismatch when error.OtherName is { } name => $"If that is the server you mean, pass -ServerName {name}.",
        ScrapeError.TlsNameMismatch => "Use an address that the certificate names, or pass -ServerName with a name that it covers.",
        ScrapeError.TlsExpired => "Check the clocks of both machines; renew the certificate, or accept any with -SkipCertificateCheck.",
        ScrapeError.TlsHandshake when error.Setting == Setting.ClientCertificate => "The server wants a certificate of this side: pass -Certificate.",
        ScrapeError.TlsHandshake =>
            "Check that the port speaks HTTPS (else write http:// in -Uri) with TLS 1.2 or later, and whether the server accepts this side's certificate (-Certificate).",
        ScrapeError.Busy => "Others scrape it too: try later, or raise -MaximumRetryCount and -TimeoutSec.",
        ScrapeError.Unauthorized => "Pass -Token, -Credential or -Certificate, or check that it is still valid." + NotSent(error),
        ScrapeError.Forbidden => "Whoever -Token, -Credential or -Certificate stands for may not read this address; have it allowed, or pass another." + NotSent(error),
        ScrapeError.HttpStatus when error.StatusCode == System.Net.HttpStatusCode.NotFound => "Check the path in -Uri; KubeVirt's metrics are at /metrics.",
        ScrapeError.HttpStatus when error.StatusCode == System.Net.HttpStatusCode.BadRequest => "Check whether -Uri should begin with https://, and what -Headers sends.",
        ScrapeError.HttpStatus => "Check -Uri, and the endpoint's own log.",
        ScrapeError.TooManyRedirects => "Give the final address as -Uri, or raise -MaximumRedirection.",
        ScrapeError.BadRedirect => "Give the final address as -Uri, if that is wanted.",
        ScrapeError.InvalidResponse => "Check that -Uri is a metrics endpoint: its port, and whether it should begin with https://.",
        ScrapeError.BodyTooLarge => $"If it is meant to be so large, raise {(error.Setting == Setting.CompressedSize ? "-MaximumCompressedSize" : "-MaximumBodySize")}.",
        ScrapeError.TooManySeries when error.Setting == Setting.Names => "Look for names that hold what belongs into a label, or raise -MaximumNames if it is meant to have so many.",
        ScrapeError.TooManySeries => "Look for labels that differ in every series, or raise -MaximumSeries if it is meant to have so many.",
        ScrapeError.NotExposition when error.Setting == Setting.Address => "Check the path in -Uri (KubeVirt's metrics are at /metrics), and whether a sign-in page answered (-Token).",
        ScrapeError.NotExposition when error.Setting == Setting.File => "Check that -Path is a saved scrape, plain or gzip.",
        ScrapeError.NotExposition => "Text on the pipeline is read as a scrape. To read a file, give its path to -Path.",
        ScrapeError.Truncated => "Try again; if it stays, look at the endpoint's own log, and at proxies in between.",
        ScrapeError.BadGzip => "Get it again; if it stays, look at proxies in between.",
        ScrapeError.UnsupportedEncoding => "Leave Accept-Encoding out of -Headers, and look at proxies in between.",
        ScrapeError.FileNotFound when error.Setting == Setting.File => "Check -Path; wildcards are allowed there.",
        ScrapeError.FileNotFound => $"Check the path given to {NameOf(error.Setting ?? Setting.File)}.",
        ScrapeError.FileUnreadable when error.Setting == Setting.File => "Check its permissions, and that -Path names a file; a wildcard such as *.prom names those in a folder.",
        ScrapeError.FileUnreadable => $"Check its permissions, or give {NameOf(error.Setting ?? Setting.File)} another.",
        ScrapeError.BadCertificateFile => $"Give -CertificateAuthority a PEM bundle with BEGIN CERTIFICATE blocks; {CertificateAuthority}.",
        ScrapeError.UnknownComponent => "Say it with -Component Api, Controller, Handler or Operator, or take everything as it is with -Raw.",
        ScrapeError.UnencryptedAuthentication => "Use https:// in -Uri, or allow it with -AllowUnencryptedAuthentication.",
        ScrapeError.InvalidTarget => "Write -Uri like https://10.0.0.5:8443/metrics; for a saved scrape use -Path.",
        ScrapeError.InvalidOption => error.Setting switch
        {
            Setting.Credential => "Leave out -Token or -Credential.",
            Setting.Token => "Pass the bare token, without 'Bearer' and without a line end.",
            Setting.Headers => "Pass names like X-Scope-OrgID and values of one line.",
            Setting.Proxy => "Write -Proxy like http://proxy.example:3128; socks5:// works too.",
            _ => "Pass one that has its private key, from a PFX file or a PEM pair.",
        },
        ScrapeError.Unexpected => "This is a defect of the module: please report it.",
        _ => "",
    };

    // What a setting can do about an error that brings its own advice, or needs none.
    private static string OfSetting(MonitorException? error, Setting? setting) => setting switch
    {
        Setting.Timeout when error is ScrapeException { Cause: ScrapeError.Busy } => "To wait for it here, raise -MaximumRetryCount and -TimeoutSec.",
        Setting.Timeout => "-TimeoutSec allows more time.",
        Setting.KubeConfig when error is KubernetesException { Error: KubernetesError.NoConfiguration } => "Or name one with -KubeConfigPath, connect with -Server and -Token, or with -InCluster inside a pod.",
        Setting.KubeConfig => "-KubeConfigPath names another file.",
        Setting.Context => "-Context names one.",
        Setting.Server or Setting.Token => "Connect-KubeVirt takes them with -Server and -Token.",
        Setting.CertificateAuthority when error is KubernetesException => "Together with -Server, pass it with -CertificateAuthority.",
        Setting.Namespace => "-Namespace names it.",
        Setting.InstallNamespace => error is KubernetesException { Error: KubernetesError.NotFound }
            ? "Leave -InstallNamespace out to look in all namespaces."
            : error is KubernetesException { Error: KubernetesError.Forbidden }
                ? "Without that permission, name the namespace KubeVirt is installed in with -InstallNamespace, usually kubevirt."
                : "-InstallNamespace says which one is meant.",
        Setting.Route => error switch
        {
            ScrapeException { Cause: ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch or ScrapeError.TlsExpired } =>
                "Connect with -Route PortForward to be sure whom you ask; only ApiServerProxy goes without verification.",
            ScrapeException { Cause: ScrapeError.Timeout } => "Raise -TimeoutSec; from outside the cluster, connect with -Route PortForward or ApiServerProxy.",
            KubernetesException => "-Route ApiServerProxy leaves the way to the pods to the API server.",
            _ => "From outside the cluster, connect with -Route PortForward or ApiServerProxy; a way that is asked for is always taken.",
        },
        Setting.Component => "Get-KubeVirtComponent finds them, too.",
        Setting.Session => "Open a new one with Connect-KubeVirt.",
        Setting.Probe => "Give one with -Probe, or with -HttpGet, -TcpSocket, -GuestAgentPing or -Exec.",
        Setting.Force => "Install-KubeVirtAgentPatch -Force overrules it.",
        Setting.AnnotationVersion => "That is New-KubeVirtAgentPatch -AnnotationVersion 2.",
        Setting.AgentAccount => "-AgentNamespace and -AgentServiceAccount name the account.",
        Setting.AgentPatch => error switch
        {
            KubernetesException { Error: KubernetesError.ArgumentInvalid } => "That is: \"$patch\" | kubectl apply -f -",
            _ => "That is: New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch",
        },
        Setting.AgentAuthority => "That is New-KubeVirtAgentPatch -TlsCaCert.",
        Setting.AgentVerification => "That is: without -SkipTlsVerify.",
        _ => "",
    };

    private static string NotSent(ScrapeException error) =>
        error.Setting == Setting.Address ? " It was not sent to the host that the redirect led to; give that address as -Uri." : "";

    private static string Join(string outside, string own) => outside.Length == 0 ? own : $"{outside} {own}";
}
