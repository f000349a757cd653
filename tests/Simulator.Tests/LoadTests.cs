using KubeVirtMonitor.Simulator;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

/// <summary>
/// Numbers worked out by hand: what a series begins with by its documented formula at 0 s, and the load times the exact time. vm-00001 has weight 38, 2 CPUs, 3 GiB and runs Fedora.
/// </summary>
public class LoadTests
{
    [Theory]
    // 380 + 1.5 × 100.5; user and system of it: six and four tenths
    [InlineData("cpu=1.5", "kubevirt_vmi_cpu_usage_seconds_total", "", "530.75")]
    [InlineData("cpu=1.5", "kubevirt_vmi_cpu_user_usage_seconds_total", "", "318.45")]
    [InlineData("cpu=1.5", "kubevirt_vmi_cpu_system_usage_seconds_total", "", "212.3")]
    // 152 + 0.3 × 100.5, and 228 + 1.2 × 100.5
    [InlineData("cpu=1.5,system=0.3", "kubevirt_vmi_cpu_system_usage_seconds_total", "", "182.15")]
    [InlineData("cpu=1.5,system=0.3", "kubevirt_vmi_cpu_user_usage_seconds_total", "", "348.6")]
    // 190 + 0.75 × 100.5, as half of the CPUs
    [InlineData("cpu=1.5", "kubevirt_vmi_vcpu_seconds_total", "id=1", "265.375")]
    // 190 + 0.9 × 100.5, and the whole 380 + 1.1 × 100.5
    [InlineData("run=0.2,run.1=0.9", "kubevirt_vmi_vcpu_seconds_total", "id=1", "280.45")]
    [InlineData("run=0.2,run.1=0.9", "kubevirt_vmi_vcpu_seconds_total", "id=0", "210.1")]
    [InlineData("run=0.2,run.1=0.9", "kubevirt_vmi_cpu_usage_seconds_total", "", "490.55")]
    // 38 × 0.075210912 + 0.06 × 100.5, and twice as much to begin with for the second one
    [InlineData("ready=0.06", "kubevirt_vmi_vcpu_delay_seconds_total", "id=0", "8.888014656")]
    [InlineData("ready=6%", "kubevirt_vmi_vcpu_delay_seconds_total", "id=1", "11.746029312")]
    // 38 × 0.037605456 + 0.06 × 100.5: the wait of the kernel is the same time
    [InlineData("ready=0.06", "kubevirt_vmi_vcpu_wait_seconds_total", "id=0", "7.459007328")]
    [InlineData("ready=0.06,wait=0", "kubevirt_vmi_vcpu_wait_seconds_total", "id=0", "1.429007328")]
    // 380 × 75 + 200 × 100.5; each of these 20100 reads takes 8 ms and has 4 KiB
    [InlineData("read=200,read-latency=8ms", "kubevirt_vmi_storage_iops_read_total", "drive=rootdisk", "48600")]
    [InlineData("read=200,read-latency=8ms", "kubevirt_vmi_storage_read_times_seconds_total", "drive=rootdisk", "163.65801458")]
    [InlineData("read=200,read-latency=8ms", "kubevirt_vmi_storage_read_traffic_bytes_total", "drive=rootdisk", "1.990656e+08")]
    [InlineData("read=200,read-size=64KiB", "kubevirt_vmi_storage_read_traffic_bytes_total", "drive=rootdisk", "1.4340096e+09")]
    // 38 × 150 and the whole writes of 301.5
    [InlineData("cloudinitdisk.write=3", "kubevirt_vmi_storage_iops_write_total", "drive=cloudinitdisk", "6001")]
    // 38 × 0.022563273 + 301 × 2.5 ms
    [InlineData("cloudinitdisk.write=3,cloudinitdisk.write-latency=2500us", "kubevirt_vmi_storage_write_times_seconds_total", "drive=cloudinitdisk", "1.609904374")]
    // the usual 38 × 10 flushes each second: 38190 of them, 20 ms each, after 380 × 0.037605456 s
    [InlineData("flush-latency=20ms", "kubevirt_vmi_storage_flush_times_seconds_total", "drive=rootdisk", "778.09007328")]
    // 38 × 150001 + 10 million × 100.5
    [InlineData("rx=10MB", "kubevirt_vmi_network_receive_bytes_total", "", "1.010700038e+09")]
    [InlineData("rx=10MB", "kubevirt_vmi_network_traffic_bytes_total", "type=rx", "1.010700038e+09")]
    [InlineData("tx-packets=800", "kubevirt_vmi_network_transmit_packets_total", "", "83440")]
    [InlineData("rx-errors=2", "kubevirt_vmi_network_receive_errors_total", "", "201")]
    [InlineData("rx-drops=0.1", "kubevirt_vmi_network_receive_packets_dropped_total", "", "13")]
    // 3 GiB − 200 MiB − 1.5 GiB, and half of that
    [InlineData("memory=1.5GiB", "kubevirt_vmi_memory_usable_bytes", "", "1.400897536e+09")]
    [InlineData("memory=1.5GiB", "kubevirt_vmi_memory_unused_bytes", "", "7.00448768e+08")]
    [InlineData("memory=1.5GiB", "kubevirt_vmi_memory_available_bytes", "", "3.011510272e+09")]
    [InlineData("balloon-size=2GiB", "kubevirt_vmi_memory_actual_balloon_bytes", "", "2.147483648e+09")]
    [InlineData("balloon-size=2GiB", "kubevirt_vmi_memory_domain_bytes", "", "2.147483648e+09")]
    // 38 × 40960 + 4096 × 100.5
    [InlineData("swap-in=4KiB", "kubevirt_vmi_memory_swap_in_traffic_bytes", "", "1.968128e+06")]
    // 152 + 5 × 100.5, rounded down
    [InlineData("major-faults=5", "kubevirt_vmi_memory_pgmajfault_total", "", "654")]
    [InlineData("load=2.5", "kubevirt_vmi_guest_load_1m", "", "2.5")]
    [InlineData("load15=0.25", "kubevirt_vmi_guest_load_15m", "", "0.25")]
    [InlineData("dirty=20MiB", "kubevirt_vmi_dirty_rate_bytes_per_second", "", "2.097152e+07")]
    [InlineData("fs-used=12GiB", "kubevirt_vmi_filesystem_used_bytes", "mount_point=/", "1.2884901888e+10")]
    // What is not given goes on as before, between the seconds too: 38 × (100 + 100.5), and 1.5 GiB + 4096 × 38 × 19.5
    [InlineData("cpu=1", "kubevirt_vmi_network_receive_packets_total", "", "7619")]
    [InlineData("cpu=1", "kubevirt_vmi_memory_usable_bytes", "", "1.613647872e+09")]
    public void Values_are_what_they_began_with_and_the_load_times_the_time(string load, string name, string label, string expected) =>
        Assert.Equal(expected, At(load, 100.5, name, label).Number);

