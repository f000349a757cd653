using System.Globalization;
using System.Text;
using KubeVirtMonitor.Usage;
using Xunit;

namespace KubeVirtMonitor.Tests.Usage;

public sealed class UsageTrackerTests
{
    private const string M = "node=\"alpha\",namespace=\"shop\",name=\"web\"";

    [Fact]
    public void Processor_figures_are_those_worked_out_by_hand()
    {
        // 30 s; 45 CPU seconds, of which 27 in user mode; virtual CPUs ran 21 s each, and waited 1.5 and 3 s.
        KubeVirtUsage usage = new Looks()
            .Scrape(0, Cpu(100, 60, 40, (50, 1), (40, 2)), keepsTable: true).Turned()
            .Scrape(30, Cpu(145, 87, 58, (71, 2.5), (61, 5)) + "kubevirt_vmi_guest_load_1m{web} 3.5\nkubevirt_vmi_guest_load_5m{web} 2\nkubevirt_vmi_guest_load_15m{web} 1\n").One();
        Assert.Equal(("shop", "web", "alpha"), (usage.Namespace, usage.Vmi, usage.Node));
        Assert.Equal((TimeSpan.FromSeconds(30), Looks.Start.AddSeconds(30)), (usage.Interval, usage.Timestamp));
        Assert.Equal((true, false), (usage.Refreshed, usage.Restarted));
        Assert.Equal(2, usage.VCpus);
        Assert.Equal(1.5, usage.CpuUsed);
        Assert.Equal(75, usage.CpuPercent);
        Assert.Equal(0.9, usage.CpuUser!.Value, 12);
        Assert.Equal(0.6, usage.CpuSystem!.Value, 12);
        Assert.Equal(70, usage.GuestCpuPercent!.Value, 12);
        Assert.Equal(0.1, usage.CpuOverhead!.Value, 12);
        Assert.Equal(7.5, usage.CpuReadyPercent!.Value, 12);
        Assert.Equal(10, usage.CpuReadyMaxPercent!.Value, 12);
        Assert.Equal(3000, usage.CpuReadyMs!.Value, 9);
        Assert.Equal((3.5, 2d, 1d, 1.5), (usage.Load1, usage.Load5, usage.Load15, usage.CpuQueue));
    }

    [Fact]
    public void Memory_figures_are_those_worked_out_by_hand()
    {
        const string gauges = """
            kubevirt_vmi_memory_domain_bytes{web} 4294967296
            kubevirt_vmi_memory_actual_balloon_bytes{web} 3221225472
            kubevirt_vmi_memory_resident_bytes{web} 4724464025.6
            kubevirt_vmi_memory_available_bytes{web} 4000000000
            kubevirt_vmi_memory_usable_bytes{web} 1000000000
            kubevirt_vmi_memory_unused_bytes{web} 300000000
            kubevirt_vmi_memory_cached_bytes{web} 700000000
            kubevirt_vmi_dirty_rate_bytes_per_second{web} 1048576

            """;
        KubeVirtUsage usage = new Looks()
            .Scrape(0, gauges + Slow(1000, 2000, 10, 100)).Turned()
            .Scrape(20, gauges + Slow(21_000, 42_000, 110, 1100)).One();
        Assert.Equal((4294967296, 4_000_000_000, 1_000_000_000, 300_000_000, 700_000_000), (usage.Memory, usage.MemoryVisible, usage.MemoryUsable, usage.MemoryUnused, usage.MemoryCached));
        Assert.Equal((3_000_000_000, 75d), (usage.MemoryUsed, usage.MemoryUsedPercent));
        // libvirt's domain is what the balloon leaves too, so it says nothing of the balloon.
        Assert.Null(usage.MemoryBallooned);
        Assert.Equal(110, usage.MemoryResidentPercent!.Value, 9);
        Assert.Equal((1000d, 2000d, 5d, 50d), (usage.SwapInBytesPerSecond, usage.SwapOutBytesPerSecond, usage.MajorFaultsPerSecond, usage.MinorFaultsPerSecond));
        Assert.Equal(1048576, usage.DirtyBytesPerSecond);
    }

