using KubeVirtMonitor.Simulator;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

/// <summary>What events do to the metrics, worked out by hand. Clusters have two nodes with five machines each; they begin at 2026-03-01T12:00:00Z, 1772366400 in Unix seconds.</summary>
public class EventTests
{
    private const string Cpu = "kubevirt_vmi_cpu_usage_seconds_total";
    private const string Remaining = "kubevirt_vmi_migration_data_remaining_bytes";

    private readonly FakeTimeProvider _time = new(Scrapes.Start);

    [Fact]
    public void A_restart_begins_all_counters_anew_after_a_silence()
    {
        SimulatedCluster cluster = Cluster(["vm-00001:cpu=1"], "30s:restart:vm-00001:down=5s");
        Guid uid = cluster.VirtualMachineInstances[1].Uid;
        string launcher = cluster.VirtualMachineInstances[1].LauncherPod;
        At(29.9);
        Assert.Equal("409.9", Assert.Single(Lines(cluster, "handler/0", Cpu)).Number);
        foreach (double silent in new[] { 30, 34.999 })
        {
            At(silent);
            Assert.DoesNotContain("vm-00001", Scrapes.Text(cluster, "handler/0"), StringComparison.Ordinal);
            Assert.Equal("scheduling", Scrapes.Line(cluster, "controller/0", "kubevirt_vmi_info", "name=vm-00001")["phase"]);
            Assert.Equal(1_772_366_430, Scrapes.Line(cluster, "controller/0", "kubevirt_vm_starting_status_last_transition_timestamp_seconds", "name=vm-00001").Value);
        }

        At(36.5);
        Assert.Equal("1.5", Assert.Single(Lines(cluster, "handler/0", Cpu)).Number);

        // 38 × 10 reads and 40 tenths of 38 faults each second from 35 s on; packets that were dropped before are forgotten.
        Assert.Equal("570", Assert.Single(Lines(cluster, "handler/0", "kubevirt_vmi_storage_iops_read_total", "drive=rootdisk")).Number);
        Assert.Equal("5", Assert.Single(Lines(cluster, "handler/0", "kubevirt_vmi_memory_pgmajfault_total")).Number);
        Assert.Equal("0", Assert.Single(Lines(cluster, "handler/0", "kubevirt_vmi_network_receive_packets_dropped_total")).Number);
        SimulatedVmi vmi = cluster.VirtualMachineInstances[1];
        Assert.NotEqual(uid, vmi.Uid);
        Assert.NotEqual(launcher, vmi.LauncherPod);
        Assert.Equal(("Running", "node01", Scrapes.Start.AddSeconds(30), Scrapes.Start.AddSeconds(35)), (vmi.Phase, vmi.Node, vmi.Created, vmi.Started));
        Assert.Equal(1_772_366_435, Scrapes.Line(cluster, "controller/0", "kubevirt_vm_running_status_last_transition_timestamp_seconds", "name=vm-00001").Value);
    }

    [Fact]
    public void A_migration_converges_and_the_machine_is_told_of_elsewhere()
    {
        // 1000 MB at 100 MB/s, of which 20 MB/s are lost again: 12.5 s, from 20 s to 32.5 s.
        SimulatedCluster cluster = Cluster(["vm-00001:cpu=1"], "20s:migrate:vm-00001:total=1000MB,rate=100MB,dirty=20MB,gap=3s");
        At(19.9);
        Assert.Empty(Lines(cluster, "handler/0", Remaining));
        At(26);
        Assert.Equal([("1e+09", 1_772_366_420_000), ("6e+08", 1_772_366_425_000)], Samples(cluster, Remaining));
        Assert.Equal(["0", "5e+08"], Lines(cluster, "handler/0", "kubevirt_vmi_migration_data_processed_bytes").Select(static line => line.Number));
        Assert.Equal(["1e+08", "1e+08"], Lines(cluster, "handler/0", "kubevirt_vmi_migration_memory_transfer_rate_bytes").Select(static line => line.Number));
        Assert.Equal(["2e+07", "2e+07"], Lines(cluster, "handler/0", "kubevirt_vmi_migration_dirty_memory_rate_bytes").Select(static line => line.Number));
        Assert.Equal(["1e+09", "1e+09"], Lines(cluster, "handler/0", "kubevirt_vmi_migration_data_bytes_total").Select(static line => line.Number));
        Assert.Empty(Lines(cluster, "handler/0", "kubevirt_vmi_dirty_rate_bytes_per_second"));
        Assert.Equal("406", Assert.Single(Lines(cluster, "handler/0", Cpu)).Number);
        string name = Scrapes.Lines(cluster, "controller/0", "kubevirt_vmi_migration_start_time_seconds", "name=vm-00001", "node=node01").Single(static line => line.Value == 1_772_366_420)["migration_name"]!;
        Assert.DoesNotContain(Scrapes.Lines(cluster, "controller/0", "kubevirt_vmi_migration_end_time_seconds"), line => line["migration_name"] == name);
        Assert.Equal("migrating", Scrapes.Line(cluster, "controller/0", "kubevirt_vm_info", "name=vm-00001")["status"]);

        // The end: the measurements are told once more, and the machine is not for three seconds.
        At(32.5);
        Assert.Equal(3, Samples(cluster, Remaining).Count);
        Assert.Empty(Samples(cluster, Remaining));
        At(35.4);
        foreach (string id in new[] { "handler/0", "handler/1" }) Assert.Empty(Lines(cluster, id, Cpu));
        At(36.5);
        Assert.Empty(Lines(cluster, "handler/0", Cpu));
        TextLine there = Assert.Single(Lines(cluster, "handler/1", Cpu));
        Assert.Equal(("4", "node02", "node02"), (there.Number, there["node"], there["kubernetes_vmi_label_kubevirt_io_nodeName"]));
        Assert.Equal("node02", Scrapes.Line(cluster, "controller/0", "kubevirt_vmi_info", "name=vm-00001")["node"]);
        TextLine ended = Scrapes.Line(cluster, "controller/0", "kubevirt_vmi_migration_end_time_seconds", $"migration_name={name}");
        Assert.Equal((1_772_366_432, "succeeded"), (ended.Value, ended["status"]));
        Assert.Equal(["vm-00005", "vm-00006", "vm-00007", "vm-00008", "vm-00009", "vm-00001"], cluster.VmisOf(cluster.Pods.First(static pod => pod.Id == "handler/1")).Select(static vmi => vmi.Name).OrderBy(static name => name == "vm-00001"));
    }

