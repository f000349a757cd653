using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Net;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>What is said of the metrics of a pod, from what the Agents on its node answer. The clock of the Agent stands at 22:20:00.</summary>
public sealed class MetricJudgeTests
{
    private const long Now = 1795818000;

    private const string OpenMetrics = """{"openmetrics":{"init_config":{},"instances":[{"openmetrics_endpoint":"https://%%host%%:%%port_metrics%%/metrics","namespace":"kubevirt_handler","tls_verify":true,"tls_ca_cert":"/etc/kubevirt-ca"}]}}""";
    private const string KubeVirt = """{"kubevirt_handler":{"init_config":{},"instances":[{"kubevirt_handler_metrics_endpoint":"https://%%host%%:%%port%%/metrics","tls_verify":false}]}}""";
    private const string Api = """{"kubevirt_api":{"init_config":{},"instances":[{"kubevirt_api_metrics_endpoint":"https://%%host%%:%%port_metrics%%/metrics","tls_verify":false,"metric_patterns":{"include":["can_connect","^vm\\.count$","^vmi\\.count$"]}}]}}""";

    private static string Sound => Instance();

    [Fact]
    public void MetricsThatArrivePass()
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document(Sound));
        Assert.Equal((AgentPatchState.Passed, "datadog-agent-a: openmetrics 7.0.1 runs. Last run 9 s ago, last success 9 s ago, 23780 samples at a time, 190240 in all.", "", (Setting?)null), (point.State, point.Message, point.Advice, point.Setting));
        Assert.Equal((AgentPatchCheck.Metrics, "virt-handler-x"), (point.Check, point.Target));
    }

    [Fact]
    public void AnAgentThatDoesNotSayWhenTheLastSuccessWasIsJudgedByItsLastRun()
    {
        string document = Document(Sound.Replace("\"LastSuccessDate\":1795817991,", "", StringComparison.Ordinal));
        Assert.Equal("datadog-agent-a: openmetrics 7.0.1 runs. Last run 9 s ago, last success 9 s ago, 23780 samples at a time, 190240 in all.", Judge(OpenMetrics, document).Message);
    }

    [Fact]
    public void WhereAnAgentDoesNotTellTheTimeTheClockOfTheSessionCounts()
    {
        // 13 seconds after the clock of the Agent in the other tests, and two minutes: what is old is seen to be.
        string document = Document(Sound).Replace("\"time_nano\":1795818000000000000,", "", StringComparison.Ordinal);
        Assert.StartsWith("datadog-agent-a: openmetrics 7.0.1 runs. Last run 22 s ago, last success 22 s ago,", Judge(OpenMetrics, [Answer("datadog-agent-a", document, time: At(Now + 13))]).Message, StringComparison.Ordinal);
        AgentPatchStatus old = Judge(OpenMetrics, [Answer("datadog-agent-a", document, time: At(Now + 120))]);
        Assert.Equal((AgentPatchState.Failed, "datadog-agent-a: openmetrics 7.0.1 no longer runs, although it should every 15 s. Last run 129 s ago, last success 129 s ago."), (old.State, old.Message));

        static FakeTimeProvider At(long seconds) => new(DateTimeOffset.FromUnixTimeSeconds(seconds));
    }

    /// <summary>The errors are those of the checks' own code with Python 3.13 (base 37.0 to 37.20), shortened where they are long.</summary>
    public static TheoryData<string, string, Setting?> Failures => new()
    {
        { "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1029)')))", "The Agent does not have the authority that issued the certificate: it is missing, not mounted, or an old one. The points Authority and Mount show which; a ConfigMap that has changed reaches the container within two minutes.", null },
        { "(Caused by SSLError(SSLCertVerificationError(1, \"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: IP address mismatch, certificate is not valid for '10.244.1.14'. (_ssl.c:1029)\")))", Names, Setting.InstalledPatch },
        { "(Caused by SSLError(CertificateError(\"hostname 'virt-api.kubevirt.svc' doesn't match either of 'virt-handler', 'virt-handler.kubevirt', 'virt-handler.kubevirt.svc'\")))", Names, Setting.InstalledPatch },
        { "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1029)')))", "KubeVirt renews its certificates by itself: check the log of virt-operator, and the clocks of both nodes.", null },
        { "Could not find a suitable TLS CA certificate bundle, invalid path: /no/such/dir", Path, null },
        { "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found (_ssl.c:4346)", Path, null },
        { "(Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f0123456789>: Failed to establish a new connection: [Errno 111] Connection refused'))", "Nothing listens on that port of the pod: look at it with 'kubectl logs -n kubevirt virt-handler-x'.", null },
        { "HTTPSConnectionPool(host='10.244.1.14', port=8443): Read timed out. (read timeout=10.0)", "The pod does not answer in time: check NetworkPolicies between the Agent and the pod, or raise timeout in the annotations.", null },
        { "Failed to parse: https://%%host%%:8443/metrics", "Correct the address in the annotations: https://%%host%%:%%port_metrics%%/metrics.", Setting.InstalledPatch },
        { "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))", "Check that the pod runs, and NetworkPolicies between the Agent and the pod.", null },
        { "401 Client Error: Unauthorized for url: https://10.244.1.14:8443/metrics", "The pod refuses the Agent: check what stands between the two, and the credentials in the annotations.", null },
        { "403 Client Error: Forbidden for url: https://10.244.1.14:8443/metrics", "The pod refuses the Agent: check what stands between the two, and the credentials in the annotations.", null },
        { "404 Client Error: Not Found for url: https://10.244.1.14:8443/nope", "Check the path of the address in the annotations: the metrics are at /metrics.", Setting.InstalledPatch },
        { "500 Server Error: Internal Server Error for url: https://10.244.1.14:8443/metrics", "Look at the pod with 'kubectl logs -n kubevirt virt-handler-x'.", null },
        { "The setting `openmetrics_endpoint` is required", Options, Setting.InstalledPatch },
        { "Setting `metrics` must be an array", Options, Setting.InstalledPatch },
        { "Error compiling transformer for metric `g`: unknown type `gague`", Options, Setting.InstalledPatch },
        { "Detected 1 error while loading configuration model `InstanceConfig`:\ntls_verify\n  Input should be a valid boolean, unable to interpret input", Options, Setting.InstalledPatch },
        { "Detected 1 error while loading configuration model `InstanceConfig`:\ntls_ca_cert\n  Field 'tls_ca_cert' is not allowed from untrusted provider 'kubernetes-container-allinone'", "The Agent's setting integration_ignore_untrusted_file_params forbids paths in annotations: add this one to integration_file_paths_allowlist.", null },
        { "something that nobody has seen before", "Look at the whole error with 'agent status' in the Agent's pod.", null },
    };

    private const string Names = "The certificates of KubeVirt name services and no addresses: set tls_use_host_header, and extra_headers with Host virt-handler.kubevirt.svc.";
    private const string Path = "What tls_ca_cert names is not in the Agent's container, or holds no certificate. The point Mount shows what is mounted.";
    private const string Options = "Correct the options in the annotations.";

    [Theory]
    [MemberData(nameof(Failures))]
    public void AFailureIsTheLastErrorAndWhatToDo(string error, string advice, Setting? setting)
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document(Instance(error: error, success: 0)));
        Assert.Equal((AgentPatchState.Failed, advice, setting), (point.State, point.Advice, point.Setting));
        string shown = System.Text.RegularExpressions.Regex.Replace(error, @"\s+", " ") + ".";
        Assert.Equal($"datadog-agent-a: openmetrics 7.0.1 fails: {shown} Last run 9 s ago, last success never.", point.Message);
    }

    [Fact]
    public void AnErrorOfManyLinesIsOneAndAnEarlierSuccessIsTold()
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document(Instance(error: "one\n  two\r\nthree", success: Now - 600)));
        Assert.Equal("datadog-agent-a: openmetrics 7.0.1 fails: one two three. Last run 9 s ago, last success 600 s ago.", point.Message);
    }

    [Theory]
    [InlineData(
        "There was an error scraping endpoint https://10.244.1.14:8443/metrics: HTTPSConnectionPool(host='10.244.1.14', port=8443): Max retries exceeded with url: /metrics (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1029)')))",
        "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1029)')).")]
    [InlineData("There was an error scraping endpoint http://127.0.0.1:18080/500: 500 Server Error: Internal Server Error for url: http://127.0.0.1:18080/500", "500 Server Error: Internal Server Error for url: http://127.0.0.1:18080/500.")]
    public void WhatIsTheSameAroundEachErrorIsLeftOut(string error, string shown) =>
        Assert.Equal($"datadog-agent-a: openmetrics 7.0.1 fails: {shown} Last run 9 s ago, last success never.", Judge(OpenMetrics, Document(Instance(error: error, success: 0))).Message);

    [Fact]
    public void ASecretInAnErrorIsNotShown()
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document(Instance(error: "401 for https://user:hunter2secret@10.1.2.3/metrics with Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF123")));
        Assert.DoesNotContain("hunter2secret", point.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", point.Message, StringComparison.Ordinal);
        Assert.Contains("[redacted]", point.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AVerifyingCheckForKubeVirtIsToldThatItCannot()
    {
        AgentPatchStatus point = Judge(KubeVirt, Document(Instance("kubevirt_handler", version: "2.0.1", error: "certificate verify failed: unable to get local issuer certificate")));
        Assert.Equal(("Check kubevirt_handler hands only tls_verify to its scraper, and so trusts the authorities of the Agent's image alone: use the check openmetrics, or turn tls_verify off.", Setting.InstalledPatch), (point.Advice, point.Setting));
    }

    [Theory]
    [InlineData("'labels'", "KeyError: 'labels'", "datadog-agent-a: kubevirt_api 2.0.1 fails: KeyError: 'labels'. Last run 9 s ago, last success never.", "The check stops at a VM without labels in its template, or a VMI without labels, before it scrapes: give each of them a label. The check openmetrics does not look at them.", null)]
    [InlineData("HTTPSConnectionPool(host='10.96.0.1', port=443): Max retries exceeded with url: /apis/kubevirt.io/v1/virtualmachines (refused)", "MaxRetryError: refused", "datadog-agent-a: kubevirt_api 2.0.1 fails: HTTPSConnectionPool(host='10.96.0.1', port=443): Max retries exceeded with url: /apis/kubevirt.io/v1/virtualmachines (refused). Last run 9 s ago, last success never.", "The Agent cannot reach the API server, which this check asks for VMs and VMIs: check NetworkPolicies and proxies of the Agent.", null)]
    [InlineData("'NoneType' object has no attribute 'items'", "AttributeError: 'NoneType' object has no attribute 'items'", "datadog-agent-a: kubevirt_api 2.0.1 fails: 'NoneType' object has no attribute 'items'. Last run 9 s ago, last success never.", "The check stops at a VM without labels in its template, or a VMI without labels, before it scrapes: give each of them a label. The check openmetrics does not look at them.", null)]
    [InlineData("(403)\nReason: Forbidden\nHTTP response body: {}", "ApiException: (403)", "datadog-agent-a: kubevirt_api 2.0.1 fails: (403) Reason: Forbidden HTTP response body: {}. Last run 9 s ago, last success never.", "The check lists VMs and VMIs with the Agent's service account: bind the ClusterRole kubevirt.io:view to it.", Setting.InstalledPatch)]
    [InlineData("(403)\nReason: Forbidden\nHTTP response headers: HTTPHeaderDict({'Audit-Id': 'x', 'Content-Length': '352'})\nHTTP response body: {\"kind\":\"Status\",\"message\":\"virtualmachines.kubevirt.io is forbidden: User \\\"system:serviceaccount:dd:agent\\\" cannot list resource \\\"virtualmachines\\\"\",\"code\":403}\n", "ApiException: (403)", "datadog-agent-a: kubevirt_api 2.0.1 fails: the API server answered 403: virtualmachines.kubevirt.io is forbidden: User \"system:serviceaccount:dd:agent\" cannot list resource \"virtualmachines\". Last run 9 s ago, last success never.", "The check lists VMs and VMIs with the Agent's service account: bind the ClusterRole kubevirt.io:view to it.", Setting.InstalledPatch)]
    public void WhatStopsTheCountOfMachinesIsNamed(string message, string raised, string shown, string advice, Setting? setting)
    {
        string instance = Instance("kubevirt_api", version: "2.0.1", error: message, success: 0, raised: raised);
        AgentPatchStatus point = Judge(Api, Document(instance), ComponentKind.Api);
        Assert.Equal((AgentPatchState.Failed, shown, advice, setting), (point.State, point.Message, point.Advice, point.Setting));
    }

    [Fact]
    public void ACheckThatNoLongerRunsFails()
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document(Instance(run: Now - 100, success: Now - 100)));
        Assert.Equal((AgentPatchState.Failed, "datadog-agent-a: openmetrics 7.0.1 no longer runs, although it should every 15 s. Last run 100 s ago, last success 100 s ago.", Setting.Timeout), (point.State, point.Message, point.Setting));
        // 4 intervals and 10 seconds: of a minute, no lack of a run is seen before.
        Assert.Equal(AgentPatchState.Passed, Judge(OpenMetrics, Document(Instance(run: Now - 100, success: Now - 100, interval: 60))).State);
        Assert.Equal(AgentPatchState.Passed, Judge(OpenMetrics, Document(Instance(run: Now - 70, success: Now - 70))).State);
        Assert.Equal(AgentPatchState.Failed, Judge(OpenMetrics, Document(Instance(run: Now - 71, success: Now - 71))).State);
    }

    [Fact]
    public void ASuccessBeforeThePodStartedIsNone()
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document(Instance(success: Now - 3601)));
        Assert.Equal((AgentPatchState.Failed, "datadog-agent-a: openmetrics 7.0.1 has not succeeded since the pod started. Last run 9 s ago, last success 3601 s ago.", Setting.Timeout), (point.State, point.Message, point.Setting));
    }

    [Fact]
    public void ACheckThatHasNotSucceededYetIsWaitedFor()
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document(Instance(success: 0)));
        Assert.Equal((AgentPatchState.Failed, "datadog-agent-a: openmetrics 7.0.1 has not succeeded yet. Last run 9 s ago, last success never.", Setting.Timeout), (point.State, point.Message, point.Setting));
    }

    [Fact]
    public void ACheckThatSendsNothingFails()
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document(Instance(total: "0", samples: "0")));
        Assert.Equal((AgentPatchState.Failed, "datadog-agent-a: openmetrics 7.0.1 runs without an error, but has sent no samples. Last run 9 s ago, last success 9 s ago.", Setting.InstalledPatch), (point.State, point.Message, point.Setting));
        Assert.Equal(AgentPatchState.Skipped, Judge(OpenMetrics, Document(Instance(total: "null", samples: "null"))).State);
    }

    [Fact]
    public void ARunThatHangsFails()
    {
        string running = "\"openmetrics:kubevirt_handler:77aa\":\"2026-11-27T22:18:00Z\"";
        AgentPatchStatus point = Judge(OpenMetrics, Document(Instance(run: Now - 135, success: Now - 135), running: running));
        Assert.Equal((AgentPatchState.Failed, "datadog-agent-a: a run of openmetrics 7.0.1 has been hanging for 120 s. Last run 135 s ago, last success 135 s ago.", Setting.Timeout), (point.State, point.Message, point.Setting));
        // One that began with the look is none that hangs.
        Assert.Equal(AgentPatchState.Passed, Judge(OpenMetrics, Document(Sound, running: running.Replace("22:18:00", "22:19:58", StringComparison.Ordinal))).State);
    }

    private const string NotYet = "datadog-agent-a has not run openmetrics for this pod yet.";

    [Theory]
    [InlineData("openmetrics:kubevirt_handler:77aa", true)]
    [InlineData("openmetrics:coredns:77aa", false)]
    [InlineData("openmetrics:77aa", false)]
    [InlineData("kubevirt_handler:77aa", false)]
    public void ARunIsKnownByTheNamespaceInItsId(string id, bool isOwn) =>
        Assert.Equal(isOwn ? "datadog-agent-a: the first run of openmetrics has been going on for 40 s." : NotYet, Judge(OpenMetrics, Document("", running: $"\"{id}\":\"2026-11-27T22:19:20Z\"")).Message);

    [Theory]
    [InlineData("openmetrics:mine:77aa", true)]
    [InlineData("openmetrics:kubevirt_handler:77aa", false)]
    public void TheNameOfAnInstanceGoesBeforeItsNamespace(string id, bool isOwn) =>
        Assert.Equal(isOwn, Judge(OpenMetrics.Replace("\"namespace\"", "\"name\":\"mine\",\"namespace\"", StringComparison.Ordinal), Document("", running: $"\"{id}\":\"2026-11-27T22:19:20Z\"")).Message != NotYet);

    [Theory]
    [InlineData("kubevirt_handler:77aa", true)]
    [InlineData("kubevirt_handler:other:77aa", false)]
    public void AnInstanceWithoutEitherHasAnIdOfTwoParts(string id, bool isOwn) =>
        Assert.Equal(isOwn, Judge(KubeVirt, Document("", running: $"\"{id}\":\"2026-11-27T22:19:20Z\"")).Message.Contains("first run", StringComparison.Ordinal));

    [Fact]
    public void OfTwoInstancesBothHaveToRun()
    {
        string two = OpenMetrics.Replace("[{", "[{\"openmetrics_endpoint\":\"https://%%host%%:8187/metrics\",\"namespace\":\"vmstats\"},{", StringComparison.Ordinal);
        string part = "\"pyLoaderStats\":{\"ConfigureErrors\":{\"openmetrics\":[\"could not invoke constructor\"]}},";
        AgentPatchStatus point = Judge(two, Document(Sound, part));
        Assert.Equal((AgentPatchState.Failed, "datadog-agent-a runs 1 of the 2 instances of openmetrics in the annotations. An instance of openmetrics on this node could not be made, and it may be this one: could not invoke constructor.", Setting.Timeout), (point.State, point.Message, point.Setting));
        Assert.Equal("datadog-agent-a runs 1 of the 2 instances of openmetrics in the annotations.", Judge(two, Document(Sound)).Message);
        Assert.Equal(AgentPatchState.Passed, Judge(two, Document(Sound + "," + Instance(id: "openmetrics:vmstats:88bb"))).State);
        // Agents give equal instances one id, and run them once.
        Assert.Equal(AgentPatchState.Passed, Judge(OpenMetrics.Replace("[{", "[{\"namespace\":\"kubevirt_handler\",\"openmetrics_endpoint\":\"https://%%host%%:%%port_metrics%%/metrics\",\"tls_verify\":true,\"tls_ca_cert\":\"/etc/kubevirt-ca\"},{", StringComparison.Ordinal), Document(Sound)).State);
    }

    [Fact]
    public void ACheckThatIsNamedTwiceIsOneWithTwoInstances()
    {
        const string Twice = """{"a":{"name":"openmetrics","instances":[{"openmetrics_endpoint":"x"}]},"b":{"name":"openmetrics","instances":[{"openmetrics_endpoint":"y"}]}}""";
        Assert.Equal(("openmetrics", 2), (Assert.Single(Target(Twice).Checks).Name, Target(Twice).Checks[0].Instances.Count));
        Assert.Equal(AgentPatchState.Passed, Judge(Twice, Document(Sound + "," + Instance(id: "openmetrics:88bb"))).State);
    }

    [Fact]
    public void TheNameOfACheckIsShownAsTextOfOthers() =>
        Assert.Equal("datadog-agent-a has not run open metrics for this pod yet.", Judge("""{"open\u001b[31m\nmetrics":{"instances":[{"openmetrics_endpoint":"x"}]}}""", Document("")).Message);

    [Fact]
    public void TheFirstRunIsWaitedFor()
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document("", running: "\"openmetrics:kubevirt_handler:77aa\":\"2026-11-27T22:19:20Z\""));
        Assert.Equal((AgentPatchState.Failed, "datadog-agent-a: the first run of openmetrics has been going on for 40 s.", Setting.Timeout), (point.State, point.Message, point.Setting));
        point = Judge(OpenMetrics, Document(""));
        Assert.Equal((AgentPatchState.Failed, "datadog-agent-a has not run openmetrics for this pod yet.", Setting.Timeout), (point.State, point.Message, point.Setting));
        Assert.Equal("Agents find new annotations within a minute: wait. If this does not change, 'kubectl exec -n datadog datadog-agent-a -c agent -- agent configcheck' lists what the Agent has found.", point.Advice);
    }

    [Fact]
    public void TheInstanceOfAnotherPodIsNone() =>
        Assert.Equal("datadog-agent-a has not run openmetrics for this pod yet.", Judge(OpenMetrics, Document(Instance(container: "containerd://other"))).Message);

    [Fact]
    public void AnAgentWithoutTheCheckIsTooOld()
    {
        string document = Document("", "\"checkSchedulerStats\":{\"LoaderErrors\":{\"kubevirt_handler\":{\"Python Check Loader\":\"unable to import module 'kubevirt_handler'\"}}},", version: "7.58.1");
        AgentPatchStatus point = Judge(KubeVirt, document);
        Assert.Equal((AgentPatchState.Failed, "datadog-agent-a is Agent 7.58.1, which has no check kubevirt_handler: Agents have it since 7.59.", "Upgrade the Agent, or use the check openmetrics."), (point.State, point.Message, point.Advice));
        Assert.Equal("datadog-agent-a could not load kubevirt_handler: unable to import module 'kubevirt_handler'.", Judge(KubeVirt, document.Replace("7.58.1", "7.71.0", StringComparison.Ordinal)).Message);
    }

    [Fact]
    public void AnAgentThatDoesNotReadTheAnnotationIsTooOld()
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document("", version: "7.35.2"));
        Assert.Equal((AgentPatchState.Failed, "datadog-agent-a is Agent 7.35.2, which does not read the annotation ad.datadoghq.com/virt-handler.checks: Agents do since 7.36.", Setting.AnnotationVersion), (point.State, point.Message, point.Setting));
    }

    [Theory]
    [InlineData("\"pythonInit\":{\"Errors\":[\"could not initialize Python\"]},", "datadog-agent-a runs no check written in Python, because its Python did not start: could not initialize Python.", null)]
    [InlineData("\"autoConfigStats\":{\"ResolveWarnings\":{\"openmetrics\":[\"error resolving template openmetrics for service containerd://4f2a: no port found for container\"]}},", "datadog-agent-a could not fill in the variables of openmetrics: error resolving template openmetrics for service containerd://4f2a: no port found for container.", Setting.Timeout)]
    // openmetrics is everybody's check: what other pods' instances of it come to is none of this one's.
    [InlineData("\"autoConfigStats\":{\"ResolveWarnings\":{\"openmetrics\":[\"error resolving template openmetrics for service containerd://9bbb: no port found for container\"]}},", NotYet, Setting.Timeout)]
    [InlineData("\"pyLoaderStats\":{\"ConfigureErrors\":{\"openmetrics\":[\"could not invoke constructor\"]}},", NotYet + " An instance of openmetrics on this node could not be made, and it may be this one: could not invoke constructor.", Setting.Timeout)]
    // The Agent notes in both places what could not be configured.
    [InlineData("\"pyLoaderStats\":{\"ConfigureErrors\":{\"openmetrics\":[\"no constructor\"]}},\"checkSchedulerStats\":{\"LoaderErrors\":{\"openmetrics\":{\"python\":\"could not configure check instance\"}}},", NotYet + " An instance of openmetrics on this node could not be made, and it may be this one: no constructor.", Setting.Timeout)]
    [InlineData("\"checkSchedulerStats\":{\"LoaderErrors\":{\"openmetrics\":{\"python\":\"unable to import module 'openmetrics'\"}}},", "datadog-agent-a could not load openmetrics: unable to import module 'openmetrics'.", null)]
    public void WhatKeepsTheAgentFromRunningACheckIsNamed(string part, string message, Setting? setting)
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document("", part));
        Assert.Equal((AgentPatchState.Failed, message, setting), (point.State, point.Message, point.Setting));
    }

    [Fact]
    public void WhatTheAgentSaysOfTheAnnotationsIsAPointOfTheirs()
    {
        string part = "\"adConfigErrors\":{\"kubernetes-container-allinone\":{\"kubevirt/virt-handler-x (uid-1)\":{\"could not extract checks config: in instances: EOF\":{}},\"kubevirt/virt-handler-y (uid-2)\":{\"other\":{}}}},";
        MetricJudge judge = new(Target(OpenMetrics), [Answer("datadog-agent-a", Document("", part))], [], isAnyAgent: true, ForeignText.OfStranger);
        AgentPatchStatus point = Assert.Single(judge.OfAnnotations());
        Assert.Equal((AgentPatchCheck.Annotation, "virt-handler-x", AgentPatchState.Failed, "datadog-agent-a cannot use the annotations: could not extract checks config: in instances: EOF."), (point.Check, point.Target, point.State, point.Message));
        Assert.Equal("datadog-agent-a does not run openmetrics, because it cannot use the annotations of the pod.", judge.Of(Target(OpenMetrics).Checks[0]).Message);
    }

    [Fact]
    public void APodThatIsNotReadyIsNotScraped()
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document(""), isReady: false);
        Assert.Equal((AgentPatchState.Failed, "datadog-agent-a does not run openmetrics: the pod is not Ready, and until it is, Agents run no check for it.", Setting.Timeout), (point.State, point.Message, point.Setting));
    }

    [Fact]
    public void WhatTheLastRunWarnsOfIsAWarning()
    {
        AgentPatchStatus point = Judge(OpenMetrics, Document(Instance(samples: "2000", warnings: "\"Check openmetrics exceeded limit of 2000 metrics, ignoring next ones\"")));
        Assert.Equal(AgentPatchState.Warning, point.State);
        Assert.Equal("datadog-agent-a: openmetrics 7.0.1 runs. Last run 9 s ago, last success 9 s ago, 2000 samples at a time, 190240 in all. Warning of its last run: Check openmetrics exceeded limit of 2000 metrics, ignoring next ones.", point.Message);
        Assert.Equal("Raise max_returned_metrics: everything beyond 2000 is missing.", point.Advice);
    }

    [Fact]
    public void RunsThatStartLateAreAWarning() =>
        Assert.EndsWith(" 190240 in all. Its runs start 40 s late.", Judge(OpenMetrics, Document(Instance(delay: "40"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("2.0.1", AgentPatchState.Warning)]
    [InlineData("1.0.0", AgentPatchState.Warning)]
    [InlineData("2.1.0", AgentPatchState.Passed)]
    public void DefectsOfAVersionAreAWarning(string version, AgentPatchState state)
    {
        AgentPatchStatus point = Judge(KubeVirt, Document(Instance("kubevirt_handler", version: version)));
        Assert.Equal(state, point.State);
        if (state == AgentPatchState.Warning) Assert.EndsWith($" in all. Version {version} of kubevirt_handler sends counters as totals instead of increments, and loses the first bucket of each histogram.", point.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ACheckThatOnlyCountsMachinesHasNoneOfThem() => Assert.Equal(AgentPatchState.Passed, Judge(Api, Document(Instance("kubevirt_api", version: "2.0.1")), ComponentKind.Api).State);

    [Fact]
    public void TwoAgentsForOnePodAreBothNamed()
    {
        AgentPatchStatus point = Judge(OpenMetrics, [Answer("datadog-agent-a", Document(Sound))], [Other(Document(Sound))]);
        Assert.Equal(AgentPatchState.Warning, point.State);
        Assert.EndsWith(" in all. 2 Agents run it for this pod, datadog-agent-a and monitoring/other-b: its metrics are sent twice.", point.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheAgentOfThePatchDecides()
    {
        AgentAnswer own = Answer("datadog-agent-a", Document(Sound));
        AgentPatchStatus point = Judge(OpenMetrics, [own], [Other(Document(Instance(error: "refused")))]);
        Assert.Equal(AgentPatchState.Warning, point.State);
        Assert.EndsWith(" in all. Another Agent on the node, monitoring/other-b: openmetrics 7.0.1 fails: refused Last run 9 s ago, last success 9 s ago.", point.Message, StringComparison.Ordinal);
        // One that does not run it, or cannot be asked, changes nothing.
        Assert.Equal(AgentPatchState.Passed, Judge(OpenMetrics, [own], [Other(Document(""))]).State);
        Assert.Equal(AgentPatchState.Passed, Judge(OpenMetrics, [own], [Other(null)]).State);
        // Nor does another one make good what the Agent of the patch does not do.
        Assert.Equal("datadog-agent-a has not run openmetrics for this pod yet.", Judge(OpenMetrics, [Answer("datadog-agent-a", Document(""))], [Other(Document(Sound))]).Message);
        point = Judge(OpenMetrics, [], [Other(Document(Sound))]);
        Assert.Equal((AgentPatchState.Failed, "The Agent of the patch has no pod on node-1, which would run openmetrics; monitoring/other-b there is another Agent.", Setting.Timeout), (point.State, point.Message, point.Setting));
    }

    [Fact]
    public void WhatAnotherAgentSaysOfTheAnnotationsIsAWarning()
    {
        string part = "\"adConfigErrors\":{\"kubernetes-container-allinone\":{\"kubevirt/virt-handler-x (uid-1)\":{\"too new for me\":{}}}},";
        MetricJudge judge = new(Target(OpenMetrics), [Answer("datadog-agent-a", Document(Sound))], [Other(Document("", part))], isAnyAgent: true, ForeignText.OfStranger);
        AgentPatchStatus point = Assert.Single(judge.OfAnnotations());
        Assert.Equal((AgentPatchState.Warning, "monitoring/other-b cannot use the annotations: too new for me."), (point.State, point.Message));
    }

    [Fact]
    public void TwoInstancesForOnePodAreAWarning()
    {
        string two = Sound + "," + Instance(id: "openmetrics:kubevirt_handler:88bb");
        Assert.EndsWith(" in all. The Agent runs 2 instances of it for this pod: its metrics are sent twice.", Judge(OpenMetrics, Document(two)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openmetrics", "openmetrics:kubevirt_handler:99", true)]
    [InlineData("openmetrics", "openmetrics:coredns:99", false)]
    [InlineData("kubevirt_handler", "kubevirt_handler:99", true)]
    [InlineData("kubevirt_api", "kubevirt_api:99", false)]
    public void ACheckThatComesFromAFileTooIsAWarning(string name, string id, bool isDouble)
    {
        string file = $$$$"""{"{{{{name}}}}":{"{{{{id}}}}":{"CheckName":"{{{{name}}}}","CheckID":"{{{{id}}}}","CheckConfigSource":"file:/etc/datadog-agent/conf.d/x.yaml[0]","UpdateTimestamp":1795817991}}}""";
        string document = name == "openmetrics" ? Document(Sound + "," + Inner(file, name)) : Document(Sound).Replace("\"Checks\":{", "\"Checks\":{" + file[1..^1] + ",", StringComparison.Ordinal);
        AgentPatchStatus point = Judge(OpenMetrics, document);
        Assert.Equal(isDouble ? AgentPatchState.Warning : AgentPatchState.Passed, point.State);
        if (isDouble) Assert.EndsWith(" in all. /etc/datadog-agent/conf.d/x.yaml[0] configures a check for it as well: metrics are sent twice.", point.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhoCannotBeAskedIsSkippedWithTheReason()
    {
        AgentAnswer refused = Answer("datadog-agent-a", null) with { Obstacle = "the API server refuses to run a command in pod datadog/datadog-agent-a.", Advice = "Ask for it." };
        AgentPatchStatus point = Judge(OpenMetrics, [refused]);
        Assert.Equal((AgentPatchState.Skipped, "Whether openmetrics runs is not known: the API server refuses to run a command in pod datadog/datadog-agent-a.", "Ask for it.", (Setting?)null), (point.State, point.Message, point.Advice, point.Setting));
        // Another Agent on the node does not stand in for it.
        Assert.Equal(AgentPatchState.Skipped, Judge(OpenMetrics, [refused], [Other(Document(Sound))]).State);
        Assert.Equal(Setting.Timeout, Judge(OpenMetrics, [refused with { IsPassing = true }]).Setting);
    }

    [Fact]
    public void ANodeWithoutAnAgentIsNamed()
    {
        AgentPatchStatus point = Judge(OpenMetrics, []);
        // An Agent that restarts is away for a while.
        Assert.Equal((AgentPatchState.Failed, "The Agent of the patch has no pod on node-1, which would run openmetrics.", Setting.Timeout), (point.State, point.Message, point.Setting));
        point = new MetricJudge(Target(OpenMetrics), [], [], isAnyAgent: false, ForeignText.OfStranger).Of(Target(OpenMetrics).Checks[0]);
        Assert.Equal((AgentPatchState.Skipped, "Nobody can be asked about openmetrics: there is no pod of the Agent.", Setting.Timeout), (point.State, point.Message, point.Setting));
    }

    private static AgentPatchStatus Judge(string annotation, string document, ComponentKind component = ComponentKind.Handler, bool isReady = true) =>
        Judge(annotation, [Answer("datadog-agent-a", document)], component, isReady);

    private static AgentPatchStatus Judge(string annotation, AgentAnswer[] answers, AgentAnswer[] others) => Judge(annotation, answers, ComponentKind.Handler, others: others);

    private static AgentPatchStatus Judge(string annotation, AgentAnswer[] answers, ComponentKind component = ComponentKind.Handler, bool isReady = true, AgentAnswer[]? others = null)
    {
        MetricTarget target = Target(annotation, component, isReady);
        return new MetricJudge(target, answers, others ?? [], isAnyAgent: true, ForeignText.OfStranger).Of(Assert.Single(target.Checks));
    }

    private static MetricTarget Target(string annotation, ComponentKind component = ComponentKind.Handler, bool isReady = true)
    {
        string name = component == ComponentKind.Handler ? "virt-handler" : "virt-api";
        JsonObject pod = JsonNode.Parse($$$$"""
            {"metadata":{"name":"{{{{name}}}}-x","namespace":"kubevirt","uid":"uid-1","labels":{"kubevirt.io":"{{{{name}}}}"}},
             "spec":{"nodeName":"node-1","containers":[{"name":"{{{{name}}}}","ports":[{"name":"metrics","containerPort":8443}]}]},
             "status":{"conditions":[{"type":"Ready","status":"{{{{(isReady ? "True" : "False")}}}}"}],
              "containerStatuses":[{"name":"{{{{name}}}}","containerID":"containerd://4f2a","state":{"running":{"startedAt":"2026-11-27T21:20:00Z"}}}]}}
            """)!.AsObject();
        pod["metadata"]!["annotations"] = new JsonObject { [$"ad.datadoghq.com/{name}.checks"] = annotation };
        return MetricTarget.Of(new PodDocument(pod), component);
    }

    private static AgentAnswer Other(string? document) => Answer("other-b", document, "monitoring");

    private static AgentAnswer Answer(string name, string? document, string inNamespace = "datadog", TimeProvider? time = null)
    {
        JsonObject pod = JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}","namespace":"{{{inNamespace}}}"},"spec":{"nodeName":"node-1","containers":[{"name":"agent"}]}}""")!.AsObject();
        return new AgentAnswer(new PodDocument(pod), document is null ? null : AgentStatusReport.Read(document, time));
    }

    private static string Document(string instances, string part = "", string version = "7.71.0", string running = "") =>
        $"{{\"version\":\"{version}\",\"flavor\":\"agent\",\"time_nano\":1795818000000000000,{part}\"runnerStats\":{{\"Running\":{{{running}}},\"Checks\":{{\"any\":{{{instances}}}}}}}}}";

    private static string Instance(
        string name = "openmetrics", string id = "openmetrics:kubevirt_handler:77aa", string version = "7.0.1", string container = "containerd://4f2a", string? error = null, string raised = "",
        long run = Now - 9, long success = Now - 9, int interval = 15, string samples = "23780", string total = "190240", string delay = "0", string warnings = "")
    {
        string last = error is null ? "" : new JsonArray(new JsonObject { ["message"] = error, ["traceback"] = $"Traceback (most recent call last):\n  File \"check.py\", line 1\n{raised}\n" }).ToJsonString();
        return $$"""
            "{{id}}":{"CheckName":"{{name}}","CheckID":"{{id}}","CheckVersion":"{{version}}","CheckConfigSource":"container:{{container}}","Interval":{{interval}}000000000,"TotalRuns":8,
            "UpdateTimestamp":{{run}},"LastSuccessDate":{{success}},"LastError":{{JsonValue.Create(last)!.ToJsonString()}},"LastWarnings":[{{warnings}}],
            "MetricSamples":{{samples}},"TotalMetricSamples":{{total}},"LastExecutionTime":31,"LastDelay":{{delay}}}
            """;
    }

    private static string Inner(string checks, string name) => JsonNode.Parse(checks)![name]!.ToJsonString()[1..^1];
}