    [Fact]
    public void Swap_and_faults_need_twenty_seconds()
    {
        KubeVirtUsage usage = new Looks().Scrape(0, Slow(0, 0, 0, 0) + "kubevirt_vmi_cpu_usage_seconds_total{web} 1\n").Turned().Scrape(19.9, Slow(9, 9, 9, 9) + "kubevirt_vmi_cpu_usage_seconds_total{web} 2\n").One();
        Assert.NotNull(usage.CpuUsed);
        Assert.Null(usage.SwapInBytesPerSecond ?? usage.SwapOutBytesPerSecond ?? usage.MajorFaultsPerSecond ?? usage.MinorFaultsPerSecond);
    }

    [Fact]
    public void Latency_of_a_machine_is_all_times_by_all_operations_and_never_a_mean_of_means()
    {
        // vda: 100 reads in 0.2 s (2 ms), 300 writes in 3 s (10 ms), 10 flushes in 0.05 s; vdb: 1 read in 0.101 s, nothing else. Of both: 0.301 s by 101 reads.
        Looks looks = new Looks()
            .Scrape(0, Drive("vda", 0, 0, 0, 0, 0, 0, 0, 0) + Drive("vdb", 5, 7, 3, 1, 1, 1, 1, 1)).Turned()
            .Scrape(10, Drive("vda", 100, 300, 10, 409_600, 2_457_600, 0.2, 3, 0.05) + Drive("vdb", 6, 7, 3, 4097, 1, 1.101, 1, 1));
        UsageLook look = looks.Tracker.Complete(withDevices: true);
        KubeVirtUsage usage = look.Machines.Single();
        Assert.Equal((10.1, 30d, 1d), (usage.DiskReadIops!.Value, usage.DiskWriteIops, usage.DiskFlushIops));
        Assert.Equal((41_369.6, 245_760d), (usage.DiskReadBytesPerSecond!.Value, usage.DiskWriteBytesPerSecond));
        Assert.Equal(301d / 101, usage.DiskReadLatencyMs!.Value, 9);
        Assert.Equal(10, usage.DiskWriteLatencyMs!.Value, 9);
        Assert.Equal(5, usage.DiskFlushLatencyMs!.Value, 9);
        Assert.Equal(3301d / 401, usage.DiskLatencyMs!.Value, 9);
        Assert.Equal(0.3301, usage.DiskQueueDepth!.Value, 9);
        Assert.Equal(4096, usage.DiskReadSize!.Value, 6);
        Assert.Equal(8192, usage.DiskWriteSize!.Value, 6);
        KubeVirtUsageDetail[] drives = [.. look.Details];
        Assert.Equal(["vda", "vdb"], drives.Select(drive => drive.Device));
        Assert.Equal((2d, 10d, 5d), (Math.Round(drives[0].ReadLatencyMs!.Value, 9), Math.Round(drives[0].WriteLatencyMs!.Value, 9), Math.Round(drives[0].FlushLatencyMs!.Value, 9)));
        Assert.Equal(101, drives[1].ReadLatencyMs!.Value, 9);
        // 0 by 0 has no value, and nothing was written is known to be 0.
        Assert.Null(drives[1].WriteLatencyMs ?? drives[1].WriteSize);
        Assert.Equal(0, drives[1].WriteIops);
    }

    [Fact]
    public void Network_figures_are_those_worked_out_by_hand()
    {
        // 990 packets came whole, 10 were broken, 20 were dropped; 500 were sent, none failed.
        KubeVirtUsage usage = new Looks()
            .Scrape(0, Interface("default", 0, 0, 0, 0, 0, 0, 0, 0)).Turned()
            .Scrape(10, Interface("default", 1_000_000, 500_000, 990, 500, 10, 0, 20, 0)).One();
        Assert.Equal((100_000d, 50_000d, 99d, 50d), (usage.NetworkReceiveBytesPerSecond, usage.NetworkTransmitBytesPerSecond, usage.NetworkReceivePacketsPerSecond, usage.NetworkTransmitPacketsPerSecond));
        Assert.Equal(1, usage.NetworkReceiveErrorPercent!.Value, 9);
        Assert.Equal(2000d / 1010, usage.NetworkReceiveDropPercent!.Value, 9);
        Assert.Equal((0d, 0d), (usage.NetworkTransmitErrorPercent, usage.NetworkTransmitDropPercent));
    }

