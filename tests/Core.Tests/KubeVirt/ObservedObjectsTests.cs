using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.KubeVirt;

/// <summary>What a real API server answered, read. The values were read off the files by hand.</summary>
public sealed class ObservedObjectsTests
{
    [Fact]
    public void InstancesAreReadFromARealAnswer()
    {
        KubeVirtVmi[] vmis = Read("vmis.json", static json => VmiProjection.Read(json));
        Assert.Equal(["probe-ga", "probe-net", "run-1", "run-2", "run-3", "run-4"], vmis.Select(vmi => vmi.Name));
        Each.Of(vmis, vmi => Assert.Equal(("vms", "Running", "node01", "Fedora Linux 42", true, false, true), (vmi.Namespace, vmi.Phase, vmi.Node, vmi.GuestOS, vmi.Ready, vmi.Paused, vmi.AgentConnected)));
        Assert.Equal([false, true, true, false, true, true], vmis.Select(vmi => vmi.LiveMigratable));
        Assert.Equal(["192.0.2.12", "2001:db8::c"], vmis[2].IPAddresses);
        Assert.Equal("run-1", vmis[2].VM);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 22, 6, 55, TimeSpan.Zero), vmis[2].Started);
        Assert.Equal("node01", vmis[2].Labels["kubevirt.io/nodeName"]);
    }

    [Fact]
    public void MachinesAreReadFromARealAnswer()
    {
        KubeVirtVM[] vms = Read("vms.json", static json => VmProjection.Read(json));
        Assert.Equal(
            ["halted-1 Stopped Halted", "halted-2 Stopped Halted", "probe-ga Running Always", "probe-net Running Always", "run-1 Running Always", "run-2 Running Always", "run-3 Running Always", "run-4 Running Always"],
            vms.Select(vm => $"{vm.Name} {vm.Status} {vm.RunStrategy}"));
        Assert.Equal([false, false, true, true, true, true, true, true], vms.Select(vm => vm.Ready));
        Assert.Equal("32e3b7ed-8e0d-4974-be8b-0c7c71244af0", vms[0].Uid);
        Assert.Equal(["kubevirt.io/vm"], vms[0].TemplateLabels.Keys);
        Assert.Equal("demo", vms[0].Labels["app"]);
    }

    [Fact]
    public void SizesAndProblemsAreReadFromARealAnswer()
    {
        KubeVirtVmi[] vmis = Read("vmis.json", json => VmiProjection.Read(json));
        Each.Of(vmis, vmi => Assert.Equal((2, 1L << 30, null), (vmi.VCpus, vmi.Memory, vmi.Problem)));
        Assert.Equal(["DisksNotLiveMigratable: cannot migrate VMI", null, null, "DisksNotLiveMigratable: cannot migrate VMI", null, null], vmis.Select(vmi => vmi.MigrationProblem));
        Each.Of(Read("vms.json", json => VmProjection.Read(json)), vm => Assert.Equal((2, 1L << 30, null), (vm.VCpus, vm.Memory, vm.Problem)));
    }

    [Fact]
    public void NodesAreReadFromARealAnswer()
    {
        KubeVirtNode node = Read("nodes.json", json => NodeProjection.Read(json))[0];
        Assert.Equal(("node01", true, true, 64.0, 256L << 30, 1000L, "v1.32.13", "127.0.0.1"), (node.Name, node.Ready, node.Schedulable, node.Cpus, node.Memory, node.KvmDevices, node.KubeletVersion, node.InternalIP));
        Assert.Equal(["node.kubernetes.io/not-ready:NoSchedule"], node.Taints);
    }

    [Fact]
    public void ComponentsAreReadFromARealAnswer() => Assert.Equal(
        [
            "virt-api-6f8d5c9b7-aaaaa Api node01 127.0.0.1:18443 v1.9.0",
            "virt-controller-7c9d4b6f5-bbbbb Controller node01 127.0.0.1:18444 v1.9.0",
            "virt-handler-node01 Handler node01 127.0.0.1:18445 v1.9.0",
            "virt-handler-node02 Handler node02 127.0.0.1:18446 v1.9.0",
            "virt-handler-node03 Handler node03 127.0.0.1:18447 v1.9.0",
        ],
        Read("pods-kubevirt.json", PodProjection.ReadComponent).Select(pod => $"{pod!.Name} {pod.Component} {pod.Node} {pod.PodIP}:{pod.Port} {pod.Version}"));

    [Fact]
    public void AnInstallationWithoutStatusHasNoVersionYet() =>
        Assert.Equal([new InstallationProjection("kubevirt", "kubevirt", null)], Read("kubevirt-cr.json", InstallationProjection.Read));

    private static T[] Read<T>(string file, JsonProjection<T> project)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(SharedFiles.Require("scrapes/api/" + file)));
        return [.. document.RootElement.GetProperty("items").EnumerateArray().Select(item => project(Encoding.UTF8.GetBytes(item.GetRawText())))];
    }
}