    [Fact]
    public void Both_nodes_can_tell_of_a_machine_around_the_end()
    {
        SimulatedCluster cluster = Cluster(["vm-00001:cpu=1"], "20s:migrate:vm-00001:total=1000MB,rate=100MB,dirty=0,handover=both,gap=4s");
        At(31.5);
        Assert.Equal(("411.5", "node01"), Of(Assert.Single(Lines(cluster, "handler/0", Cpu))));
        Assert.Equal(("1.5", "node02"), Of(Assert.Single(Lines(cluster, "handler/1", Cpu))));
        At(34);
        Assert.Empty(Lines(cluster, "handler/0", Cpu));

        static (string, string?) Of(TextLine line) => (line.Number, line["node"]);
    }

    [Fact]
    public void A_migration_that_changes_as_much_as_it_moves_does_not_end()
    {
        SimulatedCluster cluster = Cluster([], "0s:migrate:vm-00001:total=2GiB,rate=50MB,dirty=60MB,fails-after=300s");
        At(299);
        Assert.All(Samples(cluster, Remaining), static sample => Assert.Equal("2.147483648e+09", sample.Number));
        At(300);
        Scrapes.Read(cluster, "handler/0");
        At(301);
        Assert.Empty(Samples(cluster, Remaining));
        Assert.Equal("failed", Scrapes.Lines(cluster, "controller/0", "kubevirt_vmi_migration_end_time_seconds").Single(static line => line.Value == 1_772_366_700)["status"]);
        Assert.Equal(("node01", false), (cluster.VirtualMachineInstances[1].Node, cluster.VirtualMachineInstances[1].Migrating));
    }

    /// <summary>
    /// Places of the ring by hand: looks at 12, 27, 42 and 57 s each turn it by one place, so 15 s takes place 4 and leaves 3 empty, and 40, 45, 50 and 55 s take the places 0, 2, 3 and 4.
    /// </summary>
    [Fact]
    public void Measurements_come_in_the_order_of_a_ring_that_each_look_turns()
    {
        SimulatedCluster cluster = Cluster([], "0s:migrate:vm-00001:rate=50MB,dirty=50MB");
        foreach ((double after, long[] told) in new (double, long[])[]
        {
            (12, [0, 5, 10]), (27, [0, 5, 10, 15, 20, 25]), (42, [5, 10, 15, 20, 25, 30, 35, 40]), (57, [20, 25, 30, 35, 40, 5, 45, 50, 55]),
        })
        {
            At(after);
            Assert.Equal(told.Select(static second => (1_772_366_400 + second) * 1000), Samples(cluster, Remaining).Select(static sample => sample.Time));
        }
    }

