using System.Globalization;
using System.Text;
using KubeVirtMonitor.Alerts;
using KubeVirtMonitor.Json;
using Xunit;

namespace KubeVirtMonitor.Tests.Alerts;

public sealed class MachineRuleTests
{
    private const ComponentKind Handler = ComponentKind.Handler;
    private const string Web = "{node=\"n1\",namespace=\"shop\",name=\"web\"}";

    // non_evictable = 1: strategy LiveMigrate (its own, else the cluster's) and the condition missing or False; from 1.4.1 (not 1.5.0 and 1.5.1) in phase Running only.
    [Theory]
    [InlineData("1.9.0", "LiveMigrate", "None", "False", "Running", "Firing")]
    [InlineData("1.9.0", null, "LiveMigrate", "False", "Running", "Firing")]
    [InlineData("1.9.0", "None", "LiveMigrate", "False", "Running", "Ok")]
    [InlineData("1.9.0", "LiveMigrateIfPossible", null, "False", "Running", "Ok")]
    [InlineData("1.9.0", "LiveMigrate", null, "True", "Running", "Ok")]
    [InlineData("1.9.0", "LiveMigrate", null, null, "Running", "Firing")]
    [InlineData("1.9.0", "LiveMigrate", null, "False", "Scheduled", "Ok")]
    [InlineData("1.4.0", "LiveMigrate", null, "False", "Scheduled", "Firing")]
    [InlineData("1.5.1", "LiveMigrate", null, "False", "Scheduled", "Firing")]
    public void A_machine_that_should_be_migrated_cannot_be(string version, string? own, string? cluster, string? migratable, string phase, string state)
    {
        AlertResult result = new AlertCase(version, "VMCannotBeEvicted").With(facts =>
        {
            facts.Installation = new AlertInstallation(false, cluster, 0);
            facts.Instances[("shop", "web")] = new AlertInstance(phase, "n1", AlertCase.Ago(1), own, migratable is null ? null : migratable == "True", migratable is not null, AlertCase.Ago(1), "DisksNotLiveMigratable");
        }).One();
        Assert.Equal(state, result.State.ToString());
        if (state == "Firing") Assert.Equal(("shop", "web", "n1", "shop/web"), (result.Namespace, result.Vmi, result.Node, result.Subject));
    }

    // provisioning, starting, terminating or of the error group, and no instance of the name, for 10 minutes.
    [Theory]
    [InlineData("Starting", false, 10, "Firing")]
    [InlineData("Starting", false, 9, "Pending")]
    [InlineData("Provisioning", false, 10, "Firing")]
    [InlineData("CrashLoopBackOff", false, 10, "Firing")]
    [InlineData("Stopping", false, 10, "Ok")]
    [InlineData("Starting", true, 10, "Ok")]
    public void A_machine_does_not_get_out_of_a_state(string status, bool hasInstance, double minutes, string state) => Assert.Equal(state, new AlertCase("1.9.0", "VirtualMachineStuckInUnhealthyState").With(facts =>
    {
        facts.MachineCount = 1;
        facts.Machines.Add(new AlertMachine("shop", "web", status, AlertCase.Ago(minutes)));
        if (hasInstance) facts.Instances[("shop", "web")] = new AlertInstance("Scheduling", null, null, null, null, false, null, null);
    }).One().State.ToString());

    // starting, stopping, terminating or of the error group, with an instance, from 1.8.3 on one that is scheduled or runs, for 5 minutes.
    [Theory]
    [InlineData("1.9.0", "Stopping", "Running", 5, "Firing")]
    [InlineData("1.9.0", "Stopping", "Running", 4, "Pending")]
    [InlineData("1.9.0", "Stopping", "Scheduling", 5, "Ok")]
    [InlineData("1.8.2", "Stopping", "Scheduling", 5, "Firing")]
    [InlineData("1.9.0", "Provisioning", "Running", 5, "Ok")]
    public void A_machine_is_stuck_on_its_node(string version, string status, string phase, double minutes, string state)
    {
        AlertResult result = new AlertCase(version, "VirtualMachineStuckOnNode").With(facts =>
        {
            facts.Machines.Add(new AlertMachine("shop", "web", status, AlertCase.Ago(60)));
            facts.Instances[("shop", "web")] = new AlertInstance(phase, "n1", AlertCase.Ago(minutes), null, null, false, null, null);
        }).One();
        Assert.Equal(state, result.State.ToString());
        if (state == "Firing") Assert.Equal("n1", result.Node);
    }

