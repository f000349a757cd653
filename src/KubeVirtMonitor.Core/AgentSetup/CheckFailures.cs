using System.Globalization;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>What is behind the errors of the Agent's checks. The texts are those of Python, its ssl module and requests, and of the checks' own code.</summary>
internal static class CheckFailures
{
    private static readonly (Regex Pattern, Func<AnnotatedCheck, MetricTarget, (string, Setting?)> Advice)[] Known =
    [
        (Of("hostname mismatch|ip address mismatch|doesn't match|not valid for|certificateerror.*match"), static (_, target) =>
            ($"The certificates of KubeVirt name services and no addresses: set tls_use_host_header, and extra_headers with Host {ServiceOf(target)}.", Setting.InstalledPatch)),
        (Of("certificate has expired"), static (_, _) => ("KubeVirt renews its certificates by itself: check the log of virt-operator, and the clocks of both nodes.", null)),
        (Of("certificate is not yet valid"), static (_, _) => ("Check the clocks of the nodes.", null)),
        (Of("certificate_verify_failed|certificate verify failed|unable to get (local )?issuer|self[- ]signed certificate"), static (check, _) => check.IsOfKubeVirt
            ? ($"Check {ForeignText.OfStranger.Line(check.Name, 80)} hands only tls_verify to its scraper, and so trusts the authorities of the Agent's image alone: use the check openmetrics, or turn tls_verify off.", Setting.InstalledPatch)
            : ("The Agent does not have the authority that issued the certificate: it is missing, not mounted, or an old one. The points Authority and Mount show which; a ConfigMap that has changed reaches the container within two minutes.", null)),
        (Of("ca certificate bundle|no_certificate_or_crl_found|no such file or directory"), static (_, _) =>
            ("What tls_ca_cert names is not in the Agent's container, or holds no certificate. The point Mount shows what is mounted.", null)),
        (Of("certificate_required|bad_certificate|handshake_failure|wrong_version_number|sslv3|tlsv1"), static (_, _) => ("Check that the address is one of HTTPS, and that nothing stands between the Agent and the pod.", null)),
        (Of("not allowed from untrusted provider"), static (_, _) => ("The Agent's setting integration_ignore_untrusted_file_params forbids paths in annotations: add this one to integration_file_paths_allowlist.", null)),
        (Of("url: /apis/"), static (_, _) => ("The Agent cannot reach the API server, which this check asks for VMs and VMIs: check NetworkPolicies and proxies of the Agent.", null)),
        (Of("connection refused|errno 111"), static (_, target) => ($"Nothing listens on that port of the pod: look at it with 'kubectl logs -n {target.Pod.Namespace} {target.Pod.Name}'.", null)),
        (Of("timed out|timeout value|timeouterror"), static (_, _) => ("The pod does not answer in time: check NetworkPolicies between the Agent and the pod, or raise timeout in the annotations.", null)),
        (Of("name or service not known|nameresolutionerror|failed to parse|no connection adapters|no scheme supplied"), static (_, _) => ("Correct the address in the annotations: https://%%host%%:%%port_metrics%%/metrics.", Setting.InstalledPatch)),
        (Of("no route to host|network is unreachable|connection reset|connection aborted|connection broken"), static (_, _) => ("Check that the pod runs, and NetworkPolicies between the Agent and the pod.", null)),
        (Of(@"\(40[13]\)|\b40[13] client error"), static (check, _) => check.Name == "kubevirt_api"
            ? ($"The check lists VMs and VMIs with the Agent's service account: bind the ClusterRole {AgentAccess.Role} to it.", Setting.InstalledPatch)
            : ("The pod refuses the Agent: check what stands between the two, and the credentials in the annotations.", null)),
        (Of(@"\b4\d\d client error"), static (_, _) => ("Check the path of the address in the annotations: the metrics are at /metrics.", Setting.InstalledPatch)),
        (Of(@"\b5\d\d server error"), static (_, target) => ($"Look at the pod with 'kubectl logs -n {target.Pod.Namespace} {target.Pod.Name}'.", null)),
        (Of("is required|must be|while loading configuration|configurationerror|error compiling transformer|patternerror|invalid timeout"), static (_, _) => ("Correct the options in the annotations.", Setting.InstalledPatch)),
        (Of("keyerror|'nonetype' object"), static (check, _) => check.Name == "kubevirt_api"
            ? ("The check stops at a VM without labels in its template, or a VMI without labels, before it scrapes: give each of them a label. The check openmetrics does not look at them.", null)
            : ("Look at the whole error with 'agent status' in the Agent's pod.", null)),
    ];

    // What the base puts around the error of a scrape, and urllib3 around its cause. Which pod it is about is known.
    private static readonly Regex Around = new(@"^There was an error scraping endpoint \S+: (HTTPS?ConnectionPool\([^)]*\): Max retries exceeded with url: \S+ \(Caused by (?<what>.*)\)|(?<what>.*))$", RegexOptions.Singleline | RegexOptions.CultureInvariant);

    // The Kubernetes client tells all of an answer, of which the message of its body is what matters.
    private static readonly Regex Refusal = new(@"^\((?<code>\d{3})\)\s+Reason: [^\r\n]*?\s+HTTP response headers: .*?HTTP response body: .*?""message"":""(?<message>(?:[^""\\]|\\.)*)""", RegexOptions.Singleline | RegexOptions.CultureInvariant);

    private static readonly Regex Exceeded = Of(@"exceeded limit of (?<limit>\d+) ");

    /// <summary>What to do about an error, and the setting that it hangs on.</summary>
    public static (string Advice, Setting? Setting) Advise(AgentCheckError error, AnnotatedCheck check, MetricTarget target)
    {
        string text = $"{error.Exception}: {error.Message}";
        foreach ((Regex pattern, Func<AnnotatedCheck, MetricTarget, (string, Setting?)> advice) in Known)
        {
            if (pattern.IsMatch(text)) return advice(check, target);
        }

        return ("Look at the whole error with 'agent status' in the Agent's pod.", null);
    }

    /// <summary>The error without what is the same around each.</summary>
    public static string Short(AgentCheckError error) => Refusal.Match(error.Text) is { Success: true } refused
        ? $"the API server answered {refused.Groups["code"].Value}: {refused.Groups["message"].Value.Replace("\\\"", "\"", StringComparison.Ordinal)}"
        : Around.Match(error.Text) is { Success: true } match && match.Groups["what"].Value.Trim() is { Length: > 0 } what ? what : error.Text;

    /// <summary>The limit of metrics that a warning speaks of; null = it is another warning.</summary>
    public static double? Limit(string warning) =>
        Exceeded.Match(warning) is { Success: true } match && double.TryParse(match.Groups["limit"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out double limit) ? limit : null;

    private static string ServiceOf(MetricTarget target) => ComponentFacts.CertificateNamesOf(target.Component, target.Pod.Namespace).Name;

    private static Regex Of(string pattern) => new(pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
}
