using System.Text;
using KubeVirtMonitor.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.KubeVirt;

public sealed class PodProjectionTests
{
    private const string Container = """{"name":"virt-handler","image":"registry.example:5000/kubevirt/virt-handler:v1.4.0","ports":[{"name":"health","containerPort":9443},{"name":"metrics","containerPort":18443}]}""";

    [Fact]
    public void APodIsAComponentWithItsAddresses()
    {
        KubeVirtComponent component = Read(Pod("virt-handler", $$"""
            ,"spec":{"nodeName":"node-a","containers":[{{Container}}],"initContainers":[{"image":"other:v9"}]},
            "status":{"phase":"Running","podIP":"10.1.2.3","conditions":[{"type":"Ready","status":"True"}]}
            """, ",\"app.kubernetes.io/version\":\"v1.9.0\""))!;
        Assert.Equal("pod-x", component.Name);
        Assert.Equal("kv", component.Namespace);
        Assert.Equal(ComponentKind.Handler, component.Component);
        Assert.Equal("node-a", component.Node);
        Assert.Equal("10.1.2.3", component.PodIP);
        Assert.Equal(18443, component.Port);
        Assert.True(component.Ready);
        Assert.Null(component.Leading);
        Assert.Equal("v1.9.0", component.Version);
        Assert.Equal("https://10.1.2.3:18443/metrics", component.MetricsUri!.AbsoluteUri);
        Assert.Equal("https://10.1.2.3:18443/healthz", component.HealthUri!.AbsoluteUri);
    }

    [Fact]
    public void AnAddressOfVersionSixIsWrittenInBrackets() => Assert.Equal(
        "https://[fd00::5]:8443/metrics",
        Read(Pod("virt-api", ""","status":{"podIP":"fd00::5"}"""))!.MetricsUri!.AbsoluteUri);

    [Fact]
    public void APodThatWaitsForANodeHasNoAddress()
    {
        KubeVirtComponent component = Read(Pod("virt-controller", ""","status":{"phase":"Pending"}"""))!;
        Assert.Null(component.MetricsUri);
        Assert.Null(component.HealthUri);
        Assert.Null(component.Node);
        Assert.False(component.Ready);
        Assert.Equal(8443, component.Port);
    }

    [Theory]
    [InlineData("registry.example:5000/kubevirt/virt-api:v1.2.2", "v1.2.2")]
    [InlineData("registry.example:5000/kubevirt/virt-api", null)]
    [InlineData("quay.example/kubevirt/virt-api:v1.2.2@sha256:0123", "v1.2.2")]
    [InlineData("quay.example/kubevirt/virt-api@sha256:0123", null)]
    public void WithoutALabelTheVersionIsTheTagOfTheImage(string image, string? version) => Assert.Equal(
        version,
        Read(Pod("virt-api", $$""","spec":{"containers":[{"name":"virt-api","image":"{{image}}"}]}"""))!.Version);

    [Theory]
    [InlineData("Failed")]
    [InlineData("Succeeded")]
    public void PodsThatEndedAreNoComponents(string phase) => Assert.Null(Read(Pod("virt-api", $$""","status":{"phase":"{{phase}}"}""")));

    [Theory]
    [InlineData("virt-launcher")]
    [InlineData("virt-exportproxy")]
    public void OtherPodsAreNoComponents(string label) => Assert.Null(Read(Pod(label)));