    // load - vCPUs > 10, and > 20: matched by namespace and name, which KubeVirt's own expression does not.
    [Theory]
    [InlineData(12, "Ok", "Ok", 10)]
    [InlineData(12.5, "Firing", "Ok", 10.5)]
    [InlineData(22, "Firing", "Ok", 20)]
    [InlineData(22.5, "Firing", "Firing", 20.5)]
    public void Tasks_wait_in_the_guest(double load, string warning, string critical, double queue)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"kubevirt_vmi_guest_load_1m{Web} {load}\nkubevirt_vmi_vcpu_seconds_total{{node=\"n1\",namespace=\"shop\",name=\"web\",id=\"0\",state=\"running\"}} 5\nkubevirt_vmi_vcpu_seconds_total{{node=\"n1\",namespace=\"shop\",name=\"web\",id=\"1\",state=\"running\"}} 5");
        IReadOnlyList<AlertResult> results = new AlertCase("1.9.0", "GuestVCPUQueueHighWarning", "GuestVCPUQueueHighCritical").Pod(Handler, "h").Scrape(Handler, "h", text).All();
        AlertResult one = results.Single(static result => result.Name == "GuestVCPUQueueHighWarning");
        Assert.Equal((warning, critical, queue), (one.State.ToString(), results.Single(static result => result.Name == "GuestVCPUQueueHighCritical").State.ToString(), one.Value));
        Assert.Contains("cannot fire", one.Note, StringComparison.Ordinal);
    }

    // usable / available < 0.05 and (faults > 5/s or swap > 1048576 B/s), available > 0; held against 20 seconds of 5 minutes.
    [Theory]
    [InlineData(50, 101, 0, "Ok")]
    [InlineData(49, 100, 0, "Ok")]
    [InlineData(49, 101, 0, "Pending")]
    [InlineData(49, 0, 20971520, "Ok")]
    [InlineData(49, 0, 20971540, "Pending")]
    public void A_guest_swaps(double usable, double faults, double swap, string state)
    {
        AlertResult result = Paging("KubeVirtVMGuestMemoryPressure", 20, usable, faults, swap);
        Assert.Equal(state, result.State.ToString());
        Assert.Equal(usable / 1000, result.Value!.Value, 12);
    }

    // < 0.03 with less than 2048 B/s of swap and less than 1 fault/s.
    [Theory]
    [InlineData(30, 0, 0, "Ok")]
    [InlineData(29, 0, 0, "Pending")]
    [InlineData(29, 20, 0, "Ok")]
    [InlineData(29, 19, 40959, "Pending")]
    [InlineData(29, 0, 40960, "Ok")]
    public void A_guest_has_no_memory_left_and_does_not_swap(double usable, double faults, double swap, string state) =>
        Assert.Equal(state, Paging("KubeVirtVMGuestMemoryAvailableLow", 20, usable, faults, swap).State.ToString());

    [Theory]
    [InlineData(15, 49, "Unknown")]
    [InlineData(15, 50, "Ok")]
    public void Paging_takes_twenty_seconds_where_it_matters(double seconds, double usable, string state)
    {
        AlertResult result = Paging("KubeVirtVMGuestMemoryPressure", seconds, usable, 1000, 0);
        Assert.Equal(state, result.State.ToString());
        if (state == "Unknown") Assert.Equal(AlertRemedy.LongerInterval, result.Remedy);
    }

    // A machine whose statistics were read once in 2 seconds shows the growth of 4: twice the rate, which would page somebody.
    [Theory]
    [InlineData(9.9, "Unknown")]
    [InlineData(10, "Firing")]
    public void A_rate_over_less_time_than_KubeVirt_takes_to_read_it_is_no_finding(double seconds, string state)
    {
        const string drive = "{node=\"n1\",namespace=\"shop\",name=\"web\",drive=\"rootdisk\"}";
        const string card = "{node=\"n1\",namespace=\"shop\",name=\"web\",interface=\"default\"}";
        static string Text(double at, double much) => string.Create(
            CultureInfo.InvariantCulture,
            $"kubevirt_vmi_cpu_usage_seconds_total{Web} {at}\nkubevirt_vmi_vcpu_delay_seconds_total{{node=\"n1\",namespace=\"shop\",name=\"web\",id=\"0\"}} {much}\nkubevirt_vmi_storage_iops_read_total{drive} {much}\nkubevirt_vmi_storage_read_times_seconds_total{drive} {much}\nkubevirt_vmi_storage_iops_write_total{drive} 5\nkubevirt_vmi_storage_write_times_seconds_total{drive} 1\nkubevirt_vmi_network_receive_packets_total{card} {much}\nkubevirt_vmi_network_receive_packets_dropped_total{card} {much}\nkubevirt_vmi_network_transmit_packets_total{card} 0\nkubevirt_vmi_network_transmit_packets_dropped_total{card} 0");
        foreach (string name in new[] { "GuestCpuReadyHigh", "GuestDiskLatencyHigh", "GuestPacketsDropped" })
        {
            IReadOnlyList<AlertResult> results = new AlertCase("1.9.0", name).Pod(Handler, "h").Scrape(Handler, "h", Text(1, 0), seconds).Turn().Scrape(Handler, "h", Text(2, 8)).All();
            AlertResult first = AlertEvaluator.OnePerName(results).First();
            Assert.Equal((name, state), (name, first.State.ToString()));
            if (state == "Unknown") Assert.Equal(AlertRemedy.LongerInterval, first.Remedy);
        }
    }

    // Of one name with two severities, the Ok of one beside the Firing of the other would say that 40 ms are well.
    [Theory]
    [InlineData(10, "Ok Critical")]
    [InlineData(12, "Firing Warning")]
    [InlineData(40, "Firing Critical")]
    public void A_name_has_one_word_for_what_is_well(double milliseconds, string expected)
    {
        const string drive = "{node=\"n1\",namespace=\"shop\",name=\"web\",drive=\"rootdisk\"}";
        static string Text(double at, double reads, double time) => string.Create(CultureInfo.InvariantCulture, $"kubevirt_vmi_cpu_usage_seconds_total{Web} {at}\nkubevirt_vmi_storage_iops_read_total{drive} {reads}\nkubevirt_vmi_storage_read_times_seconds_total{drive} {time}\nkubevirt_vmi_storage_iops_write_total{drive} 5\nkubevirt_vmi_storage_write_times_seconds_total{drive} 1");
        IReadOnlyList<AlertResult> results = new AlertCase("1.9.0", "GuestDiskLatencyHigh").Pod(Handler, "h").Scrape(Handler, "h", Text(1, 0, 0), 20).Turn().Scrape(Handler, "h", Text(9, 1000, milliseconds)).All();
        Assert.Equal([expected], AlertEvaluator.OnePerName(results).Select(static one => $"{one.State} {one.Severity}"));
    }

    [Fact]
    public void A_status_whose_age_nothing_proves_is_pending()
    {
        AlertResult result = new AlertCase("1.9.0", "VirtualMachineStuckOnNode").With(static facts =>
        {
            facts.Machines.Add(new AlertMachine("shop", "web", "ErrorUnschedulable", null));
            facts.Instances[("shop", "web")] = new AlertInstance("Running", "n1", AlertCase.Ago(600), null, null, false, null, null);
        }).One();
        Assert.Equal((AlertState.Pending, null), (result.State, result.Since));
        Assert.Contains("since when is not proven", result.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_of_no_memory_is_no_finding() =>
        Assert.Equal(AlertState.Ok, new AlertCase("1.9.0", "KubeVirtVMGuestMemoryPressure").Pod(Handler, "h").Scrape(Handler, "h", $"kubevirt_vmi_memory_available_bytes{Web} 0\nkubevirt_vmi_memory_usable_bytes{Web} 0").One().State);

    // 85 <= used % < 95 for 10 minutes, and >= 95 at once; pseudo file systems, System Reserved and those of no size do not count.
    [Theory]
    [InlineData(849, "/", "xfs", "Ok", "Ok")]
    [InlineData(850, "/", "xfs", "Pending", "Ok")]
    [InlineData(949, "/", "xfs", "Pending", "Ok")]
    [InlineData(950, "/", "xfs", "Ok", "Firing")]
    [InlineData(1000, "/mnt", "iso9660", "Ok", "Ok")]
    [InlineData(1000, "/x", "fuse.sshfs", "Ok", "Ok")]
    [InlineData(1000, "/x", "fuseblk", "Ok", "Firing")]
    [InlineData(1000, "System Reserved", "NTFS", "Ok", "Ok")]
    public void A_file_system_is_full(double used, string mount, string type, string warning, string critical)
    {
        string labels = $"{{node=\"n1\",namespace=\"shop\",name=\"web\",disk_name=\"vda1\",mount_point=\"{mount}\",file_system_type=\"{type}\"}}";
        IReadOnlyList<AlertResult> results = new AlertCase("1.9.0", "GuestFilesystemAlmostOutOfSpace").Pod(Handler, "h").Scrape(Handler, "h", $"kubevirt_vmi_filesystem_used_bytes{labels} {used}\nkubevirt_vmi_filesystem_capacity_bytes{labels} 1000").All();
        Assert.Equal((warning, critical), (results.Single(static one => one.Severity == AlertSeverity.Warning).State.ToString(), results.Single(static one => one.Severity == AlertSeverity.Critical).State.ToString()));
        if (critical == "Firing") Assert.Equal($"shop/web {mount}", results.Single(static one => one.Severity == AlertSeverity.Critical).Subject);
    }

    [Fact]
    public void A_file_system_of_no_size_is_no_finding()
    {
        const string labels = "{node=\"n1\",namespace=\"shop\",name=\"web\",disk_name=\"vda1\",mount_point=\"/\",file_system_type=\"xfs\"}";
        Assert.Equal([AlertState.Ok], new AlertCase("1.9.0", "GuestFilesystemAlmostOutOfSpace").Pod(Handler, "h").Scrape(Handler, "h", $"kubevirt_vmi_filesystem_used_bytes{labels} 5\nkubevirt_vmi_filesystem_capacity_bytes{labels} 0").All().Select(static one => one.State).Distinct());
    }

    // > 5 within a day. The counter begins with virt-handler: within a day all of it counts, after that only a server knows.
    [Theory]
    [InlineData(5, 1, "Ok")]
    [InlineData(6, 1, "Pending")]
    [InlineData(6, 25, "Unknown")]
    public void A_guest_crashes_again_and_again(double panics, double hours, string state)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"process_start_time_seconds {AlertCase.Now.AddHours(-hours).ToUnixTimeSeconds()}\nkubevirt_vmi_guest_os_panic_total{{namespace=\"shop\",name=\"web\",type=\"hyper-v\",bugcheck_code=\"0x1\"}} {panics - 2}\nkubevirt_vmi_guest_os_panic_total{{namespace=\"shop\",name=\"web\",type=\"hyper-v\",bugcheck_code=\"0x2\"}} 2");
        IReadOnlyList<AlertResult> results = new AlertCase("1.9.0", "VMNonRecoverableOSPanic").Pod(Handler, "h").Scrape(Handler, "h", text).All();
        Assert.Equal(state, Assert.Single(results).State.ToString());
        if (state == "Unknown") Assert.Equal(AlertRemedy.Server, results[0].Remedy);
    }

    [Fact]
    public void A_hot_plugged_volume_is_lost()
    {
        AlertResult result = new AlertCase("1.8.4", "VirtualMachineInstanceHasEphemeralHotplugVolume").Pod(ComponentKind.Controller, "c").Scrape(ComponentKind.Controller, "c", "kubevirt_vmi_contains_ephemeral_hotplug_volume{namespace=\"shop\",name=\"web\",volume_name=\"v\"} 1").One();
        Assert.Equal((AlertState.Firing, "shop/web"), (result.State, result.Subject));
    }

    // Request less working set < 52428800.
    [Theory]
    [InlineData(52428800, "Ok")]
    [InlineData(52428799, "Pending")]
    public void A_launcher_nears_its_request(double margin, string state) => Assert.Equal(state, new AlertCase("1.4.1", "KubevirtVmHighMemoryUsage").With(facts =>
    {
        facts.Launchers.Add(("shop", "virt-launcher-web-1", "web", "n1", 1e9));
        facts.PodUsage[("shop", "virt-launcher-web-1")] = (1, 1e9 - margin, 30);
    }).One().State.ToString());

    [Fact]
    public void A_days_history_is_a_servers()
    {
        AlertResult result = new AlertCase("1.9.0", "KubeVirtVMIExcessiveMigrations").One();
        Assert.Equal((AlertState.Unknown, AlertRemedy.Server), (result.State, result.Remedy));
    }

    // One vCPU of two waits 1 s of 20 (5 %), 1.002 s and 2.002 s.
    [Theory]
    [InlineData(1, "Ok", "Ok", 5)]
    [InlineData(1.002, "Firing", "Ok", 5.01)]
    [InlineData(2.002, "Ok", "Firing", 10.01)]
    public void A_vcpu_waits(double waited, string warning, string critical, double percent)
    {
        static string Text(double at, double waited) => string.Create(CultureInfo.InvariantCulture, $"kubevirt_vmi_cpu_usage_seconds_total{Web} {at}\nkubevirt_vmi_vcpu_delay_seconds_total{{node=\"n1\",namespace=\"shop\",name=\"web\",id=\"0\"}} {waited}\nkubevirt_vmi_vcpu_delay_seconds_total{{node=\"n1\",namespace=\"shop\",name=\"web\",id=\"1\"}} 0");
        IReadOnlyList<AlertResult> results = new AlertCase("1.9.0", "GuestCpuReadyHigh").Pod(Handler, "h").Scrape(Handler, "h", Text(1, 0), 20).Turn().Scrape(Handler, "h", Text(9, waited)).All();
        Assert.Equal((warning, critical), (results.Single(static one => one.Severity == AlertSeverity.Warning).State.ToString(), results.Single(static one => one.Severity == AlertSeverity.Critical).State.ToString()));
        Assert.Equal(percent, results[0].Value!.Value, 9);
    }

    // 200 reads take 2 s (10 ms), 2.002 s, 5.002 s.
    [Theory]
    [InlineData(2, "Ok", "Ok")]
    [InlineData(2.002, "Firing", "Ok")]
    [InlineData(5.002, "Ok", "Firing")]
    public void A_disk_is_slow(double time, string warning, string critical)
    {
        const string drive = "{node=\"n1\",namespace=\"shop\",name=\"web\",drive=\"rootdisk\"}";
        static string Text(double at, double reads, double time) => string.Create(CultureInfo.InvariantCulture, $"kubevirt_vmi_cpu_usage_seconds_total{Web} {at}\nkubevirt_vmi_storage_iops_read_total{drive} {reads}\nkubevirt_vmi_storage_read_times_seconds_total{drive} {time}\nkubevirt_vmi_storage_iops_write_total{drive} 5\nkubevirt_vmi_storage_write_times_seconds_total{drive} 1");
        IReadOnlyList<AlertResult> results = new AlertCase("1.9.0", "GuestDiskLatencyHigh").Pod(Handler, "h").Scrape(Handler, "h", Text(1, 100, 1), 20).Turn().Scrape(Handler, "h", Text(9, 300, 1 + time)).All();
        Assert.Equal((warning, critical), (results.Single(static one => one.Severity == AlertSeverity.Warning).State.ToString(), results.Single(static one => one.Severity == AlertSeverity.Critical).State.ToString()));
    }

    [Theory]
    [InlineData(0, "Ok")]
    [InlineData(10, "Firing")]
    public void Packets_are_dropped(double drops, string state)
    {
        const string card = "{node=\"n1\",namespace=\"shop\",name=\"web\",interface=\"default\"}";
        static string Text(double at, double packets, double drops) => string.Create(CultureInfo.InvariantCulture, $"kubevirt_vmi_cpu_usage_seconds_total{Web} {at}\nkubevirt_vmi_network_receive_packets_total{card} {packets}\nkubevirt_vmi_network_receive_packets_dropped_total{card} {drops}");
        AlertResult result = new AlertCase("1.9.0", "GuestPacketsDropped").Pod(Handler, "h").Scrape(Handler, "h", Text(1, 0, 0), 20).Turn().Scrape(Handler, "h", Text(9, 990, drops)).One();
        Assert.Equal((state, drops == 0 ? 0 : 1d), (result.State.ToString(), result.Value));
    }

    [Fact]
    public void A_handler_that_fails_hides_no_other()
    {
        string full = "{node=\"n1\",namespace=\"shop\",name=\"web\",disk_name=\"vda1\",mount_point=\"/\",file_system_type=\"xfs\"}";
        IReadOnlyList<AlertResult> results = new AlertCase("1.9.0", "GuestFilesystemAlmostOutOfSpace").Pod(Handler, "h1").Pod(Handler, "h2")
            .Scrape(Handler, "h1", $"kubevirt_vmi_filesystem_used_bytes{full} 99\nkubevirt_vmi_filesystem_capacity_bytes{full} 100").Scrape(Handler, "h2", null).All();
        Assert.Equal([AlertState.Firing, AlertState.Unknown, AlertState.Unknown], results.Select(static one => one.State));
        Assert.StartsWith("1 of 2 pods of virt-handler could not be read, so their machines are not known.", results[1].Missing, StringComparison.Ordinal);
    }

    [Fact]
    public void Results_are_in_the_order_in_which_they_matter()
    {
        AlertResult Of(string name, AlertState state, AlertSeverity severity) => new() { Name = name, State = state, Severity = severity };
        IReadOnlyList<AlertResult> sorted = AlertEvaluator.InOrder([Of("a", AlertState.Ok, AlertSeverity.Critical), Of("b", AlertState.Unknown, AlertSeverity.Info), Of("d", AlertState.Firing, AlertSeverity.Info), Of("c", AlertState.Pending, AlertSeverity.Warning), Of("e", AlertState.Firing, AlertSeverity.Critical)]);
        Assert.Equal("e d c b a", string.Join(' ', sorted.Select(static one => one.Name)));
    }

    [Fact]
    public void Objects_are_read_for_what_alerts_need()
    {
        Assert.Null(AlertProjections.ReadMachine(Encoding.UTF8.GetBytes("""{"metadata":{"name":"web","namespace":"shop"},"status":{"printableStatus":"Running"}}""")));
        AlertMachine machine = AlertProjections.ReadMachine(Encoding.UTF8.GetBytes("""{"metadata":{"name":"web","namespace":"shop","creationTimestamp":"2026-11-01T00:00:00Z","managedFields":[{"manager":"kubectl","time":"2026-11-28T11:30:00Z","fieldsV1":{"f:spec":{}}},{"manager":"virt-controller","subresource":"status","operation":"Update","time":"2026-11-28T11:00:00Z","fieldsV1":{"f:status":{"f:conditions":{},"f:printableStatus":{}}}}]},"status":{"printableStatus":"ErrorUnschedulable","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-11-28T10:00:00Z"}]}}"""))!;
        Assert.Equal(("shop", "web", "ErrorUnschedulable", new DateTimeOffset(2026, 11, 28, 11, 0, 0, TimeSpan.Zero)), (machine.Namespace, machine.Name, machine.Status, machine.Since));
        // The conditions became what they are when it was well: they prove nothing of the status.
        AlertMachine open = AlertProjections.ReadMachine(Encoding.UTF8.GetBytes("""{"metadata":{"name":"web","namespace":"shop"},"status":{"printableStatus":"ErrorUnschedulable","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-11-28T10:00:00Z"}]}}"""))!;
        Assert.Null(open.Since);
        AlertMachine ending = AlertProjections.ReadMachine(Encoding.UTF8.GetBytes("""{"metadata":{"name":"web","namespace":"shop","deletionTimestamp":"2026-11-28T09:00:00Z"},"status":{"printableStatus":"Terminating"}}"""))!;
        Assert.Equal(new DateTimeOffset(2026, 11, 28, 9, 0, 0, TimeSpan.Zero), ending.Since);
        (string space, string name, AlertInstance one) = AlertProjections.ReadInstance(
            Encoding.UTF8.GetBytes("""{"status":{"phaseTransitionTimestamps":[{"phase":"Scheduled","phaseTransitionTimestamp":"2026-11-28T08:00:00Z"},{"phase":"Running","phaseTransitionTimestamp":"2026-11-28T08:00:05Z"}],"phase":"Running","nodeName":"n1","conditions":[{"type":"LiveMigratable","status":"False","reason":"DisksNotLiveMigratable","message":"PVC is not shared","lastTransitionTime":"2026-11-28T08:00:06Z"}]},"spec":{"evictionStrategy":"LiveMigrate"},"metadata":{"name":"web","namespace":"shop"}}"""),
            new TextPool());
        Assert.Equal(("shop", "web", "Running", "n1", "LiveMigrate", false), (space, name, one.Phase, one.Node, one.EvictionStrategy, one.Migratable));
        Assert.Equal((new DateTimeOffset(2026, 11, 28, 8, 0, 5, TimeSpan.Zero), new DateTimeOffset(2026, 11, 28, 8, 0, 6, TimeSpan.Zero), "DisksNotLiveMigratable: PVC is not shared"), (one.PhaseSince, one.MigratableSince, one.MigratableNote));
        AlertNode node = AlertProjections.ReadNode(Encoding.UTF8.GetBytes("""{"metadata":{"name":"n1","labels":{"kubevirt.io/schedulable":"true","node-role.kubernetes.io/arbiter":""}},"spec":{"unschedulable":true},"status":{"allocatable":{"cpu":"8","devices.kubevirt.io/kvm":"1k"}}}"""));
        Assert.Equal((true, true, true, true, true), (node.HasAllocatable, node.HasKvm, node.IsSchedulable, node.IsCordoned, node.IsArbiter));
        AlertInstallation kubevirt = AlertProjections.ReadInstallation(Encoding.UTF8.GetBytes("""{"metadata":{"name":"kubevirt","namespace":"kubevirt"},"spec":{"configuration":{"evictionStrategy":"LiveMigrate","developerConfiguration":{"useEmulation":true}}},"status":{"outdatedVirtualMachineInstanceWorkloads":3}}"""));
        Assert.Equal((true, "LiveMigrate", 3L), (kubevirt.UseEmulation, kubevirt.EvictionStrategy, kubevirt.Outdated));
        AlertPod pod = AlertProjections.ReadPod(Encoding.UTF8.GetBytes("""{"metadata":{"name":"virt-api-1","namespace":"kubevirt","labels":{"kubevirt.io":"virt-api"}},"spec":{"containers":[{"name":"helper","resources":{"requests":{"memory":"1Gi"}}},{"name":"virt-api","resources":{"requests":{"cpu":"5m","memory":"500Mi"}}}]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"False","lastTransitionTime":"2026-11-28T08:00:00Z"}]}}"""))!;
        Assert.Equal((0.005, 524288000d, "Running", false), (pod.CpuRequest, pod.MemoryRequest, pod.Phase, pod.Ready));
        // One that no node takes has no condition Ready.
        AlertPod waiting = AlertProjections.ReadPod(Encoding.UTF8.GetBytes("""{"metadata":{"name":"virt-api-2","namespace":"kubevirt","creationTimestamp":"2026-11-28T08:00:00Z","labels":{"kubevirt.io":"virt-api"}},"status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","lastTransitionTime":"2026-11-28T08:00:00Z"}]}}"""))!;
        Assert.Equal((false, new DateTimeOffset(2026, 11, 28, 8, 0, 0, TimeSpan.Zero)), (waiting.Ready, waiting.ReadySince));
        Assert.Equal(("virt-api", 2, new DateTimeOffset(2026, 11, 28, 8, 0, 1, TimeSpan.Zero)), AlertProjections.ReadDeployment(Encoding.UTF8.GetBytes("""{"metadata":{"name":"virt-api"},"spec":{"replicas":2},"status":{"conditions":[{"type":"Progressing","status":"True","lastTransitionTime":"2026-11-28T07:00:00Z"},{"type":"Available","status":"False","lastTransitionTime":"2026-11-28T08:00:01Z"}]}}""")));
        var usage = AlertProjections.ReadPodUsage(Encoding.UTF8.GetBytes("""{"metadata":{"name":"p","namespace":"kubevirt"},"window":"15s","containers":[{"name":"a","usage":{"cpu":"250m","memory":"1Mi"}},{"name":"b","usage":{"cpu":"5000000n","memory":"1Ki"}}]}"""));
        Assert.Equal((0.255, 1049600d, 15d), (usage.Cpu, usage.Memory, usage.Seconds));
    }

    private static AlertResult Paging(string rule, double seconds, double usable, double faults, double swap)
    {
        static string Text(double at, double usable, double faults, double swap) => string.Create(
            CultureInfo.InvariantCulture,
            $"kubevirt_vmi_cpu_usage_seconds_total{Web} {at}\nkubevirt_vmi_memory_available_bytes{Web} 1000\nkubevirt_vmi_memory_usable_bytes{Web} {usable}\nkubevirt_vmi_memory_pgmajfault_total{Web} {faults}\nkubevirt_vmi_memory_swap_in_traffic_bytes{Web} {swap / 2}\nkubevirt_vmi_memory_swap_out_traffic_bytes{Web} {swap / 2}");
        return new AlertCase("1.9.0", rule).Pod(Handler, "h").Scrape(Handler, "h", Text(1, usable, 0, 0), seconds).Turn().Scrape(Handler, "h", Text(9, usable, faults, swap)).One();
    }
}
