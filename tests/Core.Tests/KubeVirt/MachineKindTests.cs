using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.KubeVirt;

/// <summary>Machines of every kind, as the simulator serves them in the shapes of real objects. The values were read off Kinds.json by hand.</summary>
public sealed class MachineKindTests : IAsyncLifetime
{
    private ApiCluster _cluster = null!;
    private KubeVirtSession _session = null!;
    private Dictionary<string, KubeVirtVM> _vms = [];
    private Dictionary<string, KubeVirtVmi> _vmis = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await ApiCluster.StartAsync(new ApiServerOptions { EveryKind = true }, handlers: 2, vmis: 4);
        _session = await _cluster.OpenAsync();
        ListOptions kinds = new() { Namespace = "kinds" };
        _vms = await ObjectLists.VirtualMachinesAsync(_session, kinds, Cancellation, types: new InstanceTypes(_session)).ToDictionaryAsync(vm => vm.Name, cancellationToken: Cancellation);
        _vmis = await ObjectLists.InstancesAsync(_session, kinds, Cancellation).ToDictionaryAsync(vmi => vmi.Name, cancellationToken: Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _session.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public void MachinesHaveVCpusAndMemory() => Assert.Equal(
        [
            "crash-loop 1 256", "dedicated 8 8192", "io-error 1 1024", "local-disk 4 4096", "lost-type - -", "no-claim 1 128", "paused 1 1024", "plain 2 2048", "plugged 4 4096",
            "stale 2 512", "stopped 2 1024", "typed 3 3072", "typed-before - -", "typed-cores 3 3072", "typed-stopped 3 3072", "unschedulable 1 128",
        ],
        _vms.Values.OrderBy(vm => vm.Name, StringComparer.Ordinal).Select(vm => $"{vm.Name} {vm.VCpus?.ToString() ?? "-"} {(vm.Memory >> 20)?.ToString() ?? "-"}"));

    [Fact]
    public void InstancesHaveWhatTheGuestHasNow() => Assert.Equal(
        ["dedicated 8 8192", "io-error 1 1024", "local-disk 4 4096", "no-claim 1 128", "orphan 2 1024", "paused 1 1024", "plain 2 2048", "plugged 3 3072", "typed 3 3072", "unschedulable 1 128"],
        _vmis.Values.OrderBy(vmi => vmi.Name, StringComparer.Ordinal).Select(vmi => $"{vmi.Name} {vmi.VCpus} {vmi.Memory >> 20}"));

    [Fact]
    public void WhatIsWrongIsToldInOneLine()
    {
        Assert.Equal(["crash-loop", "io-error", "lost-type", "no-claim", "unschedulable"], _vms.Values.Where(vm => vm.Problem is not null).Select(vm => vm.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["io-error", "no-claim", "orphan", "unschedulable"], _vmis.Values.Where(vmi => vmi.Problem is not null).Select(vmi => vmi.Name).Order(StringComparer.Ordinal));
        Assert.Equal("CrashLoopBackOff: it failed to start 3 times in a row", _vms["crash-loop"].Problem);
        Assert.Equal("FailedFindInstancetype: virtualmachineclusterinstancetypes.instancetype.kubevirt.io \"deleted-type\" not found", _vms["lost-type"].Problem);
        Assert.Equal("PausedIOError: VMI was paused, low-level IO error detected", _vms["io-error"].Problem);
        Assert.Equal("FailedPvcNotFound: PVC kinds/none-such does not exist, waiting for it to appear", _vms["no-claim"].Problem);
        Assert.Equal("FailedPvcNotFound: PVC kinds/none-such does not exist, waiting for it to appear", _vmis["no-claim"].Problem);
        Assert.StartsWith("Unschedulable: 0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", _vmis["unschedulable"].Problem, StringComparison.Ordinal);
        Assert.Equal("NodeNotReady: Node is not ready", _vmis["orphan"].Problem);
    }

    [Fact]
    public void WhyOneCannotBeMigratedIsToldInOneLine()
    {
        Assert.Equal(["dedicated", "local-disk"], _vmis.Values.Where(vmi => vmi.MigrationProblem is not null).Select(vmi => vmi.Name).Order(StringComparer.Ordinal));
        Assert.Equal("HostDeviceNotLiveMigratable: VMI uses a PCI host devices", _vmis["dedicated"].MigrationProblem);
        Assert.Equal(
            "DisksNotLiveMigratable: cannot migrate VMI: PVC local is not shared, live migration requires that all PVCs must be shared (using ReadWriteMany access mode)",
            _vms["local-disk"].MigrationProblem);
        // It has no instance any more, and still the conditions of its last.
        Assert.Equal((null, null), (_vms["stale"].Problem, _vms["stale"].MigrationProblem));
    }

    [Fact]
    public void DisksAreVolumesWithWhatTheGuestSees()
    {
        Assert.Equal(
            [
                "root disk virtio dataVolume plain-root vda 32212254720 1", "data disk scsi persistentVolumeClaim plain-data sda 107374182400 shared", "seed cdrom sata cloudInitNoCloud plain-init sdb 1048576 ",
                "settings   configMap plain-settings   ", "tray cdrom sata     ",
            ],
            _vmis["plain"].GetDetail().Disks.Select(disk => $"{disk.Name} {disk.Kind} {disk.Bus} {disk.Source} {disk.SourceName} {disk.Target} {disk.Size} {(disk.Shareable ? "shared" : disk.BootOrder?.ToString())}"));
        Assert.Equal(
            [("root", false, null, (long?)null), ("extra", true, "Ready", 10737418240)],
            _vmis["plugged"].GetDetail().Disks.Select(disk => (disk.Name, disk.HotPlugged, disk.Phase, disk.Size)));
        // A machine knows what is to be there, and not what the guest calls it.
        Assert.Equal([null, null], _vms["plugged"].GetDetail().Disks.Select(disk => disk.Target));
        Assert.Equal([false, true], _vms["plugged"].GetDetail().Disks.Select(disk => disk.HotPlugged));
    }

    [Fact]
    public void InterfacesAreThoseOfTheMachineAndOfTheGuest()
    {
        Assert.Equal(
            [
                "default pod masquerade virtio 02:00:00:00:10:01 10.0.2.2 fd10::2 eth0 up", "storage kinds/storage-net bridge  02:00:00:00:10:02 192.0.2.10 eth1 up", "docker0    02:42:00:00:00:01 172.17.0.1 docker0 ",
            ],
            _vmis["plain"].GetDetail().Interfaces.Select(one => $"{one.Name} {one.Network} {one.Binding} {one.Model} {one.Mac} {string.Join(' ', one.IPAddresses)} {one.GuestName} {one.LinkState}"));
        Assert.Equal(["default", "sriov-net sriov"], _vmis["dedicated"].GetDetail().Interfaces.Select(one => one.Binding == "sriov" ? $"{one.Network} {one.Binding}" : one.Name));
    }

    [Fact]
    public void ProcessorsAndMemoryTellWhatIsPlugged()
    {
        KubeVirtMachineDetail plugged = _vmis["plugged"].GetDetail();
        Assert.Equal((3, 3, 1, 1, 8, 4), (plugged.Cpu!.VCpus, plugged.Cpu.Sockets, plugged.Cpu.Cores, plugged.Cpu.Threads, plugged.Cpu.MaxSockets, plugged.Cpu.Requested));
        Assert.Equal((2L << 30, 3L << 30, 4L << 30, 16L << 30), (plugged.Memory!.AtBoot, plugged.Memory.Guest, plugged.Memory.Requested, plugged.Memory.MaxGuest));
        KubeVirtMachineDetail dedicated = _vmis["dedicated"].GetDetail();
        Assert.Equal((8, 1, 4, 2, true, "host-passthrough"), (dedicated.Cpu!.VCpus, dedicated.Cpu.Sockets, dedicated.Cpu.Cores, dedicated.Cpu.Threads, dedicated.Cpu.Dedicated, dedicated.Cpu.Model));
        Assert.Equal("1Gi", dedicated.Memory!.HugePages);
        Assert.Null(dedicated.Cpu.Requested);
        Assert.Equal((1536L << 20, 2L << 30), (_vmis["plain"].GetDetail().Memory!.PodRequest, _vmis["plain"].GetDetail().Memory!.Guest));
        // 1500m of requested CPU are two sockets, and a limit of memory is the guest's where nothing else is said.
        Assert.Equal((2, 2, 1L << 30), (_vms["stopped"].GetDetail().Cpu!.VCpus, _vms["stopped"].GetDetail().Cpu!.Sockets, _vms["stopped"].GetDetail().Memory!.Guest));
    }

    [Fact]
    public void InstanceTypesAndPreferencesAreAppliedAsKubeVirtDoes()
    {
        Assert.Equal((3, 1), (_vms["typed-stopped"].GetDetail().Cpu!.Sockets, _vms["typed-stopped"].GetDetail().Cpu!.Cores));
        Assert.Equal((1, 3), (_vms["typed-cores"].GetDetail().Cpu!.Sockets, _vms["typed-cores"].GetDetail().Cpu!.Cores));
        Assert.Equal("virtio", _vms["typed-stopped"].GetDetail().Interfaces[0].Model);
        Assert.Equal(3L << 30, _vms["typed"].GetDetail().Memory!.Guest);
        KubeVirtMachineDetail lost = _vms["lost-type"].GetDetail();
        Assert.Null(lost.Cpu);
        Assert.Null(lost.Memory);
        Assert.Contains("\"deleted-type\" not found", lost.NotExpanded, StringComparison.Ordinal);
        Assert.Equal(["Ready=False (VMINotExists)", "Failure=True (FailedFindInstancetype)"], lost.Conditions.Select(condition => condition.ToString()));
    }

    [Fact]
    public void AFailedMigrationTellsWhereAndWhy()
    {
        KubeVirtMigration migration = _vmis["local-disk"].GetDetail().Migration!;
        Assert.Equal(("node02", "node01", "virt-launcher-local-disk-abcde", true, true, "PreCopy"), (migration.SourceNode, migration.TargetNode, migration.TargetPod, migration.Completed, migration.Failed, migration.Mode));
        Assert.Equal("Live migration stuck for 150 seconds and has been aborted", migration.FailureReason);
        Assert.Equal(TimeSpan.FromSeconds(90), migration.Ended - migration.Started);
        Assert.Null(_vmis["plain"].GetDetail().Migration);
    }

    [Fact]
    public void GuestAndLauncherAreAskedForOnTheirOwn()
    {
        KubeVirtVmi plain = _vmis["plain"];
        KubeVirtGuest guest = plain.GetGuest();
        Assert.Equal(("Fedora Linux 42", "6.14.0", "42", "plain", "9.2.0"), (guest.OS, guest.Kernel, guest.Version, guest.HostName, guest.AgentVersion));
        // Without an agent virt-api is not asked, which would refuse.
        Assert.Equal((null, null), (_vmis["typed"].GetGuest().OS, _vmis["typed"].GetGuest().AgentVersion));
        Assert.Equal(["node01"], plain.GetDetail().PodNodes);
    }

    [Fact]
    public async Task TheLauncherPodIsThatOnTheNodeOfTheInstance()
    {
        KubeVirtVmi vmi = await ObjectLists.InstancesAsync(_session, new ListOptions { Name = "vm-00001" }, Cancellation).FirstAsync(Cancellation);
        Assert.Equal(_cluster.Host.Cluster.VirtualMachineInstances[1].LauncherPod, vmi.GetLauncherPod());
        Assert.Null(_vmis["plain"].GetLauncherPod());
    }

    [Fact]
    public async Task NodesHaveTheSumsOfTheirInstances()
    {
        IReadOnlyList<KubeVirtNode> nodes = await NodeLists.ReadAsync(_session, new NodeQuery(), Cancellation);
        // node01: 1+2+4+1 vCPUs of vm-00000 to vm-00003 (1, 2, 4 in turn; 2, 3, 4, 5 GiB), io-error 1, paused 1, plain 2, typed 3; 14 + 1 + 1 + 2 + 3 GiB.
        // node02: 2+4+1+2 of vm-00004 to vm-00007, dedicated 8, local-disk 4, plugged 3; 14 + 8 + 4 + 3 GiB.
        Assert.Equal(
            ["control 0 0 0", "cordoned 0 0 0", "lost 0 0 0", "node01 8 15 21", "node02 7 24 29"],
            nodes.Select(node => $"{node.Name} {node.Machines} {node.VCpus} {node.GuestMemory >> 30}"));
        KubeVirtNode first = nodes[3];
        Assert.Equal((64.0, 256L << 30, 1000L), (first.Cpus, first.Memory, first.KvmDevices));
        Assert.Equal(15 / 64.0, first.CpuOvercommit);
        Assert.Equal(21 / 256.0, first.MemoryOvercommit);
        Assert.True(first.Ready && first.Schedulable);
        Assert.Null(first.Problem);
        IReadOnlyList<KubeVirtNode> one = await NodeLists.ReadAsync(_session, new NodeQuery { Names = ["node02"] }, Cancellation);
        Assert.Equal([("node02", (int?)7, (long?)24)], one.Select(node => (node.Name, node.Machines, node.VCpus)));
    }

    [Fact]
    public async Task NodesTellWhatKeepsMachinesAway()
    {
        Dictionary<string, KubeVirtNode> nodes = (await NodeLists.ReadAsync(_session, new NodeQuery(), Cancellation)).ToDictionary(node => node.Name);
        KubeVirtNode cordoned = nodes["cordoned"];
        Assert.Equal((true, false, true, "Cordoned"), (cordoned.Ready, cordoned.Schedulable, cordoned.Cordoned, cordoned.Problem));
        Assert.Equal((7.91, 8.0, 30L << 30, 32L << 30), (cordoned.Cpus, cordoned.CpuCapacity, cordoned.Memory, cordoned.MemoryCapacity));
        Assert.Equal(["node.kubernetes.io/unschedulable:NoSchedule"], cordoned.Taints);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 8, 5, 0, TimeSpan.Zero), cordoned.HandlerHeartbeat);
        Assert.True(cordoned.CpuManager);
        Assert.Equal(("198.18.9.1", "v1.36.2", "6.12.0", "Simulated Linux", "amd64"), (cordoned.InternalIP, cordoned.KubeletVersion, cordoned.KernelVersion, cordoned.OSImage, cordoned.Architecture));
        Assert.Equal((false, false, "Not Ready: NodeStatusUnknown: Kubelet stopped posting node status."), (nodes["lost"].Ready, nodes["lost"].Schedulable, nodes["lost"].Problem));
        Assert.Null(nodes["control"].KvmDevices);
        Assert.False(nodes["control"].Schedulable);
        Assert.StartsWith("It has no label kubevirt.io/schedulable", nodes["control"].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ObjectsAreGivenAsTheApiHasThem()
    {
        IReadOnlyList<KubeVirtNode> nodes = await NodeLists.ReadAsync(_session, new NodeQuery { Names = ["lost"] }, Cancellation);
        Assert.Equal("Node", (string?)JsonNode.Parse(nodes[0].GetJson())!["kind"]);
        JsonNode vm = JsonNode.Parse(_vms["typed"].GetJson())!;
        Assert.Equal("medium", (string?)vm["spec"]!["instancetype"]!["name"]);
    }
}