    [Theory]
    // v1.2.2 counts milliseconds of virtual CPUs and of their wait, v1.0.0 whole seconds of CPUs and milliseconds of disks
    [InlineData("1.2", "cpu=1.5", "kubevirt_vmi_vcpu_seconds_total", "id=1", "265375")]
    [InlineData("1.2", "ready=0.06", "kubevirt_vmi_vcpu_wait_seconds_total", "id=0", "7459.007328")]
    [InlineData("1.0", "cpu=1.5", "kubevirt_vmi_cpu_usage_seconds", "", "530")]
    [InlineData("1.0", "cpu=1.5", "kubevirt_vmi_vcpu_seconds", "id=1", "265")]
    [InlineData("1.0", "read=200,read-latency=8ms", "kubevirt_vmi_storage_read_times_ms_total", "drive=rootdisk", "163658.01458")]
    public void Old_versions_scale_loads_as_they_did(string version, string load, string name, string label, string expected) =>
        Assert.Equal(expected, At(load, 100.5, name, label, version).Number);

    [Fact]
    public void Two_scrapes_differ_by_the_load_times_the_exact_time()
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster(options => options with { Loads = [KnownLoad.Parse("ns1/vm-00001:cpu=1.5,ready=0.06,read=200,read-latency=8ms")] }, time);
        time.Advance(TimeSpan.FromSeconds(7.001));
        double[] before = Look();
        time.Advance(TimeSpan.FromSeconds(15.003));
        double[] after = Look();

