
namespace KubeVirtMonitor.Errors;

/// <summary>
/// Advice for an error, with the names of cmdlets and parameters: the only place that maps a setting to them. Advice about what to do outside (in a cluster,
/// in a kubeconfig, in a conf.yaml) is part of the error; only what a parameter or another cmdlet can do is added here.
/// </summary>
internal static class Advice
{
    private const string CertificateAuthority = $"KubeVirt's is the key {ComponentFacts.AuthorityKey} of ConfigMap {ComponentFacts.AuthorityConfigMap}";
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
        Advice = Join(point.Advice, setting switch
        {
            Setting.Timeout => "To wait for it, use -TimeoutSec.",
            // The other way round than for a patch of others: an Agent that is too old for version 2.
            Setting.AnnotationVersion => "Create the patch again with New-KubeVirtAgentPatch -AnnotationVersion 1 and the other parameters as before, and pipe it to Install-KubeVirtAgentPatch.",
            Setting.AuthorityRenewal => $"Run: New-KubeVirtAgentPatch -AgentNamespace {point.AgentNamespace} | Install-KubeVirtAgentPatch -AuthorityOnly",
            _ => OfSetting(null, setting),
        }),
    };

    /// <summary>The result, with what helps where something is missing.</summary>
    /// <param name="result">The result.</param>
    /// <param name="hasServer">Whether a server was asked already.</param>
    public static AlertResult In(AlertResult result, bool hasServer) => result.Remedy == AlertRemedy.None || (hasServer && result.Remedy == AlertRemedy.Server) ? result : result with
    {
        Missing = Join(result.Missing ?? "", result.Remedy switch
        {
            AlertRemedy.Server => "Specify -WithHistory, which asks the server of the session, or -PrometheusUri.",
            AlertRemedy.SecondLook => "Specify -SampleInterval 20 or more in place of 0.",
            _ => "Specify -SampleInterval 20 or more.",
        }),
    };

    /// <summary>The drift, with how to get what the scrape lacks or the catalogue does not know.</summary>
    public static MetricDrift In(MetricDrift drift) => drift switch
    {
        { Reason: MetricDrift.NotInCatalogue } => drift with { Reason = Join(drift.Reason, "Get-KubeVirtMetric -IncludeUnmapped writes it under its raw name.") },
        // Beside the counts of machines nothing else is on no endpoint.
        { Status: DriftStatus.NotOnEndpoint } when drift.Name.EndsWith(".can_connect", StringComparison.Ordinal) => drift with { Reason = Join(drift.Reason ?? "", "Get-KubeVirtMetric -HealthUri reads it.") },
        _ => drift,
    };

    /// <summary>What to do about a line of a scrape.</summary>
    public static string Of(ExpositionDefect defect) => defect.Cause switch
    {
        DefectCause.LineTooLong => "If the line is meant to be this long, raise -MaximumLineLength.",
        DefectCause.TooManyLabels => "If the series is meant to have this many, raise -MaximumLabels.",
        DefectCause.NoLineEnd => "If the line is complete, use -AllowMissingFinalNewline to keep it.",
        _ when defect.IsKept => "The line was kept unchanged. Correct the exporter or the saved file.",
        _ => "The line was dropped; the lines around it were kept. Correct the exporter or the saved file.",
    };

    /// <summary>What the cmdlets call a setting, where it is a parameter by itself.</summary>
    public static string NameOf(Setting setting) => setting switch
    {
        Setting.ClientCertificate => "-Certificate",
        Setting.PrometheusAddress => "-PrometheusUri",
        _ => $"-{setting}",
    };

    private static string Own(ScrapeException error) =>
        error.Advice.Length > 0 ? OfSetting(error, error.Setting) : error.Setting == Setting.PrometheusAddress ? OfServer(error) : OfEndpoint(error);

    // What differs from an endpoint of a component.
    private static string OfServer(ScrapeException error) => error.Cause switch
    {
        ScrapeError.ConnectionRefused => "Check the host and port in -PrometheusUri, and that the server is running.",
        ScrapeError.Unreachable or ScrapeError.Timeout => "Check -PrometheusUri, and that the address can be reached from here; a server inside a cluster often can only through a route, kubectl port-forward, or the API server of a session.",
        ScrapeError.Unauthorized or ScrapeError.HttpStatus when error.What.Contains("no org id", StringComparison.OrdinalIgnoreCase) => "The server has tenants: name yours with -Headers @{ 'X-Scope-OrgID' = 'NAME' }.",
        ScrapeError.Unauthorized => "Pass -Token, -Credential or -Certificate, or the headers that its proxy wants with -Headers; in OpenShift, the token of oc whoami -t.",
        ScrapeError.Forbidden => "The identity in -Token, -Credential or -Certificate may not query this server: grant it access (in OpenShift, the role cluster-monitoring-view), or pass another one.",
        ScrapeError.NotQueryAnswer => "Check the path in -PrometheusUri: the API of Mimir is at /prometheus, that of a VictoriaMetrics cluster at /select/0/prometheus, others are at the root unless they have a prefix of their own.",
        ScrapeError.Busy => "Other clients are querying it too: try again later, or raise -MaximumRetryCount and -TimeoutSec.",
        ScrapeError.HttpStatus => "Check -PrometheusUri, the log of the server, and proxies in between.",
        ScrapeError.InvalidResponse => "Check that -PrometheusUri is a server with Prometheus' API: its port, and whether it should begin with https://.",
        ScrapeError.TlsUntrusted => "Pass the CA bundle of its issuer with -CertificateAuthority, or accept any certificate with -SkipCertificateCheck.",
        ScrapeError.Truncated => "Try again. If the problem persists, check the log of the server, and proxies in between.",
        ScrapeError.InvalidTarget => "Write -PrometheusUri like https://prometheus.example.com:9090.",
        _ => OfEndpoint(error).Replace("-Uri", "-PrometheusUri", StringComparison.Ordinal),
    };

    private static string OfEndpoint(ScrapeException error) => error.Cause switch
    {
        ScrapeError.ConnectionRefused => "Check the host and port in -Uri, and that the pod is running.",
        ScrapeError.Timeout when error.Setting == Setting.Timeout => "Raise -TimeoutSec, or check that the address can be reached from here.",
        ScrapeError.Unreachable or ScrapeError.Timeout => "Check -Uri, and " + Reach,
        ScrapeError.ConnectionReset when error.Target.StartsWith("https:", StringComparison.Ordinal) =>
            "Try again, or raise -MaximumRetryCount; a server that requires a client certificate (-Certificate) may also close the connection in this way.",
        ScrapeError.ConnectionReset => "Try again, or raise -MaximumRetryCount; check whether -Uri should begin with https://.",
        ScrapeError.NameResolution => "Check the host in -Uri; names such as *.svc exist only inside the cluster.",
        ScrapeError.Proxy when error.StatusCode == System.Net.HttpStatusCode.ProxyAuthenticationRequired => "Pass -ProxyCredential.",
        ScrapeError.Proxy => "Check -Proxy, or bypass it with -NoProxy.",
        ScrapeError.TlsUntrusted when error.Setting == Setting.CertificateAuthority => $"Check that -CertificateAuthority contains the root that issued it; {CertificateAuthority}.",
        ScrapeError.TlsUntrusted => $"Pass the CA bundle with -CertificateAuthority ({CertificateAuthority}), or accept any certificate with -SkipCertificateCheck.",
        ScrapeError.TlsNameMismatch when error.OtherName is { } name => $"If that is the server you mean, pass -ServerName {name}.",
        ScrapeError.TlsNameMismatch => "Use an address that the certificate contains, or pass -ServerName with a name that it contains.",
        ScrapeError.TlsExpired => "Check the clocks of both machines; renew the certificate, or accept any with -SkipCertificateCheck.",
        ScrapeError.TlsHandshake when error.Setting == Setting.ClientCertificate => "The server requires a client certificate: pass -Certificate.",
        ScrapeError.TlsHandshake =>
            "Check that the port serves HTTPS (otherwise write http:// in -Uri) with TLS 1.2 or later, and whether the server accepts the client certificate (-Certificate).",
        ScrapeError.Busy => "Other clients are scraping it too: try again later, or raise -MaximumRetryCount and -TimeoutSec.",
        ScrapeError.Unauthorized => "Pass -Token, -Credential or -Certificate, or check that it is still valid." + NotSent(error),
        ScrapeError.Forbidden => "The identity in -Token, -Credential or -Certificate may not read this address: grant it access, or pass another one." + NotSent(error),
        ScrapeError.HttpStatus when error.StatusCode == System.Net.HttpStatusCode.NotFound => "Check the path in -Uri; KubeVirt's metrics are at /metrics.",
        ScrapeError.HttpStatus when error.StatusCode == System.Net.HttpStatusCode.BadRequest => "Check whether -Uri should begin with https://, and what -Headers sends.",
        ScrapeError.HttpStatus => "Check -Uri, and the endpoint's own log.",
        ScrapeError.TooManyRedirects => "Pass the final address to -Uri, or raise -MaximumRedirection.",
        ScrapeError.BadRedirect => "If you want to scrape the final address, pass it to -Uri.",
        ScrapeError.InvalidResponse => "Check that -Uri is a metrics endpoint: its port, and whether it should begin with https://.",
        ScrapeError.BodyTooLarge => $"If it is meant to be this large, raise {(error.Setting == Setting.CompressedSize ? "-MaximumCompressedSize" : "-MaximumBodySize")}.",
        ScrapeError.TooManySeries when error.Setting == Setting.Names => "Look for names that contain what should be a label, or raise -MaximumNames if it is meant to have this many.",
        ScrapeError.TooManySeries => "Look for labels that differ in every series, or raise -MaximumSeries if it is meant to have this many.",
        ScrapeError.NotExposition when error.Setting == Setting.Address => "Check the path in -Uri (KubeVirt's metrics are at /metrics), and whether the response is a sign-in page (-Token).",
        ScrapeError.NotExposition when error.Setting == Setting.File => "Check that -Path is a saved scrape, plain or gzip.",
        ScrapeError.NotExposition => "Text from the pipeline is read as a scrape. To read a file, pass its path to -Path.",
        ScrapeError.NotQueryAnswer => "Check the address, and that it is a server with Prometheus' API.",
        ScrapeError.QueryRefused => "Correct the expression; servers also differ in the functions that they know.",
        ScrapeError.QueryTooLarge => "Ask for less: a shorter range, a wider -Step, or fewer series (-Namespace, -Match).",
        ScrapeError.QueryTimeout => "Ask for less, such as a shorter range or a wider -Step, or try again when the server is less busy.",
        ScrapeError.QueryFailed => "Try again. If the problem persists, check the log of the server.",
        ScrapeError.Truncated => "Try again. If the problem persists, check the log of the endpoint, and proxies in between.",
        ScrapeError.BadGzip => "Get it again. If the problem persists, check proxies in between.",
        ScrapeError.UnsupportedEncoding => "Remove Accept-Encoding from -Headers, and check proxies in between.",
        ScrapeError.FileNotFound when error.Setting == Setting.File => "Check -Path; wildcards are allowed there.",
        ScrapeError.FileNotFound => $"Check the path given to {NameOf(error.Setting ?? Setting.File)}.",
        ScrapeError.FileUnreadable when error.Setting == Setting.File => "Check its permissions, and that -Path is a file; to read the files in a folder, use a wildcard such as *.prom.",
        ScrapeError.FileUnreadable => $"Check its permissions, or pass another file to {NameOf(error.Setting ?? Setting.File)}.",
        ScrapeError.BadCertificateFile => $"Pass a PEM bundle with BEGIN CERTIFICATE blocks to -CertificateAuthority; {CertificateAuthority}.",
        ScrapeError.UnknownComponent => "Specify -Component Api, Controller, Handler or Operator, or read everything unchanged with Get-KubeVirtMetric -Raw.",
        ScrapeError.UnencryptedAuthentication => "Use https:// in -Uri, or allow it with -AllowUnencryptedAuthentication.",
        ScrapeError.InvalidTarget => "Write -Uri like https://10.0.0.5:8443/metrics; for a saved scrape use -Path.",
        ScrapeError.InvalidOption => error.Setting switch
        {
            Setting.Credential => "Omit -Token or -Credential.",
            Setting.Token => "Pass only the token, without 'Bearer' and without a line break.",
            Setting.Headers => "Pass names like X-Scope-OrgID and values of one line.",
            Setting.Match => "Write -Match like cluster=prod*, or as a hashtable: @{ cluster = 'prod*' }.",
            Setting.Proxy => "Write -Proxy like http://proxy.example:3128; socks5:// works too.",
            _ => "Pass one that has its private key, from a PFX file or a PEM pair.",
        },
        ScrapeError.Unexpected => "This is a defect of the module: please report it.",
        _ => "",
    };

    // What a setting can do about an error that brings its own advice, or needs none.
    private static string OfSetting(MonitorException? error, Setting? setting) => setting switch
    {
        Setting.Timeout when error is ScrapeException { Cause: ScrapeError.Busy } => "To wait longer, raise -MaximumRetryCount and -TimeoutSec.",
        Setting.Timeout => "To allow more time, raise -TimeoutSec.",
        Setting.PrometheusAddress => "To ask another server, pass its address to -PrometheusUri.",
        Setting.KubeConfig when error is KubernetesException { Error: KubernetesError.NoConfiguration } => "Or specify one with -KubeConfigPath, or connect with -Server and -Token, or with -InCluster inside a pod.",
        Setting.KubeConfig => "To use another file, pass it to -KubeConfigPath.",
        Setting.Context => "To select one, use -Context.",
        Setting.Server or Setting.Token => "To connect with them, use Connect-KubeVirt -Server and -Token.",
        Setting.CertificateAuthority when error is KubernetesException => "Together with -Server, pass it with -CertificateAuthority.",
        Setting.Namespace => "Specify it with -Namespace.",
        Setting.InstallNamespace => error is KubernetesException { Error: KubernetesError.NotFound }
            ? "To search all namespaces, omit -InstallNamespace."
            : error is KubernetesException { Error: KubernetesError.Forbidden }
                ? "Without that permission, specify the namespace that KubeVirt is installed in, usually kubevirt, with -InstallNamespace."
                : "Specify which one to use with -InstallNamespace.",
        Setting.Route => error switch
        {
            ScrapeException { Cause: ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch or ScrapeError.TlsExpired } =>
                "To be sure that you reach the right pod, connect with -Route PortForward; only ApiServerProxy does not verify certificates.",
            ScrapeException { Cause: ScrapeError.Timeout } => "Raise -TimeoutSec; from outside the cluster, connect with -Route PortForward or ApiServerProxy.",
            KubernetesException => "With -Route ApiServerProxy, the API server connects to the pods.",
            _ => "From outside the cluster, connect with -Route PortForward or ApiServerProxy; a route that you specify is always used.",
        },
        Setting.Component => "Get-KubeVirtComponent lists them too.",
        Setting.PrometheusUri => "To ask a server by its address, use -PrometheusUri.",
        Setting.Session => "Open a new one with Connect-KubeVirt.",
        Setting.Probe => "Pass one with -Probe, or use -HttpGet, -TcpSocket, -GuestAgentPing or -Exec.",
        Setting.Force => "To override it, use Install-KubeVirtAgentPatch -Force.",
        Setting.AnnotationVersion => "Use New-KubeVirtAgentPatch -AnnotationVersion 2.",
        Setting.AgentAccount => "Specify the account with -AgentNamespace and -AgentServiceAccount.",
        Setting.AgentPatch => error switch
        {
            KubernetesException { Error: KubernetesError.ArgumentInvalid } => "Run: \"$patch\" | kubectl apply -f -",
            _ => "Run: New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch",
        },
        // A patch with the defaults would take away what the installed one has of cluster name, tags and namespace.
        Setting.InstalledPatch => "Create the patch again with New-KubeVirtAgentPatch and the same parameters as before, and pipe it to Install-KubeVirtAgentPatch.",
        Setting.AgentAuthority => "Create the patch again with New-KubeVirtAgentPatch -CertificateAuthority and the other parameters as before, and pipe it to Install-KubeVirtAgentPatch.",
        Setting.AgentMount => "New-KubeVirtAgentPatch -As HelmValues, DatadogAgent or DaemonSetPatch writes it for the tool that keeps the Agent.",
        Setting.AgentVerification => "Create the patch again with New-KubeVirtAgentPatch and the same parameters as before, without -SkipCertificateCheck, and pipe it to Install-KubeVirtAgentPatch.",
        _ => "",
    };

    private static string NotSent(ScrapeException error) =>
        error.Setting == Setting.Address ? " It was not sent to the host that the redirect led to; to scrape that host, pass its address to -Uri." : "";

    private static string Join(string outside, string own) => outside.Length == 0 ? own : $"{outside} {own}";
}
