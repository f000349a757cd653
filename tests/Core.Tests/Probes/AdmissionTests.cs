using KubeVirtMonitor.Probes;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes;

/// <summary>What the real virt-api, API server and virt-controller answered to manifests such as these, against what the rules say.</summary>
public sealed class AdmissionTests
{
    private const string Network = "domain: {devices: {interfaces: [{name: default, masquerade: {}}]}}\nnetworks: [{name: default, pod: {}}]\n";

    /// <summary>The case, the spec, and the rules that find an error, by hand.</summary>
    public static TheoryData<string, string, string> Refused => new()
    {
        { "no handler", "domain: {}\nreadinessProbe: {initialDelaySeconds: 5}", "VMIP001 spec.readinessProbe" },
        { "empty probe", "domain: {}\nlivenessProbe: {}", "VMIP001 spec.livenessProbe" },
        { "two handlers", Network + "livenessProbe: {tcpSocket: {port: 22}, guestAgentPing: {}}", "VMIP002 spec.livenessProbe" },
        {
            "httpGet, no pod network, autoattachPodInterface false",
            "domain: {devices: {autoattachPodInterface: false}}\nreadinessProbe: {httpGet: {port: 80}}\nlivenessProbe: {tcpSocket: {port: 22}, failureThreshold: 9}",
            "VMIP015 spec.readinessProbe.httpGet; VMIP015 spec.livenessProbe.tcpSocket"
        },
        { "liveness + startStrategy Paused", Network + "startStrategy: Paused\nlivenessProbe: {tcpSocket: {port: 22}}", "VMIP018 spec.startStrategy" },
        { "port missing", Network + "livenessProbe: {tcpSocket: {}}", "VMIP005 spec.livenessProbe.tcpSocket.port" },
        { "bad scheme", Network + "livenessProbe: {httpGet: {port: 80, scheme: FTP}}", "VMIP007 spec.livenessProbe.httpGet.scheme" },
        { "guestAgentPing with field", "domain: {}\nlivenessProbe: {guestAgentPing: {foo: 1}}", "VMIP003 spec.livenessProbe.guestAgentPing.foo" },
        { "unknown grpc handler", "domain: {}\nlivenessProbe: {guestAgentPing: {}, grpc: {port: 5}}", "VMIP003 spec.livenessProbe.grpc" },
        { "unknown terminationGracePeriodSeconds", "domain: {}\nlivenessProbe: {guestAgentPing: {}, terminationGracePeriodSeconds: 5}", "VMIP003 spec.livenessProbe.terminationGracePeriodSeconds" },
        { "timeoutSeconds as string", Network + "livenessProbe: {tcpSocket: {port: 22}, timeoutSeconds: \"5\"}", "VMIP004 spec.livenessProbe.timeoutSeconds" },
        // Accepted by the API server, and the pod is refused.
        { "liveness successThreshold 2", Network + "livenessProbe: {tcpSocket: {port: 22}, successThreshold: 2}", "VMIP010 spec.livenessProbe.successThreshold" },
        { "port 0", Network + "livenessProbe: {tcpSocket: {port: 0}}", "VMIP006 spec.livenessProbe.tcpSocket.port" },
        { "port 70000", Network + "livenessProbe: {tcpSocket: {port: 70000}}", "VMIP006 spec.livenessProbe.tcpSocket.port" },
        { "exec empty", "domain: {}\nreadinessProbe: {exec: {}}", "VMIP009 spec.readinessProbe.exec.command" },
        { "initialDelaySeconds -20", Network + "livenessProbe: {tcpSocket: {port: 22}, initialDelaySeconds: -20}", "VMIP012 spec.livenessProbe.initialDelaySeconds" },
    };

    /// <summary>The case, the spec, and the warnings, by hand.</summary>
    public static TheoryData<string, string, string> Accepted => new()
    {
        { "httpGet without pod network: the webhook adds one", "domain: {}\nreadinessProbe: {httpGet: {port: 80}}", "" },
        { "ok: defaults", Network + "livenessProbe: {tcpSocket: {port: 22}}", "" },
        {
            "negative numbers", Network + "livenessProbe: {tcpSocket: {port: 22}, periodSeconds: -1, timeoutSeconds: -1, successThreshold: -1, failureThreshold: -1}",
            "VMIP014 spec.livenessProbe.periodSeconds; VMIP014 spec.livenessProbe.timeoutSeconds; VMIP014 spec.livenessProbe.successThreshold; VMIP014 spec.livenessProbe.failureThreshold"
        },
        { "initialDelaySeconds -5 becomes 5", Network + "livenessProbe: {tcpSocket: {port: 22}, initialDelaySeconds: -5}", "VMIP013 spec.livenessProbe.initialDelaySeconds" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_was_refused_is_an_error(string @case, string spec, string expected) => Assert.Equal((@case, expected), (@case, Found(spec, ProbeFindingSeverity.Error)));

    [Theory]
    [MemberData(nameof(Accepted))]
    public void What_was_accepted_is_none(string @case, string spec, string warnings)
    {
        Assert.Equal((@case, ""), (@case, Found(spec, ProbeFindingSeverity.Error)));
        Assert.Equal((@case, warnings), (@case, Found(spec, ProbeFindingSeverity.Warning)));
    }

    /// <summary>Every case that the recorded answers have is one of the cases above.</summary>
    [Fact]
    public void No_recorded_case_is_left_out()
    {
        string[] recorded = ["probe-admission.txt", "probe-podrejects.txt"];
        string[] cases = [.. recorded.SelectMany(file => File.ReadLines(SharedFiles.Require("spec/" + file))).Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..].Trim())];
        Dictionary<string, string> known = new()
        {
            ["httpGet without pod network"] = "httpGet without pod network: the webhook adds one",
            ["bad-success Pending"] = "liveness successThreshold 2",
            ["bad-port0 Pending"] = "port 0",
            ["bad-exec Pending"] = "exec empty",
            ["neg5 Scheduling"] = "initialDelaySeconds -5 becomes 5",
            ["neg20 Pending"] = "initialDelaySeconds -20",
        };
        string[] here = [.. Refused.Concat(Accepted).Select(row => row.Data.Item1)];
        Assert.Empty(cases.Select(name => known.GetValueOrDefault(name, name)).Except(here));
    }

    private static string Found(string spec, ProbeFindingSeverity severity) =>
        string.Join("; ", ProbeRules.Check(Manifest.Instance(spec), agentConnected: true).Where(finding => finding.Severity == severity).Select(finding => $"{finding.Id} {finding.Field}"));
}
