using System.Text;
using KubeVirtMonitor.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.KubeVirt;

public sealed class VmiProjectionTests
{
    [Fact]
    public void EveryFieldIsReadFromItsPlace()
    {
        KubeVirtVmi vmi = Read("""
            {"metadata":{"name":"web-1","namespace":"shop","uid":"77aa","creationTimestamp":"2026-03-01T10:00:00Z","labels":{"kubevirt.io/nodeName":"node-b"},
               "ownerReferences":[{"kind":"Thing","name":"other","controller":false},{"kind":"VirtualMachine","name":"web","controller":true}]},
             "spec":{"domain":{"devices":{"disks":[{"name":"root"}]}}},
             "status":{"phase":"Running","nodeName":"node-b",
               "phaseTransitionTimestamps":[{"phase":"Pending","phaseTransitionTimestamp":"2026-03-01T10:00:01Z"},{"phase":"Running","phaseTransitionTimestamp":"2026-03-01T10:00:30Z"}],
               "guestOSInfo":{"name":"Fedora Linux","prettyName":"Fedora Linux 42 (Cloud)","versionId":"42"},
               "interfaces":[{"name":"default","ipAddress":"10.0.0.7","ipAddresses":["10.0.0.7","fd00::7"]},{"name":"data","ipAddress":"192.0.2.9"},{"name":"silent"}],
               "conditions":[{"type":"Ready","status":"True"},{"type":"Paused","status":"True"},{"type":"AgentConnected","status":"True"},{"type":"LiveMigratable","status":"False","reason":"DisksNotLiveMigratable"}]}}
            """);
        Assert.Equal("web-1", vmi.Name);
        Assert.Equal("shop", vmi.Namespace);
        Assert.Equal("77aa", vmi.Uid);
        Assert.Equal("web", vmi.VM);
        Assert.Equal("Running", vmi.Phase);
        Assert.Equal("node-b", vmi.Node);
        Assert.Equal(["10.0.0.7", "fd00::7", "192.0.2.9"], vmi.IPAddresses);
        Assert.Equal("Fedora Linux 42 (Cloud)", vmi.GuestOS);
        Assert.True(vmi.Ready);
        Assert.True(vmi.Paused);
        Assert.True(vmi.AgentConnected);
        Assert.False(vmi.LiveMigratable);
        Assert.Equal("node-b", vmi.Labels["kubevirt.io/nodeName"]);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero), vmi.Created);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 10, 0, 30, TimeSpan.Zero), vmi.Started);
    }

    [Fact]
    public void OneThatWasJustMadeHasHardlyAnything()
    {
        KubeVirtVmi vmi = Read("""{"metadata":{"name":"new","namespace":"shop"},"status":{"phase":"","conditions":[{"type":"Ready","status":"Unknown"}],"interfaces":null,"guestOSInfo":{}}}""");
        Assert.Null(vmi.Phase);
        Assert.Null(vmi.Node);
        Assert.Null(vmi.GuestOS);
        Assert.Null(vmi.VM);
        Assert.Null(vmi.LiveMigratable);
        Assert.Null(vmi.Started);
        Assert.False(vmi.Ready);
        Assert.False(vmi.AgentConnected);
        Assert.Empty(vmi.IPAddresses);
        Assert.Empty(vmi.Labels);
    }

    [Theory]
    [InlineData("""{"currentCPUTopology":{"sockets":2,"cores":3,"threads":2},"memory":{"guestAtBoot":"1Gi","guestCurrent":"3Gi"}}""", "{}", 12, 3L << 30)]
    [InlineData("""{"currentCPUTopology":{"cores":2}}""", """{"domain":{"cpu":{"cores":9},"memory":{"guest":"64M"}}}""", 2, 64_000_000L)]
    [InlineData("{}", """{"domain":{"resources":{"requests":{"cpu":"1500m","memory":"1.5Gi"},"limits":{"cpu":"3"}}}}""", 3, 1_610_612_736L)]
    [InlineData("{}", """{"domain":{"cpu":{"threads":2},"resources":{"limits":{"memory":1024}}}}""", 2, 1024L)]
    [InlineData("{}", "{}", 1, null)]
    public void VCpusAndMemoryAreThoseOfNowAndElseThoseOfTheSpec(string status, string spec, int cpus, long? memory)
    {
        KubeVirtVmi vmi = Read($$"""{"metadata":{"name":"a"},"spec":{{spec}},"status":{{status}} }""");
        Assert.Equal((cpus, memory), (vmi.VCpus, vmi.Memory));
    }

    [Theory]
    [InlineData("Running", """{"type":"Ready","status":"False","reason":"ContainersNotReady","message":"the probe fails"}""", "ContainersNotReady: the probe fails")]
    [InlineData("Scheduling", """{"type":"Ready","status":"False","reason":"GuestNotRunning"}""", null)]
    [InlineData("Running", """{"type":"Ready","status":"False","reason":"X"},{"type":"Paused","status":"True","reason":"PausedByUser"}""", null)]
    [InlineData("Running", """{"type":"Paused","status":"True","reason":"PausedIOError","message":"low-level\nIO\u001b[31m error"}""", "PausedIOError: low-level IO error")]
    [InlineData("Pending", """{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"waits"},{"type":"Synchronized","status":"False","reason":"FailedPvcNotFound","message":"no claim"}""", "FailedPvcNotFound: no claim")]
    [InlineData("Failed", """{"type":"Ready","status":"True"}""", "Failed")]
    [InlineData("Succeeded", """{"type":"Ready","status":"False","reason":"PodCompleted"}""", null)]
    [InlineData("Running", """{"type":"LiveMigratable","status":"False","reason":"DisksNotLiveMigratable"}""", null)]
    public void WhatIsWrongIsTheCauseAndNotWhatFollows(string phase, string conditions, string? problem) =>
        Assert.Equal(problem, Read($$"""{"metadata":{"name":"a"},"status":{"phase":"{{phase}}","conditions":[{{conditions}}]} }""").Problem);

    [Theory]
    [InlineData("True", null)]
    [InlineData("Unknown", null)]
    [InlineData("False", "DisksNotLiveMigratable: cannot migrate VMI")]
    public void WhyItCannotBeMigratedIsThere(string status, string? why) => Assert.Equal(
        why,
        Read($$"""{"metadata":{"name":"a"},"status":{"conditions":[{"message":"cannot migrate VMI","reason":"DisksNotLiveMigratable","status":"{{status}}","type":"LiveMigratable"}]} }""").MigrationProblem);

    [Fact]
    public void ANodeThatDoesNotAnswerIsTheReasonOfAFailure() =>
        Assert.Equal("NodeUnresponsive", Read("""{"metadata":{"name":"a"},"status":{"phase":"Failed","reason":"NodeUnresponsive"}}""").Problem);

    [Fact]
    public void AUidIsGivenAsItIs()
    {
        Assert.Equal("6f1f2f3f-0000-4000-8000-00000000000a", Read("""{"metadata":{"name":"a","uid":"6f1f2f3f-0000-4000-8000-00000000000a"}}""").Uid);
        Assert.Equal("6F1F2F3F-0000-4000-8000-00000000000A", Read("""{"metadata":{"name":"a","uid":"6F1F2F3F-0000-4000-8000-00000000000A"}}""").Uid);
        Assert.Null(Read("""{"metadata":{"name":"a"}}""").Uid);
    }

    [Fact]
    public void WithoutAPrettyNameTheGuestIsNamedByNameAndVersion() =>
        Assert.Equal("Ubuntu 24.04", Read("""{"metadata":{"name":"a"},"status":{"guestOSInfo":{"name":"Ubuntu","versionId":"24.04"}}}""").GuestOS);

    [Theory]
    [InlineData("""{"metadata":{"name":"a"},"status":{"interfaces":[{"ipAddresses":[1]}]}}""", "status.interfaces.ipAddresses is not an array of texts")]
    [InlineData("""{"metadata":{"name":"a"},"status":{"memory":{"guestCurrent":"much"}}}""", "status.memory.guestCurrent is not a quantity")]
    [InlineData("""{"metadata":{"name":"a"},"status":{"currentCPUTopology":{"cores":"two"}}}""", "status.currentCPUTopology.cores is not a whole number")]
    [InlineData("""{"metadata":{"name":"a"},"status":{"phase":{}}}""", "status.phase is not a text")]
    [InlineData("""{"metadata":{"name":"a","creationTimestamp":"yesterday"}}""", "metadata.creationTimestamp is not a time")]
    public void WhatHasTheWrongTypeIsNamed(string json, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Read(json)).Message);

    private static KubeVirtVmi Read(string json) => VmiProjection.Read(Encoding.UTF8.GetBytes(json));
}