    [Fact]
    public void The_deprecated_traffic_family_is_not_added_to_the_two_new_ones() =>
        Assert.Equal(100, new Looks()
            .Scrape(0, Interface("default", 0, 0, 0, 0, 0, 0, 0, 0) + "kubevirt_vmi_network_traffic_bytes_total{" + M + ",interface=\"default\",type=\"rx\"} 0\n").Turned()
            .Scrape(10, Interface("default", 1000, 0, 0, 0, 0, 0, 0, 0) + "kubevirt_vmi_network_traffic_bytes_total{" + M + ",interface=\"default\",type=\"rx\"} 1000\n").One().NetworkReceiveBytesPerSecond);

    [Fact]
    public void The_fullest_file_system_counts_and_pseudo_ones_do_not()
    {
        string text = FileSystem("/", "vda3", "xfs", 85, 100) + FileSystem("/boot", "vda2", "ext4", 20, 100) + FileSystem("/run", "none", "tmpfs", 99, 100)
            + FileSystem("/sys/fs/cgroup", "none", "cgroup2", 100, 100) + FileSystem("/mnt/s", "s", "fuse.sshfs", 100, 100) + FileSystem("System Reserved", "disk0", "NTFS", 98, 100) + FileSystem("/zero", "x", "ext4", 0, 0);
        UsageLook look = new Looks().Scrape(0, text).Tracker.Complete(withDevices: true);
        Assert.Equal(85, look.Machines.Single().FileSystemMaxPercent);
        Assert.Equal(7, look.Details.Count);
        Assert.Null(look.Details.Single(detail => detail.Device == "/zero").UsedPercent);
        KubeVirtUsageDetail root = look.Details.Single(detail => detail.Device == "/");
        Assert.Equal((UsageDevice.FileSystem, "vda3", "xfs", 85d, 100d), (root.Kind, root.Disk, root.FileSystemType, root.Used!.Value, root.Capacity!.Value));
    }

    [Fact]
    public void One_look_gives_gauges_and_no_rate()
    {
        KubeVirtUsage usage = new Looks().Scrape(0, Cpu(1, 1, 0, (1, 1)) + "kubevirt_vmi_memory_domain_bytes{web} 5\n" + Drive("vda", 1, 1, 1, 1, 1, 1, 1, 1)).One();
        Assert.Equal((5d, 1), (usage.Memory, usage.VCpus));
        Assert.Null(usage.Interval ?? (object?)usage.Refreshed ?? usage.CpuUsed ?? usage.CpuPercent ?? usage.CpuReadyPercent ?? usage.DiskReadIops ?? usage.DiskReadLatencyMs);
    }

    [Fact]
    public void What_is_absent_is_null_and_never_0()
    {
        // Neither balloon nor agent, no disk, no network; as KubeVirt 1.0 has it, without delay.
        KubeVirtUsage usage = new Looks()
            .Scrape(0, "kubevirt_vmi_cpu_usage_seconds_total{web} 1\n", version: "1.0.1").Turned()
            .Scrape(30, "kubevirt_vmi_cpu_usage_seconds_total{web} 4\n", version: "1.0.1").One();
        Assert.Equal(0.1, usage.CpuUsed!.Value, 12);
        string[] known = ["Scope", "Name", "Namespace", "Vmi", "Node", "Machines", "Timestamp", "IntervalSeconds", "Refreshed", "Restarted", "CpuUsed"];
        Each.Of(typeof(KubeVirtUsage).GetProperties().Where(property => !known.Contains(property.Name)).ToArray(), property => Assert.True(property.GetValue(usage) is null, property.Name));
    }

