using System.Text;
using KubeVirtMonitor.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.KubeVirt;

public sealed class VmProjectionTests
{
    [Fact]
    public void EveryFieldIsReadFromItsPlace()
    {
        KubeVirtVM vm = Read("""
            {"apiVersion":"kubevirt.io/v1","kind":"VirtualMachine",
             "metadata":{"name":"web-1","namespace":"shop","uid":"5d0c","creationTimestamp":"2026-03-01T10:00:00Z","labels":{"app":"web"},
               "managedFields":[{"fieldsV1":{"f:metadata":{"f:name":{}}}}]},
             "spec":{"runStrategy":"RerunOnFailure","instancetype":{"kind":"VirtualMachineClusterInstancetype","name":"u1.medium"},
               "preference":{"name":"fedora"},
               "template":{"metadata":{"labels":{"kubevirt.io/vm":"web-1","tier":"front"}},"spec":{"domain":{"cpu":{"cores":2}}}}},
             "status":{"printableStatus":"Running","ready":true,"startFailure":{"consecutiveFailCount":3,"retryAfterTimestamp":"2026-03-01T10:05:00Z"},
               "conditions":[{"type":"Ready","status":"True"},{"type":"RestartRequired","status":"True","message":"a change"}]}}
            """);
        Assert.Equal("web-1", vm.Name);
        Assert.Equal("shop", vm.Namespace);
        Assert.Equal("5d0c", vm.Uid);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero), vm.Created);
        Assert.Equal("web", vm.Labels["app"]);
        Assert.Equal(["kubevirt.io/vm", "tier"], vm.TemplateLabels.Keys);
        Assert.Equal("RerunOnFailure", vm.RunStrategy);
        Assert.Equal("u1.medium", vm.InstanceType);
        Assert.Equal("fedora", vm.Preference);
        Assert.Equal("Running", vm.Status);
        Assert.True(vm.Ready);
        Assert.True(vm.RestartRequired);
        Assert.Equal(3, vm.StartFailures);
        Assert.Equal("shop/web-1", vm.ToString());
    }

    [Fact]
    public void WhatIsMissingIsAbsent()
    {
        KubeVirtVM vm = Read("""{"metadata":{"name":"bare","namespace":"shop","labels":null},"spec":{"template":{"metadata":null}},"status":null}""");
        Assert.Empty(vm.Labels);
        Assert.Empty(vm.TemplateLabels);
        Assert.Null(vm.Status);
        Assert.Null(vm.RunStrategy);
        Assert.Null(vm.Uid);
        Assert.Null(vm.Created);
        Assert.False(vm.Ready);
        Assert.Equal(0, vm.StartFailures);
    }

    [Theory]
    [InlineData("""{"running":true}""", "Always")]
    [InlineData("""{"running":false}""", "Halted")]
    [InlineData("""{"runStrategy":"Manual"}""", "Manual")]
    [InlineData("{}", null)]
    public void TheOlderFieldRunningShowsAsARunStrategy(string spec, string? expected) =>
        Assert.Equal(expected, Read($$"""{"metadata":{"name":"a","namespace":"b"},"spec":{{spec}}}""").RunStrategy);

    [Theory]
    [InlineData("""{"metadata":{"namespace":"shop"}}""", "metadata.name is missing")]
    [InlineData("{}", "metadata.name is missing")]
    [InlineData("""{"metadata":{"name":"a","labels":["x"]}}""", "metadata.labels is not an object")]
    [InlineData("""{"metadata":{"name":"a","labels":{"x":1}}}""", "metadata.labels['x'] is not a text")]
    [InlineData("""{"metadata":{"name":7}}""", "metadata.name is not a text")]
    [InlineData("""{"metadata":{"name":"a"},"status":{"conditions":[7]}}""", "status.conditions is not an array of objects")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"running":"yes"}}""", "spec.running is not true or false")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"template":{"spec":{"domain":7}}}}""", "spec.template.spec.domain is not an object")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"template":{"spec":{"domain":{"cpu":[]}}}}}""", "spec.template.spec.domain.cpu is not an object")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"template":{"spec":{"domain":{"cpu":{"sockets":"2"}}}}}}""", "spec.template.spec.domain.cpu.sockets is not a whole number")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"template":{"spec":{"domain":{"memory":{"guest":"much"}}}}}}""", "spec.template.spec.domain.memory.guest is not a quantity")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"template":{"spec":{"domain":{"resources":{"requests":{"cpu":"x"}}}}}}}""", "spec.template.spec.domain.resources.requests.cpu is not a quantity")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"template":{"spec":{"domain":{"resources":{"limits":"x"}}}}}}""", "spec.template.spec.domain.resources.limits is not an object")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"preference":{"name":5}}}""", "spec.preference.name is not a text")]
    [InlineData("""["a"]""", "the object is not an object")]
    public void WhatHasTheWrongTypeIsNamed(string json, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Read(json)).Message);

    [Fact]
    public void InAListOnlyWhatTheMachineHoldsIsAllocated()
    {
        byte[] json = """
            {"metadata":{"name":"web-1","namespace":"shop","labels":{"app":"web","tier":"front"},"uid":"8ad5c5dd-96c8-416d-bf74-77e0777754b7","creationTimestamp":"2026-11-28T10:19:17Z"},
            "spec":{"runStrategy":"Always","template":{"metadata":{"labels":{"app":"web","tier":"front"}},"spec":{"domain":{"cpu":{"cores":2,"sockets":1,"threads":1},"memory":{"guest":"2Gi"},"resources":{"requests":{"memory":"2Gi","cpu":"1"},"limits":{"cpu":"2"}}}}}},
            "status":{"printableStatus":"Running","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-11-28T10:19:17Z"}]}}
            """u8.ToArray();
        ListSharing sharing = new();
        VmProjection.Read(json, null, sharing);
        long before = GC.GetAllocatedBytesForCurrentThread();
        KubeVirtVM vm = VmProjection.Read(json, null, sharing);
        // 120 bytes for each of the two maps and less than 250 for the machine: every text is shared, and no path of a field is put together.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 240, 490);
        Assert.Equal(2, vm.VCpus);
        Assert.Equal(2L << 30, vm.Memory);
    }

    [Theory]
    [InlineData("CrashLoopBackOff", 1, "CrashLoopBackOff: it failed to start once")]
    [InlineData("CrashLoopBackOff", 4, "CrashLoopBackOff: it failed to start 4 times in a row")]
    [InlineData("Running", 4, null)]
    [InlineData("ErrImagePull", 0, "ErrImagePull")]
    [InlineData("DataVolumeError", 0, "DataVolumeError")]
    [InlineData("Starting", 0, null)]
    [InlineData("Stopped", 0, null)]
    public void AStatusThatIsAnErrorIsAProblem(string status, int failures, string? problem) =>
        Assert.Equal(problem, Read($$"""{"metadata":{"name":"a"},"status":{"printableStatus":"{{status}}","startFailure":{"consecutiveFailCount":{{failures}} } } }""").Problem);

    [Fact]
    public void AFailureOfTheMachineComesBeforeItsInstance() => Assert.Equal(
        "FailedCreate: admission webhook denied the request",
        Read("""
            {"metadata":{"name":"a"},"status":{"printableStatus":"Starting","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable"},
              {"type":"Failure","status":"True","reason":"FailedCreate","message":"admission webhook denied the request"}]}}
            """).Problem);

    [Theory]
    [InlineData("""{"domain":{"cpu":{"sockets":2,"cores":4,"threads":2},"memory":{"guest":"2Gi"}}}""", 16, 2L << 30)]
    [InlineData("""{"domain":{"resources":{"requests":{"memory":"512Mi"}}}}""", 1, 512L << 20)]
    [InlineData("{}", 1, null)]
    public void VCpusAndMemoryAreThoseOfTheTemplate(string spec, int cpus, long? memory)
    {
        KubeVirtVM vm = Read($$"""{"metadata":{"name":"a"},"spec":{"template":{"spec":{{spec}} } } }""");
        Assert.Equal((cpus, memory), (vm.VCpus, vm.Memory));
    }

    [Fact]
    public void WhatAnInstanceTypeDecidesIsNotGuessed()
    {
        KubeVirtVM vm = Read("""{"metadata":{"name":"a"},"spec":{"instancetype":{"name":"u1.large"},"template":{"spec":{"domain":{"cpu":{"model":"host-passthrough"}}}}}}""");
        Assert.Equal((null, null), (vm.VCpus, vm.Memory));
    }

    private static KubeVirtVM Read(string json) => VmProjection.Read(Encoding.UTF8.GetBytes(json));
}