    [Fact]
    public void Before_1_4_there_is_the_present_value_alone()
    {
        SimulatedCluster cluster = Cluster("1.2", [], "10s:migrate:vm-00001:total=1000MB,rate=100MB,dirty=20MB");
        At(15.5);
        TextLine line = Assert.Single(Lines(cluster, "handler/0", Remaining));
        Assert.Equal(("5.6e+08", null), (line.Number, line.Timestamp));
        Assert.Equal("1e+08", Assert.Single(Lines(cluster, "handler/0", "kubevirt_vmi_migration_disk_transfer_rate_bytes")).Number);
        At(25);
        Assert.Empty(Lines(cluster, "handler/0", Remaining));
        Assert.Equal("node02", Assert.Single(Lines(cluster, "handler/1", Cpu))["node"]);
    }

    [Fact]
    public void The_endless_migration_of_a_node_can_end()
    {
        SimulatedCluster cluster = Cluster([], "20s:migrated:vm-00003:gap=0s");
        At(19);
        Assert.Equal(10, Scrapes.Lines(cluster, "handler/0", Remaining, "name=vm-00003").Count);
        At(20.5);
        Assert.Empty(Scrapes.Lines(cluster, "handler/0", Remaining, "name=vm-00003"));
        Assert.Equal("node02", Scrapes.Line(cluster, "handler/1", Cpu, "name=vm-00003")["node"]);
        Assert.Equal(1_772_366_420, Scrapes.Line(cluster, "controller/0", "kubevirt_vmi_migration_end_time_seconds", "migration_name=migrate-vm-00003").Value);
    }

    [Fact]
    public void A_disk_that_is_plugged_in_counts_from_zero()
    {
        SimulatedCluster cluster = Cluster([], "10s:hotplug:vm-00001:disk=data1,read=50,read-latency=2ms");
        At(9);
        Assert.Empty(Lines(cluster, "handler/0", "kubevirt_vmi_storage_iops_read_total", "drive=data1"));
        At(20.5);

        // 50 × 10.5 reads of 2 ms and 4 KiB; 2 × 38 writes each second as usual.
        Assert.Equal("525", Assert.Single(Lines(cluster, "handler/0", "kubevirt_vmi_storage_iops_read_total", "drive=data1")).Number);
        Assert.Equal("1.05", Assert.Single(Lines(cluster, "handler/0", "kubevirt_vmi_storage_read_times_seconds_total", "drive=data1")).Number);
        Assert.Equal("2.1504e+06", Assert.Single(Lines(cluster, "handler/0", "kubevirt_vmi_storage_read_traffic_bytes_total", "drive=data1")).Number);
        Assert.Equal("798", Assert.Single(Lines(cluster, "handler/0", "kubevirt_vmi_storage_iops_write_total", "drive=data1")).Number);
        cluster.SetLoad(KnownLoad.Parse("vm-00001:data1.write=1"));
    }

    [Fact]
    public void A_virt_handler_that_restarts_counts_its_own_work_anew_and_that_of_machines_on()
    {
        SimulatedCluster cluster = Cluster(["vm-00001:cpu=1"], "30s:restart:handler/0");
        string before = cluster.Pods.First(static pod => pod.Id == "handler/0").Name;
        At(29);
        Assert.Equal("13.21", Scrapes.Line(cluster, "handler/0", "process_cpu_seconds_total").Number);
        At(40);
        Assert.NotEqual(before, cluster.Pods.First(static pod => pod.Id == "handler/0").Name);
        Assert.Equal("0.3", Scrapes.Line(cluster, "handler/0", "process_cpu_seconds_total").Number);
        Assert.Equal("1.77236643e+09", Scrapes.Line(cluster, "handler/0", "process_start_time_seconds").Number);
        Assert.Equal("10", Scrapes.Line(cluster, "handler/0", "kubevirt_workqueue_adds_total", "name=virt-handler-node-labeller").Number);
        Assert.Equal("420", Assert.Single(Lines(cluster, "handler/0", Cpu)).Number);
        Assert.Equal("13.54", Scrapes.Line(cluster, "handler/1", "process_cpu_seconds_total").Number);
    }

    [Fact]
    public void A_machine_that_does_not_answer_is_left_out_and_goes_on()
    {
        SimulatedCluster cluster = Cluster(["vm-00001:cpu=1"], "10s:silent:vm-00001:for=15s");
        foreach ((double after, string? expected) in new[] { (9.5, "389.5"), (10, null), (24.9, null), (25, "405") })
        {
            At(after);
            Assert.Equal((after, expected), (after, Lines(cluster, "handler/0", Cpu).SingleOrDefault()?.Number));
        }

        Assert.Equal("running", Scrapes.Line(cluster, "controller/0", "kubevirt_vmi_info", "name=vm-00001")["phase"]);
    }