    [Fact]
    public void Equal_counters_are_not_idle_but_not_read_anew()
    {
        string text = Cpu(100, 60, 40, (50, 1)) + "kubevirt_vmi_memory_domain_bytes{web} 5\n";
        KubeVirtUsage soon = new Looks().Scrape(0, text).Turned().Scrape(5, text).One();
        Assert.Equal((false, (double?)null, 5d), (soon.Refreshed, soon.CpuUsed, soon.Memory));
        // A paused machine is read anew, and does nothing: after 20 s it is certain.
        KubeVirtUsage late = new Looks().Scrape(0, text).Turned().Scrape(20, text).One();
        Assert.Equal((false, 0d, 0d), (late.Refreshed, late.CpuUsed, late.CpuReadyPercent));
    }

    [Fact]
    public void Counters_that_fall_together_are_a_machine_that_began_anew()
    {
        Looks looks = new Looks().Scrape(0, Cpu(100, 60, 40, (50, 1)) + Drive("vda", 9, 9, 9, 9, 9, 9, 9, 9)).Turned().Scrape(30, Cpu(5, 3, 2, (4, 2)) + Drive("vda", 20, 20, 20, 20, 20, 20, 20, 20));
        KubeVirtUsage usage = looks.One();
        Assert.True(usage.Restarted);
        // Also what did not fall began anew: a counter that has caught up says nothing.
        Assert.Null(usage.CpuUsed ?? usage.CpuReadyPercent ?? usage.DiskReadIops);
        Assert.Equal(1, usage.VCpus);
        Assert.Equal(0.1, looks.Scrape(60, Cpu(8, 3, 2, (4, 2))).One().CpuUsed!.Value, 12);
    }

    [Fact]
    public void A_disk_that_is_plugged_anew_does_not_hide_the_rest()
    {
        KubeVirtUsage usage = new Looks()
            .Scrape(0, Cpu(100, 60, 40, (50, 1)) + Drive("vda", 0, 0, 0, 0, 0, 0, 0, 0) + Drive("vdb", 900, 900, 900, 900, 900, 900, 900, 900)).Turned()
            .Scrape(10, Cpu(110, 66, 44, (55, 1)) + Drive("vda", 50, 0, 0, 0, 0, 0, 0, 0) + Drive("vdb", 1, 1, 1, 1, 1, 1, 1, 1)).One();
        Assert.Equal((false, 1d, 5d), (usage.Restarted, usage.CpuUsed, usage.DiskReadIops));
    }

    [Fact]
    public void Milliseconds_of_virtual_CPUs_are_seen_where_the_version_is_not_known()
    {
        // As in 1.2.1 to 1.5: 24 s of 30 in milliseconds, beside 27 CPU seconds.
        KubeVirtUsage usage = new Looks()
            .Scrape(0, Cpu(397.3, 287.21, 110.09, (238_300, 1)), version: null).Turned()
            .Scrape(30, Cpu(424.3, 308, 116.3, (262_300, 1)), version: null).One();
        Assert.Equal(80, usage.GuestCpuPercent!.Value, 9);
        Assert.Equal(90, usage.CpuPercent!.Value, 9);
    }

    [Theory]
    [InlineData("1.2.2", 1000)]
    [InlineData("1.5.3", 1000)]
    [InlineData("1.6.0", 1)]
    [InlineData("1.9.0", 1)]
    public void Units_are_those_of_the_version(string version, double unit)
    {
        // An idle machine whose emulator does next to nothing: what its virtual CPU ran is a tenth of what shows by itself.
        KubeVirtUsage usage = new Looks()
            .Scrape(0, Cpu(1000, 0, 0, (900 * unit, 1)), version: version).Turned()
            .Scrape(30, Cpu(1006, 0, 0, (903 * unit, 1)), version: version).One();
        Assert.Equal(10, usage.GuestCpuPercent!.Value, 9);
    }

    [Fact]
    public void The_state_of_a_virtual_CPU_is_that_of_the_moment_and_tells_no_two_counters_apart()
    {
        static string At(string state, double seconds) => string.Create(CultureInfo.InvariantCulture, $"kubevirt_vmi_vcpu_seconds_total{{{M},id=\"0\",state=\"{state}\"}} {seconds}\n");
        KubeVirtUsage usage = new Looks().Scrape(0, At("running", 10)).Turned().Scrape(10, At("blocked", 15)).One();
        Assert.Equal((1, 50d), (usage.VCpus, usage.GuestCpuPercent));
    }