    /// <summary>The states are those that kubelet writes; the texts of its conditions are as they come.</summary>
    [Theory]
    [InlineData(""" "conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-11-28T03:10:05Z"}]""", null)]
    [InlineData(""" "phase":"Pending" """, "Not Ready: Kubernetes has not reported yet whether it is.")]
    [InlineData(
        """ "conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady","message":"containers with unready status: [virt-api]","lastTransitionTime":"2026-11-28T03:10:05Z"},{"type":"PodScheduled","status":"True"}],"containerStatuses":[{"name":"virt-api","ready":false,"state":{"running":{"startedAt":"2026-11-28T03:00:00Z"}} }]""",
        "Not Ready since 2026-11-28 03:10:05 UTC: ContainersNotReady: containers with unready status: [virt-api].")]
    [InlineData(
        """ "conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady","message":"containers with unready status: [virt-api]","lastTransitionTime":"2026-11-28T03:10:05Z"}],"containerStatuses":[{"name":"virt-api","state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 5m0s restarting failed container=virt-api"}} }]""",
        "Not Ready since 2026-11-28 03:10:05 UTC: container virt-api waits: CrashLoopBackOff: back-off 5m0s restarting failed container=virt-api.")]
    [InlineData(
        """ "conditions":[{"type":"Ready","status":"False","lastTransitionTime":"2026-11-28T04:10:05+01:00"}],"containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":137,"reason":"OOMKilled"}} },{"name":"b","state":{"waiting":{} } }],"initContainerStatuses":[{"name":"c","state":{"terminated":{"exitCode":0,"reason":"Completed"}} }]""",
        "Not Ready since 2026-11-28 03:10:05 UTC: container a has ended with exit code 137: OOMKilled; container b waits.")]
    [InlineData(
        """ "conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes are available: 3 Insufficient cpu."}]""",
        "Not Ready: it cannot be scheduled: Unschedulable: 0/3 nodes are available: 3 Insufficient cpu.")]
    [InlineData(""" "conditions":[{"type":"Ready","status":"False","lastTransitionTime":"2026-11-28T03:10:05Z"}]""", "Not Ready since 2026-11-28 03:10:05 UTC: Kubernetes gives no reason.")]
    [InlineData(""" "conditions":[{"type":"Ready","status":"Unknown","reason":"NodeStatusUnknown","message":"Node is not \u001b[31mready"}]""", "Not Ready: NodeStatusUnknown: Node is not ready.")]
    public void APodThatIsNotReadyTellsWhy(string status, string? note)
    {
        KubeVirtComponent component = Read(Pod("virt-api", $$""","status":{ {{status}} }"""))!;
        Assert.Equal(note, component.ReadyNote);
        Assert.Equal(note is null, component.Ready);
    }

    [Fact]
    public void APodThatIsBeingDeletedTellsThat() => Assert.Equal(
        "Not Ready since 2026-11-28 03:10:05 UTC: it is being deleted.",
        Read("""{"metadata":{"name":"pod-x","namespace":"kv","labels":{"kubevirt.io":"virt-api"},"deletionTimestamp":"2026-11-28T03:10:30Z"},"status":{"conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady","lastTransitionTime":"2026-11-28T03:10:05Z"}]} }""")!.ReadyNote);

    [Fact]
    public void APortBeyondAllPortsIsAnError() => Assert.Equal(
        "spec.containers.ports.containerPort is not a port number",
        Assert.Throws<FormatException>(() => Read(Pod("virt-api", ""","spec":{"containers":[{"ports":[{"name":"metrics","containerPort":70000}]}]}"""))).Message);

    [Theory]
    [InlineData("virt-api", "https://10.1.2.3:8443/healthz")]
    [InlineData("virt-controller", "https://10.1.2.3:8443/healthz")]
    [InlineData("virt-handler", "https://10.1.2.3:8443/healthz")]
    [InlineData("virt-operator", "https://10.1.2.3:8443/metrics")] // It answers /healthz with 404, and its own probes ask /metrics.
    public void HealthIsAskedForWhereTheComponentServesIt(string label, string expected) =>
        Assert.Equal(expected, Read(Pod(label, ""","status":{"phase":"Running","podIP":"10.1.2.3"}"""))!.HealthUri!.AbsoluteUri);

    [Fact]
    public void TheKubeVirtResourceTellsNamespaceAndVersion()
    {
        InstallationProjection found = InstallationProjection.Read("""{"metadata":{"name":"kubevirt","namespace":"virt"},"status":{"observedKubeVirtVersion":"v1.9.0"}}"""u8);
        Assert.Equal(new InstallationProjection("kubevirt", "virt", "v1.9.0"), found);
        Assert.Equal(new InstallationProjection("kubevirt", "virt", null), InstallationProjection.Read("""{"metadata":{"name":"kubevirt","namespace":"virt"}}"""u8));
    }

    private static string Pod(string label, string rest = "", string moreLabels = "") =>
        "{\"metadata\":{\"name\":\"pod-x\",\"namespace\":\"kv\",\"labels\":{\"kubevirt.io\":\"" + label + "\"" + moreLabels + "}}" + rest + "}";

    private static KubeVirtComponent? Read(string json) => PodProjection.ReadComponent(Encoding.UTF8.GetBytes(json));
}
