using System.Text;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Probes.Running;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes.Running;

/// <summary>An instance as far as its probes are concerned comes of the same reading as one of a list.</summary>
public sealed class ProbeInstanceTests
{
    private const string Whole = """
        {"metadata":{"name":"web-1","namespace":"shop","uid":"77aa","annotations":{"kubevirt.io/pause-guest-agent-probes":"t","note":"x"}},
         "spec":{"readinessProbe":{"tcpSocket":{"port":"http"},"periodSeconds":7},
           "domain":{"devices":{"interfaces":[{"name":"default","ports":[{"name":"http","port":8080},{"port":1}]},{"name":"data","ports":[{"name":"http","port":81},{"name":"ssh","port":22}]},{"name":"none"}]}}},
         "status":{"phase":"Running","nodeName":"node-b","fsFreezeStatus":"frozen",
           "migrationState":{"startTimestamp":"2026-03-01T11:00:00Z"},
           "phaseTransitionTimestamps":[{"phase":"Pending","phaseTransitionTimestamp":"2026-03-01T10:00:01Z"},{"phase":"Running","phaseTransitionTimestamp":"2026-03-01T10:00:30Z"}],
           "interfaces":[{"name":"none"},{"ipAddress":""},{"ipAddress":"10.0.0.7"},{"ipAddress":"192.0.2.9"}],
           "conditions":[{"type":"Ready","status":"False","reason":"GuestNotRunning","message":"it sleeps","lastTransitionTime":"2026-03-01T10:05:00Z"},{"type":"Paused","status":"True","reason":"PausedByUser"},{"type":"AgentConnected","status":"Unknown"}]}}
        """;

    [Fact]
    public void EveryFieldIsReadFromItsPlace()
    {
        ProbeInstance read = Read(Whole);
        Assert.Equal(("shop", "web-1", "77aa", "Running", "node-b", "10.0.0.7"), (read.Namespace, read.Name, read.Uid, read.Phase, read.Node, read.Address));
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 10, 0, 30, TimeSpan.Zero), read.Started);
        Assert.Equal(new Condition(false, "GuestNotRunning", "it sleeps", new DateTimeOffset(2026, 3, 1, 10, 5, 0, TimeSpan.Zero)), read.Ready);
        Assert.Equal("GuestNotRunning: it sleeps", read.Ready?.Why);
        Assert.Equal(new Condition(true, "PausedByUser"), read.Paused);
        Assert.Equal(new Condition(null), read.AgentConnected);
        Assert.Equal((true, true, true, true), (read.IsRunning, read.IsMigrating, read.IsFrozen, read.ProbesArePaused));
        // The first of a name counts.
        Assert.Equal([new("http", 8080), new("ssh", 22)], read.Ports.OrderBy(static port => port.Key));
        VmiProbe probe = Assert.Single(read.Probes);
        Assert.Equal((ProbeRole.Readiness, 7), (probe.Role!.Value, probe.PeriodSeconds));
    }

    [Fact]
    public void WhatIsMissingOrNullIsAbsent()
    {
        ProbeInstance read = Read("""{"metadata":{"name":"a","annotations":null},"spec":{"domain":{"devices":{"interfaces":null}}},"status":{"migrationState":null,"conditions":[{"type":"Paused","status":"False"}]}}""");
        Assert.Equal(("", null, null, null, null), (read.Namespace, read.Uid, read.Phase, read.Address, read.Started));
        Assert.Equal((null, null, null), (read.Ready, read.AgentConnected, read.Paused));
        Assert.Equal((false, false, false), (read.IsMigrating, read.IsFrozen, read.ProbesArePaused));
        Assert.Empty(read.Ports);
        Assert.Empty(read.Probes);
    }

    [Fact]
    public void AMigrationThatHasEndedIsNone() =>
        Assert.False(Read("""{"metadata":{"name":"a"},"status":{"migrationState":{"startTimestamp":"2026-03-01T11:00:00Z","endTimestamp":"2026-03-01T11:01:00Z"}}}""").IsMigrating);

    [Theory]
    [InlineData("""{"status":{}}""", "metadata.name is missing")]
    [InlineData("""{"metadata":{"name":"a"},"status":{"phase":{}}}""", "status.phase is not a text")]
    [InlineData("""{"metadata":{"name":"a"},"status":{"conditions":[{"type":"Ready","reason":1}]}}""", "status.conditions.reason is not a text")]
    [InlineData("""{"metadata":{"name":"a"},"status":{"migrationState":{"startTimestamp":"soon"}}}""", "status.migrationState.startTimestamp is not a time")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"domain":{"devices":{"interfaces":[{"ports":[{"name":"x","port":70000}]}]}}}}""", "spec.domain.devices.interfaces.ports.port is not a port number")]
    public void WhatHasTheWrongTypeIsNamed(string json, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Read(json)).Message);

    [Fact]
    public void AListJudgesNothingItDoesNotRead()
    {
        KubeVirtVmi listed = VmiProjection.Read("""{"metadata":{"name":"a","annotations":7},"spec":8,"status":{"currentCPUTopology":{},"memory":{"guestCurrent":"1Gi"},"migrationState":9,"conditions":[{"type":"Ready","status":"True","lastTransitionTime":1}]}}"""u8);
        Assert.True(listed.Ready);
    }

    private static ProbeInstance Read(string json) => ProbeInstance.Read(Encoding.UTF8.GetBytes(json));
}