    [Fact]
    public void A_label_that_is_added_to_a_machine_makes_no_other_of_it()
    {
        Looks looks = new Looks().Scrape(0, "kubevirt_vmi_cpu_usage_seconds_total{" + M + "} 10\n").Turned().Scrape(10, "kubevirt_vmi_cpu_usage_seconds_total{" + M + ",kubernetes_vmi_label_tier=\"a\"} 15\n");
        Assert.Equal(0.5, looks.One().CpuUsed);
    }

    [Fact]
    public void Another_table_of_labels_finds_the_same_machines() =>
        Assert.Equal(0.5, new Looks().Scrape(0, Cpu(10, 0, 0, (1, 1)), keepsTable: false).Turned().Scrape(10, "kubevirt_vmi_cpu_usage_seconds_total{node=\"alpha\",namespace=\"shop\",name=\"other\"} 1\n" + Cpu(15, 0, 0, (1, 1)), keepsTable: false)
            .Tracker.Complete().Machines.Single(usage => usage.Vmi == "web").CpuUsed);

    [Fact]
    public void A_virt_handler_that_was_replaced_goes_on_where_the_old_one_stopped() =>
        Assert.Equal(0.5, new Looks().Scrape(0, Cpu(10, 0, 0, (1, 1)), "pod-a").Turned().Scrape(10, Cpu(15, 0, 0, (2, 1)), "pod-b").One().CpuUsed);

    [Fact]
    public void A_scrape_that_failed_is_as_if_it_had_not_been_tried()
    {
        Looks looks = new Looks().Scrape(0, Cpu(10, 0, 0, (1, 1))).Turned().Scrape(10, Cpu(900, 0, 0, (1, 1)), isWhole: false);
        Assert.Empty(looks.Tracker.Complete().Machines);
        KubeVirtUsage usage = looks.Scrape(20, Cpu(15, 0, 0, (2, 1))).One();
        Assert.Equal((TimeSpan.FromSeconds(20), 0.25), (usage.Interval, usage.CpuUsed));
    }

    [Fact]
    public void Of_two_virt_handlers_that_report_a_machine_the_one_counts_that_knew_it_before()
    {
        Looks looks = new Looks().Scrape(0, Cpu(10, 0, 0, (1, 1)), "source").Turned()
            .Scrape(10, Cpu(0.2, 0, 0, (0.1, 0)).Replace("alpha", "beta", StringComparison.Ordinal), "target").Scrape(10.1, Cpu(15.05, 0, 0, (2, 1)), "source");
        KubeVirtUsage usage = looks.One();
        Assert.Equal(("alpha", 0.5), (usage.Node, Math.Round(usage.CpuUsed!.Value, 6)));
    }

    [Fact]
    public void A_machine_that_has_moved_begins_anew_at_its_new_node()
    {
        Looks looks = new Looks().Scrape(0, Cpu(10, 0, 0, (1, 1)), "source").Turned().Scrape(10, Cpu(0.2, 0, 0, (0.1, 0)).Replace("alpha", "beta", StringComparison.Ordinal), "target");
        KubeVirtUsage usage = looks.One();
        Assert.Equal(("beta", true, (double?)null), (usage.Node, usage.Restarted, usage.CpuUsed));
        Assert.Equal(0.1, looks.Scrape(20, Cpu(1.2, 0, 0, (0.1, 0)).Replace("alpha", "beta", StringComparison.Ordinal), "target").One().CpuUsed!.Value, 9);
    }