    [Fact]
    public void Something_can_happen_again_and_again()
    {
        SimulatedCluster cluster = Cluster(["vm-00001:cpu=1"], "10s+30s:restart:vm-00001:down=2s", "0s+60s:migrate:vm-00000:total=1GB,rate=1GB,dirty=0,gap=0s", "5s+50s:restart:handler/1");
        At(41);
        Assert.Empty(Lines(cluster, "handler/0", Cpu));
        At(75.25);
        Assert.Equal("3.25", Assert.Single(Lines(cluster, "handler/0", Cpu)).Number);
        Assert.Equal(["node02", "node01"], cluster.Migrations.Where(static each => each.Vmi == "vm-00000" && each.Transfer is not null).Select(static each => each.TargetNode));
        Assert.Equal("1.772366455e+09", Scrapes.Line(cluster, "handler/1", "process_start_time_seconds").Number);

        // After a day of events nobody looked, all of them have happened.
        At(86_400 + 42.5);
        Assert.Equal("0.5", Assert.Single(Lines(cluster, "handler/0", Cpu)).Number);
    }

    [Fact]
    public void Something_can_happen_now_or_later()
    {
        SimulatedCluster cluster = Cluster([]);
        At(7.5);
        cluster.Happen(ClusterEvent.Parse("restart:vm-00001:down=0s"));
        cluster.Happen(ClusterEvent.Parse("2s:load:vm-00001:cpu=2"));
        At(11.5);

        // 38 × 2 × 0.010000003 s for two seconds, then 2 s each second.
        Assert.Equal("5.520000456", Assert.Single(Lines(cluster, "handler/0", Cpu)).Number);
    }

    [Theory]
    [InlineData("30s:explode:vm-00001", "'explode' cannot happen. Write it like 30s:restart:vm-00001. What can happen: restart:VM")]
    [InlineData("30s:restart", "says to no machine what happens")]
    [InlineData("30x:restart:vm-00001", "'30x' is not a duration")]
    [InlineData("30s:restart:vm-00001:down", "'down' is not written like name=value")]
    [InlineData("30s:restart:vm-00001:up=1s", "restart does not know 'up'. It knows: down.")]
    [InlineData("30s:restart:vm-00001:down=long", "'long' is not a duration")]
    [InlineData("30s:migrate:vm-00001:rate=fast", "'fast' is not a size")]
    [InlineData("30s:migrate:vm-00001:handover=some", "handover is none or both")]
    [InlineData("30s:migrate:vm-00001:to=node09", "There is no node 'node09' to go to. There are: node01, node02.")]
    [InlineData("0s:migrate:vm-00001:to=node01", "vm-00001 is on node01 already.")]
    [InlineData("0s:migrated:vm-00001", "vm-00001 is not being migrated.")]
    [InlineData("30s:hotplug:vm-00001:disk=rootdisk", "vm-00001 has a disk 'rootdisk' already.")]
    [InlineData("30s:hotplug:vm-00001:reed=5", "'data1.reed' is not known")]
    [InlineData("30s:load:vm-00001", "says no load")]
    [InlineData("30s:load:vm-00001:ready=1.5", "a share is from 0 to 1")]
    [InlineData("30s+0s:restart:vm-00001", "happens all the time")]
    [InlineData("30s:restart:vm-99999", "There is no running machine 'vm-99999'")]
    public void What_cannot_happen_is_explained(string text, string expected)
    {
        Exception failure = Assert.ThrowsAny<Exception>(() => Cluster([], text));
        Assert.True(failure is FormatException or ArgumentException, failure.GetType().Name);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promtool_accepts_what_events_make()
    {
        SimulatedCluster cluster = Cluster(["*:cpu=0.5"], "1s:migrate:vm-00001:dirty=50MB", "2s:hotplug:vm-00000", "3s:restart:vm-00002:down=1s", "4s:restart:handler/0");
        At(57);
        ToolResult result = await Tool.RunAsync("promtool", ["check", "metrics"], Scrapes.Text(cluster, "handler/0"));
        Assert.DoesNotContain("error while linting", result.Output + result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("parsing error", result.Output + result.Errors, StringComparison.Ordinal);
    }

    private static IReadOnlyList<TextLine> Lines(SimulatedCluster cluster, string id, string name, params string[] labels) => Scrapes.Lines(cluster, id, name, ["name=vm-00001", .. labels]);

    private static IReadOnlyList<(string Number, long Time)> Samples(SimulatedCluster cluster, string name) => [.. Lines(cluster, "handler/0", name).Select(static line => (line.Number, line.Timestamp!.Value))];

    private SimulatedCluster Cluster(string[] loads, params string[] events) => Cluster("1.9", loads, events);

    private SimulatedCluster Cluster(string version, string[] loads, params string[] events) => Scrapes.Cluster(
        options => options with { Loads = [.. loads.Select(KnownLoad.Parse)], Events = [.. events.Select(ClusterEvent.Parse)] }, _time, version, handlers: 2, vmis: 5);

    private void At(double seconds) => _time.SetUtcNow(Scrapes.After(seconds));
}