        // 1.5 × 15.003 s, 0.06 × 15.003 s, and of 200 × 7.001 = 1400.2 and 200 × 22.004 = 4400.8 reads the whole ones, 8 ms each.
        Assert.Equal([22.5045, 0.90018, 3000, 24], after.Zip(before, static (last, first) => Math.Round(last - first, 9)));

        double[] Look() =>
        [
            Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_cpu_usage_seconds_total", "name=vm-00001").Value,
            Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_vcpu_delay_seconds_total", "name=vm-00001", "id=0").Value,
            Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_storage_iops_read_total", "name=vm-00001", "drive=rootdisk").Value,
            Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_storage_read_times_seconds_total", "name=vm-00001", "drive=rootdisk").Value,
        ];
    }

    [Fact]
    public void Machines_without_a_load_stay_as_they_were()
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster plain = Scrapes.Cluster("1.9", time: time);
        SimulatedCluster loaded = Scrapes.Cluster(options => options with { Loads = [KnownLoad.Parse("vm-00001:cpu=1")] }, time);
        time.Advance(TimeSpan.FromSeconds(33.7));
        Assert.Equal(Others(plain), Others(loaded));

        static string Others(SimulatedCluster cluster) => string.Join('\n', Scrapes.Text(cluster, "handler/0").Split('\n').Where(line => !line.Contains("vm-00001", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_load_can_change_and_be_taken_back_and_counters_go_on()
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster("1.9", time: time);
        time.Advance(TimeSpan.FromSeconds(10.25));
        cluster.SetLoad(KnownLoad.Parse("vm-00001:cpu=2,read=100,read-latency=5ms"));
        time.Advance(TimeSpan.FromSeconds(9.75));

        // 38 × 2 × 0.010000003 s for 10.25 s, then 2 s each second; 380 reads each second and then 100, of which 975.
        Assert.Equal("407.290002337", Cpu());
        Assert.Equal("33370", Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_storage_iops_read_total", "name=vm-00001", "drive=rootdisk").Number);
        cluster.SetLoad(KnownLoad.Parse("vm-00001:read-latency=8ms"));
        Assert.Equal(["ns1/vm-00001 cpu=2,read=100,read-latency=8ms"], cluster.Loads.Select(static load => $"{load.Machine} {load.Load}"));
        cluster.SetLoad(new KnownLoad("vm-*", MachineLoad.None));
        Assert.Empty(cluster.Loads);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("414.890004617", Cpu());

        string Cpu() => Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_cpu_usage_seconds_total", "name=vm-00001").Number;
    }

    [Fact]
    public void A_later_load_is_over_an_earlier_one_key_by_key()
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster(options => options with { Loads = [KnownLoad.Parse("*:cpu=0.5,rx=1MB"), KnownLoad.Parse("ns?/vm-0000[1]:cpu=1".Replace("[1]", "1", StringComparison.Ordinal))] }, time);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("390", Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_cpu_usage_seconds_total", "name=vm-00001").Number);
        Assert.Equal("1.5700038e+07", Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_network_receive_bytes_total", "name=vm-00001").Number);

        // vm-00000 has weight 1 and 1 CPU.
        Assert.Equal("10", Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_cpu_usage_seconds_total", "name=vm-00000").Number);
    }

    [Fact]
    public void Balloon_and_agent_are_independent()
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster(options => options with { Loads = [KnownLoad.Parse("vm-00001:balloon=no"), KnownLoad.Parse("vm-00003:agent=no"), KnownLoad.Parse("vm-00007:agent=yes")] }, time);
        string[] names = [.. Scrapes.Read(cluster, "handler/0").SelectMany(static family => family.Lines).Select(static line => $"{line.Name} {line["name"]}")];
        foreach (string inside in new[] { "available", "usable", "unused", "cached", "swap_in_traffic", "swap_out_traffic" })
        {
            Assert.DoesNotContain($"kubevirt_vmi_memory_{inside}_bytes vm-00001", names);
            Assert.Contains($"kubevirt_vmi_memory_{inside}_bytes vm-00003", names);
            Assert.DoesNotContain($"kubevirt_vmi_memory_{inside}_bytes vm-00007", names);
        }

        foreach (string faults in new[] { "pgmajfault", "pgminfault" }) Assert.DoesNotContain($"kubevirt_vmi_memory_{faults}_total vm-00001", names);
        foreach (string outside in new[] { "actual_balloon", "domain", "resident" }) Assert.Contains($"kubevirt_vmi_memory_{outside}_bytes vm-00001", names);
        foreach (string agent in new[] { "kubevirt_vmi_guest_load_1m", "kubevirt_vmi_filesystem_used_bytes" })
        {
            Assert.Contains($"{agent} vm-00001", names);
            Assert.DoesNotContain($"{agent} vm-00003", names);
            Assert.Contains($"{agent} vm-00007", names);
        }
    }

    [Theory]
    [InlineData("vm-00001:cpux=1", "'cpux' is not known. What can be given: cpu, system, run, ready")]
    [InlineData("vm-00001:cpu", "'cpu' is no part of a load. Write it like cpu=1.5,ready=0.06.")]
    [InlineData("vm-00001:cpu=fast", "'cpu=fast': 'fast' is not a number such as 1.5.")]
    [InlineData("vm-00001:cpu=1,cpu=2", "'cpu' is given twice.")]
    [InlineData("vm-00001:ready=1.2", "a share is from 0 to 1, or a percentage such as 6%")]
    [InlineData("vm-00001:read-latency=8", "'8' is not a duration such as 8ms, 250us or 0.5s.")]
    [InlineData("vm-00001:rx=10Mb", "'10Mb' is not a size.")]
    [InlineData("vm-00001:agent=maybe", "write yes or no")]
    [InlineData("vm-00001:run=0.7,ready=0.4", "more than 1 together")]
    [InlineData("vm-00001:cpu=1,run=0.7", "cpu=1 is less than the 1.4 that the virtual CPUs of vm-00001 run together.")]
    [InlineData("vm-00001:cpu=1,system=2", "system is a part of cpu")]
    [InlineData("vm-00001:run.2=0.5", "vm-00001 has 2 virtual CPUs, from 0 to 1.")]
    [InlineData("vm-00001:data1.read=5", "vm-00001 has no disk 'data1'. It has: cloudinitdisk, rootdisk.")]
    [InlineData("vm-00001:memory=3GiB", "more than the 3011510272 bytes that vm-00001 has available")]
    [InlineData("vm-00002:load=1", "vm-00002 has Windows")]
    [InlineData("vm-00007:memory=1GiB", "vm-00007 has no balloon statistics; add balloon=yes")]
    [InlineData("vm-00010:cpu=1", "There is no running machine 'vm-00010'. There are ns0/vm-00000 to ns4/vm-00009.")]
    [InlineData("cpu=1", "'cpu=1' names no machine. Write it like vm-00003:cpu=1.5,ready=0.06.")]
    public void What_cannot_be_is_explained(string text, string expected)
    {
        Exception failure = Assert.ThrowsAny<Exception>(() => Scrapes.Cluster(options => options with { Loads = [KnownLoad.Parse(text)] }, new FakeTimeProvider(Scrapes.Start)));
        Assert.True(failure is FormatException or ArgumentException, failure.GetType().Name);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Live_values_move_between_the_seconds()
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster(static options => options with { Live = true }, time);
        time.Advance(TimeSpan.FromSeconds(60.25));

        // 38 × 2 × (5 + 0.010000003 × 60.25); 1.5 GiB + 4096 × 38 × 59.75; 12.34 + 0.03 × 60.25 of the process.
        Assert.Equal("425.790013737", Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_cpu_usage_seconds_total", "name=vm-00001").Number);
        Assert.Equal("1.619912704e+09", Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_memory_usable_bytes", "name=vm-00001").Number);
        Assert.Equal("14.14", Scrapes.Line(cluster, "handler/0", "process_cpu_seconds_total").Number);
    }

    /// <summary>
    /// virt-launcher asks libvirt by itself at 0.25 s + k × 6.5 s, and when a look comes more than 3.25 s after the answer to the last question, which takes 10 ms; from then on its loop
    /// goes by that. The balloon driver tells every 10 s and the guest agent every 120 s, from 0.25 s on.
    /// </summary>
    [Fact]
    public void Caches_are_as_KubeVirt_has_them()
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster(
            static options => options with { Caches = true, Loads = [KnownLoad.Parse("vm-00001:cpu=1,minor-faults=100,load=1,fs-used=1GiB")], Events = [ClusterEvent.Parse("50s:load:vm-00001:load=2,fs-used=2GiB")] }, time);
        (double After, string Cpu, string Faults, string Load, string Used)[] looks =
        [
            // 0.25 + 15 × 6.5 = 97.75
            (100, "477.75", "161025", "1", "1.073741824e+09"),
            (101.01, "477.75", "161025", "1", "1.073741824e+09"),
            (101.02, "481.02", "162025", "1", "1.073741824e+09"),

            // The turn of the loop at 104.25 finds an answer of 3.22 s, that at 107.5 one of 6.47 s.
            (104.26, "481.02", "162025", "1", "1.073741824e+09"),
            (110, "487.5", "162025", "1", "1.073741824e+09"),

            // 107.5 + 6.5 = 114 is older than 3.25 s; the guest told of its other load 10 ms after that look.
            (120.24, "500.24", "163025", "1", "1.073741824e+09"),
            (123.5, "500.24", "163025", "1", "1.073741824e+09"),
            (123.51, "503.51", "164025", "2", "1.073741824e+09"),
            (300.25, "680.25", "182025", "2", "2.147483648e+09"),
        ];
        foreach ((double after, string cpu, string faults, string load, string used) in looks)
        {
            time.SetUtcNow(Scrapes.After(after));
            IReadOnlyList<TextLine> lines = [.. Scrapes.Read(cluster, "handler/0").SelectMany(static family => family.Lines).Where(static line => line["name"] == "vm-00001")];
            string Of(string name) => lines.First(line => line.Name == name && line["mount_point"] is null or "/").Number;
            Assert.Equal((after, cpu, faults, load, used), (after, Of("kubevirt_vmi_cpu_usage_seconds_total"), Of("kubevirt_vmi_memory_pgminfault_total"), Of("kubevirt_vmi_guest_load_1m"), Of("kubevirt_vmi_filesystem_used_bytes")));
        }
    }

    /// <summary>
    /// The moments whose values KubeVirt 1.9.0's own cache gave (tools/cache/time-defined-cache.go with KeepValueUpdated, compiled and run in real time with a recalculation of 10 ms),
    /// to whoever asks for the first time after a second and then at this interval. Its loop came 1.6 ms later with each turn, which is what the tolerance is for.
    /// </summary>
    [Theory]
    [InlineData(1, new[] { 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12, 16, 16, 16, 16, 19.5 })]
    [InlineData(10, new[] { 0, 11, 21, 31, 41, 51, 61, 71.0 })]
    [InlineData(12.5, new[] { 0, 13, 26.0 })]
    [InlineData(15, new[] { 0, 13.01, 31, 46, 58.53, 76 })]
    public void The_cache_shows_what_that_of_KubeVirt_showed(double interval, double[] real)
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster(static options => options with { Caches = true, Loads = [KnownLoad.Parse("vm-00000:cpu=1")] }, time);
        for (int i = 0; i < real.Length; i++)
        {
            time.SetUtcNow(Scrapes.After(1 + (i * interval)));
            Assert.Equal(real[i], Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_cpu_usage_seconds_total", "name=vm-00000").Value - 5, 0.04);
        }
    }

    [Theory]
    [InlineData(3.2, 0)]
    [InlineData(6.51, 6.503)]
    [InlineData(13.1, 13.006)]
    [InlineData(22, 19.511)]
    [InlineData(29, 26.014)]
    public void The_first_reader_sees_what_the_loop_of_KubeVirt_asked_for(double after, double real)
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster(static options => options with { Caches = true, Loads = [KnownLoad.Parse("vm-00000:cpu=1")] }, time);
        time.SetUtcNow(Scrapes.After(after));
        Assert.Equal(real, Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_cpu_usage_seconds_total", "name=vm-00000").Value - 5, 0.02);
    }

    /// <summary>How wrong the rate between two looks is, in percent: the mean and the 95th percentile of a model of that cache with 400 phases.</summary>
    [Theory]
    [InlineData(12, 8.9, 17.3)]
    [InlineData(15, 13.2, 21.1)]
    [InlineData(20, 4.6, 15.6)]
    [InlineData(30, 0.8, 2.8)]
    [InlineData(60, 3.7, 5.1)]
    public void Rates_are_as_wrong_as_those_of_KubeVirt(int interval, double mean, double percentile)
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster(static options => options with { Caches = true, Loads = [KnownLoad.Parse("*:cpu=1")] }, time, vmis: 26);
        double[][] looks = [.. Enumerable.Range(0, 20).Select(look =>
        {
            time.SetUtcNow(Scrapes.After(20.1 + (look * interval)));
            return Scrapes.Lines(cluster, "handler/0", "kubevirt_vmi_cpu_usage_seconds_total").Select(static line => line.Value).ToArray();
        })];
        double[] errors = [.. looks.Zip(looks.Skip(1)).SelectMany(pair => pair.First.Zip(pair.Second, (before, after) => 100 * Math.Abs(((after - before) / interval) - 1))).Order()];
        Assert.Equal(26 * 19, errors.Length);
        Assert.Equal(mean, errors.Average(), 0.5);
        Assert.Equal(percentile, errors[errors.Length * 95 / 100], 1.0);
    }

    [Fact]
    public void Old_releases_ask_the_domain_at_each_look()
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster(static options => options with { Caches = true, Loads = [KnownLoad.Parse("vm-00001:cpu=1")] }, time, "1.2");
        foreach (double after in new[] { 10, 10.001, 10.5 })
        {
            time.SetUtcNow(Scrapes.After(after));
            Assert.Equal(380 + after, Scrapes.Line(cluster, "handler/0", "kubevirt_vmi_cpu_usage_seconds_total", "name=vm-00001").Value);
        }
    }

    [Fact]
    public async Task A_fast_clock_takes_timers_with_it()
    {
        FakeTimeProvider inner = new(Scrapes.Start);
        FastTime fast = new(inner, 5760);
        int rung = 0;
        await using ITimer timer = fast.CreateTimer(_ => rung++, null, TimeSpan.FromHours(12), TimeSpan.FromHours(6));
        inner.Advance(TimeSpan.FromSeconds(7.4));
        Assert.Equal(0, rung);
        inner.Advance(TimeSpan.FromSeconds(7.6));

        // 15 s are a day.
        Assert.Equal(Scrapes.Start.AddDays(1), fast.GetUtcNow());
        Assert.Equal(3, rung);
        Assert.Equal(TimeSpan.FromDays(1), fast.GetElapsedTime(0, TimeSpan.TicksPerDay));
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("1.2")]
    [InlineData("1.9")]
    public async Task Promtool_accepts_loads_and_caches(string version)
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster(static options => options with { Live = true, Caches = true, Loads = [KnownLoad.Parse("*:cpu=0.5,read=20,rx=1MB")] }, time, version);
        time.Advance(TimeSpan.FromSeconds(17.123));
        ToolResult result = await Tool.RunAsync("promtool", ["check", "metrics"], Scrapes.Text(cluster, "handler/0"));
        Assert.DoesNotContain("error while linting", result.Output + result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("parsing error", result.Output + result.Errors, StringComparison.Ordinal);
    }

    private static TextLine At(string load, double seconds, string name, string label, string version = "1.9")
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster(options => options with { Loads = [KnownLoad.Parse($"vm-00001:{load}")] }, time, version);
        time.Advance(TimeSpan.FromSeconds(seconds));
        return Scrapes.Line(cluster, "handler/0", name, label.Length == 0 ? ["name=vm-00001"] : ["name=vm-00001", label]);
    }
}