    [Fact]
    public void Whether_another_look_is_needed_depends_on_what_was_seen_before()
    {
        Looks looks = new Looks().Scrape(0, Cpu(1, 0, 0, (1, 1)), hasAll: false);
        Assert.True(looks.Tracker.NeedsAnother);
        looks.Tracker.Turn();
        Assert.False(looks.Scrape(20, Cpu(2, 0, 0, (1, 1))).Tracker.NeedsAnother);
        looks.Tracker.Turn();
        // The look before had all machines of the target, so the other one is new: waiting for it would help nobody.
        const string other = "kubevirt_vmi_cpu_usage_seconds_total{namespace=\"shop\",name=\"new\"} 1\n";
        Assert.False(looks.Scrape(40, Cpu(3, 0, 0, (1, 1)) + other).Tracker.NeedsAnother);
        looks.Tracker.Turn();
        Assert.True(looks.Scrape(60, other.Replace("new", "far", StringComparison.Ordinal), "elsewhere").Tracker.NeedsAnother);
    }

    [Fact]
    public void A_look_is_forgotten_after_ten_minutes()
    {
        Assert.NotNull(new Looks().Scrape(0, Cpu(1, 0, 0, (1, 1))).Turned().Scrape(600, Cpu(2, 0, 0, (1, 1))).One().CpuUsed);
        KubeVirtUsage usage = new Looks().Scrape(0, Cpu(1, 0, 0, (1, 1))).Turned().Scrape(601, Cpu(2, 0, 0, (1, 1))).One();
        Assert.Equal((null, null), (usage.Interval, usage.CpuUsed));
        Assert.True(new Looks().Scrape(0, Cpu(1, 0, 0, (1, 1))).Turned().Scrape(601, Cpu(2, 0, 0, (1, 1))).Tracker.NeedsAnother);
        Assert.False(new Looks().Scrape(0, Cpu(1, 0, 0, (1, 1))).Turned().Scrape(600, Cpu(2, 0, 0, (1, 1))).Tracker.NeedsAnother);
    }

    [Fact]
    public void A_machine_that_has_come_back_is_compared_with_where_it_was()
    {
        // Three QEMUs: what the first node knew before is of none of the others.
        static string On(string node, double cpu) => Cpu(cpu, 0, 0, (0, 0)).Replace("alpha", node, StringComparison.Ordinal);
        const string other = "kubevirt_vmi_cpu_usage_seconds_total{namespace=\"shop\",name=\"other\"} 1\n";
        KubeVirtUsage usage = new Looks().Scrape(0, On("alpha", 1) + other, "a").Turned().Scrape(20, On("beta", 9), "b").Scrape(20, other, "a").Turned()
            .Scrape(40, On("alpha", 3) + other, "a").Tracker.Complete().Machines.Single(usage => usage.Vmi == "web");
        Assert.Equal((true, (double?)null, TimeSpan.FromSeconds(20)), (usage.Restarted, usage.CpuUsed, usage.Interval));
    }

    [Fact]
    public void Of_a_disk_that_began_anew_no_counter_counts()
    {
        // vdb has caught up in times and bytes, and not in reads: its times would be added to reads of vda.
        KubeVirtUsage usage = new Looks()
            .Scrape(0, Cpu(1, 0, 0, (1, 1)) + Drive("vda", 0, 0, 0, 0, 0, 0, 0, 0) + Drive("vdb", 900, 0, 0, 0, 0, 0.5, 0, 0)).Turned()
            .Scrape(10, Cpu(2, 0, 0, (1, 1)) + Drive("vda", 100, 0, 0, 0, 0, 0.1, 0, 0) + Drive("vdb", 100, 0, 0, 0, 0, 0.6, 0, 0)).One();
        Assert.Equal(1, usage.DiskReadLatencyMs!.Value, 9);
    }

    [Fact]
    public void What_the_balloon_holds_back_is_known_from_the_configured_memory()
    {
        const string requests = """
            kubevirt_vm_resource_requests{namespace="shop",name="web",resource="memory",unit="bytes",source="guest_effective"} 4294967296
            kubevirt_vm_resource_requests{namespace="shop",name="web",resource="memory",unit="bytes",source="requests"} 9294967296
            kubevirt_vm_resource_requests{namespace="shop",name="web",resource="cpu",unit="cores",source="guest_effective"} 2

            """;
        KubeVirtUsage usage = new Looks().Scrape(0, "kubevirt_vmi_memory_actual_balloon_bytes{web} 3221225472\nkubevirt_vmi_memory_domain_bytes{web} 3221225472\n")
            .Scrape(0, requests, "controller", component: ComponentKind.Controller).One();
        Assert.Equal(1073741824, usage.MemoryBallooned);
    }

    [Fact]
    public void Two_machines_of_one_name_at_two_addresses_are_no_migration()
    {
        Looks looks = new Looks().Scrape(0, Cpu(10, 0, 0, (1, 1)), "north").Scrape(0, Cpu(20, 0, 0, (1, 1)), "south").Turned()
            .Scrape(10, Cpu(11, 0, 0, (1, 1)), "north").Scrape(10, Cpu(22, 0, 0, (1, 1)), "south");
        Assert.Equal(["shop/web"], looks.Tracker.Complete().Doubles);
    }

    [Fact]
    public void An_idle_machine_of_a_known_version_has_no_milliseconds()
    {
        // The CPU time of a control group is exact, and that of a virtual CPU in steps of 10 ms.
        KubeVirtUsage usage = new Looks().Scrape(0, Cpu(100, 0, 0, (90, 1))).Turned().Scrape(10, Cpu(100.0009, 0, 0, (90.01, 1))).One();
        Assert.Equal(0.1, usage.GuestCpuPercent!.Value, 9);
    }

    [Fact]
    public void Machines_that_come_and_go_leave_nothing_behind()
    {
        Looks looks = new();
        for (int round = 0; round < 3000; round++)
        {
            StringBuilder text = new();
            for (int i = 0; i < 3; i++) text.Append(CultureInfo.InvariantCulture, $"kubevirt_vmi_cpu_usage_seconds_total{{namespace=\"n\",name=\"vm-{round}-{i}\"}} {round}\n");
            looks.Scrape(30 * round, text + Cpu(round, 0, 0, (1, 1))).Tracker.Turn();
        }

        // 20 looks fit into ten minutes, of three machines each, and some are kept until there are enough to forget at once.
        Assert.InRange(looks.Tracker.Remembered, 61, 200);
    }

    [Fact]
    public void Percentages_of_many_are_of_those_that_have_the_figures()
    {
        // On one node: web uses 1 CPU of 2; old began anew and has no rates, and its 2 virtual CPUs count for nothing; nob has no balloon driver.
        static string Of(string name, double cpu, string more = "") => (Cpu(cpu, 0, 0, (cpu / 2, 1), (cpu / 2, 1)) + "kubevirt_vmi_memory_domain_bytes{web} 1000\n" + more)
            .Replace("{web}", $"{{node=\"alpha\",namespace=\"shop\",name=\"{name}\"}}", StringComparison.Ordinal).Replace("name=\"web\"", $"name=\"{name}\"", StringComparison.Ordinal);
        const string guest = "kubevirt_vmi_memory_available_bytes{web} 800\nkubevirt_vmi_memory_usable_bytes{web} 600\n";
        static string InFamilies(params string[] texts) => string.Concat(string.Concat(texts).Split('\n', StringSplitOptions.RemoveEmptyEntries).GroupBy(line => line[..line.IndexOf('{', StringComparison.Ordinal)]).SelectMany(family => family).Select(line => line + "\n"));
        UsageLook look = new Looks().Scrape(0, InFamilies(Of("web", 100, guest), Of("old", 100, guest), Of("nob", 100))).Turned()
            .Scrape(10, InFamilies(Of("web", 110, guest), Of("old", 1, guest), Of("nob", 110))).Tracker.Complete();
        KubeVirtUsage node = UsageGroups.By(look.Machines, UsageScope.Node).Single();
        Assert.Equal((3, 6, "alpha", (string?)null), (node.Machines, node.VCpus, node.Node, node.Vmi));
        Assert.Equal((2d, 50d), (node.CpuUsed, node.CpuPercent));
        Assert.Equal(50, node.GuestCpuPercent!.Value, 9);
        Assert.Equal((3000d, 400d, 25d), (node.Memory, node.MemoryUsed, node.MemoryUsedPercent));
        Assert.True(node.Restarted);
        Assert.Null(node.MigrationConverges);
    }

    [Fact]
    public void What_virt_controller_knows_is_added()
    {
        const string facts = """
            kubevirt_vmi_launcher_memory_overhead_bytes{namespace="shop",name="web"} 268435456
            kubevirt_vm_running_status_last_transition_timestamp_seconds{namespace="shop",name="web"} 1772366300
            kubevirt_vm_starting_status_last_transition_timestamp_seconds{namespace="shop",name="web"} 0
            kubevirt_vmi_migration_start_time_seconds{namespace="shop",name="web",migration_name="m1"} 1772360000
            kubevirt_vmi_migration_end_time_seconds{namespace="shop",name="web",migration_name="m1",status="succeeded"} 1772360042.5

            """;
        KubeVirtUsage usage = new Looks().Scrape(0, Cpu(1, 1, 0, (1, 1))).Scrape(0, facts, "controller", component: ComponentKind.Controller).One();
        // 12:00:00 on 2026-03-01 is 1772366400.
        Assert.Equal((268435456d, TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(42.5)), (usage.MemoryOverheadExpected, usage.StatusAge, usage.MigrationDuration));
    }

    private static string Cpu(double usage, double user, double system, params (double Seconds, double Delay)[] vcpus)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"kubevirt_vmi_cpu_usage_seconds_total{{web}} {usage}\nkubevirt_vmi_cpu_user_usage_seconds_total{{web}} {user}\nkubevirt_vmi_cpu_system_usage_seconds_total{{web}} {system}\n");
        for (int i = 0; i < vcpus.Length; i++) text.Append(CultureInfo.InvariantCulture, $"kubevirt_vmi_vcpu_seconds_total{{{M},id=\"{i}\",state=\"running\"}} {vcpus[i].Seconds}\n");
        for (int i = 0; i < vcpus.Length; i++) text.Append(CultureInfo.InvariantCulture, $"kubevirt_vmi_vcpu_delay_seconds_total{{{M},id=\"{i}\"}} {vcpus[i].Delay}\n");
        return text.ToString();
    }

    private static string Slow(double swapIn, double swapOut, double major, double minor) => string.Create(
        CultureInfo.InvariantCulture,
        $"kubevirt_vmi_memory_swap_in_traffic_bytes{{web}} {swapIn}\nkubevirt_vmi_memory_swap_out_traffic_bytes{{web}} {swapOut}\nkubevirt_vmi_memory_pgmajfault_total{{web}} {major}\nkubevirt_vmi_memory_pgminfault_total{{web}} {minor}\n");

    private static string Drive(string name, params double[] values) => Device(
        "drive", name, values, "storage_iops_read_total", "storage_iops_write_total", "storage_flush_requests_total", "storage_read_traffic_bytes_total", "storage_write_traffic_bytes_total", "storage_read_times_seconds_total", "storage_write_times_seconds_total", "storage_flush_times_seconds_total");

    private static string Interface(string name, params double[] values) => Device(
        "interface", name, values, "network_receive_bytes_total", "network_transmit_bytes_total", "network_receive_packets_total", "network_transmit_packets_total", "network_receive_errors_total", "network_transmit_errors_total", "network_receive_packets_dropped_total", "network_transmit_packets_dropped_total");

    private static string Device(string label, string name, double[] values, params string[] families) =>
        string.Concat(families.Select((family, i) => string.Create(CultureInfo.InvariantCulture, $"kubevirt_vmi_{family}{{{M},{label}=\"{name}\"}} {values[i]}\n")));

    private static string FileSystem(string mount, string disk, string type, double used, double capacity) => string.Create(
        CultureInfo.InvariantCulture,
        $"kubevirt_vmi_filesystem_used_bytes{{{M},disk_name=\"{disk}\",file_system_type=\"{type}\",mount_point=\"{mount}\"}} {used}\nkubevirt_vmi_filesystem_capacity_bytes{{{M},disk_name=\"{disk}\",file_system_type=\"{type}\",mount_point=\"{mount}\"}} {capacity}\n");
}
