using System.Reflection;
using KubeVirtMonitor.History;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Tests.Usage;
using KubeVirtMonitor.Usage;
using Xunit;

namespace KubeVirtMonitor.Tests.History;

/// <summary>Figures of real servers over loads that are known.</summary>
public class StoredUsageTests
{
    private const string Web = "node=\"alpha\",namespace=\"shop\",name=\"web\",kubernetes_vmi_label_app=\"shop\",";
    private const string Target = "job=\"kubevirt-prometheus-metrics\",container=\"virt-handler\",pod=\"virt-handler-a\",instance=\"10.0.0.1:8443\"";

    // Where arithmetic with decimal fractions is not exact, its last digits are not either.
    private const double Exact = 1e-12;

    public static TheoryData<string> Engines => ["prometheus", "victoria-metrics"];

    public static TheoryData<string, string> EnginesAndVersions => new MatrixTheoryData<string, string>(["prometheus", "victoria-metrics"], ["v1.0.0", "v1.2.0", "v1.2.2", "v1.5.3", "v1.9.0"]);

    [Theory]
    [MemberData(nameof(EnginesAndVersions))]
    public async Task A_constant_load_has_the_figures_worked_out_by_hand_in_every_version(string engine, string version)
    {
        await using QueryEngine server = await Load(version).OpenAsync(engine);
        await CheckAsync(new UsageRequest { Time = Stored.At(450) }, 60);
        await CheckAsync(new UsageRequest { Time = Stored.At(457) }, 60);
        await CheckAsync(new UsageRequest { Time = Stored.At(600), Whole = TimeSpan.FromSeconds(540) }, 540);

        async Task CheckAsync(UsageRequest request, double seconds)
        {
            KubeVirtUsage usage = await Stored.OneAsync(server, request);
            Assert.Equal(("shop", "web", "alpha", seconds), (usage.Namespace, usage.Vmi, usage.Node, usage.IntervalSeconds!.Value));
            Assert.Equal(request.Time, usage.Timestamp);
            bool isOld = version == "v1.0.0";
            Near(2, usage.VCpus);
            Near(1.5, usage.CpuUsed);
            Near(75, usage.CpuPercent);
            Near(0.9, usage.CpuUser);
            Near(0.6, usage.CpuSystem);
            Near(70, usage.GuestCpuPercent);
            Near(0.1, usage.CpuOverhead, 1e-10);
            Near(isOld ? null : 7.5, usage.CpuReadyPercent);
            Near(isOld ? null : 10, usage.CpuReadyMaxPercent);
            Near(isOld ? null : 3000, usage.CpuReadyMs);
            Near(4294967296, usage.Memory);
            Near(75, usage.MemoryUsedPercent);
            Near(3_000_000_000, usage.MemoryUsed);
            Near(1000, usage.SwapInBytesPerSecond);
            Near(2000, usage.SwapOutBytesPerSecond);
            Near(5, usage.MajorFaultsPerSecond);
            Near(50, usage.MinorFaultsPerSecond);
            Near(110, usage.DiskReadIops);
            Near(50, usage.DiskWriteIops);
            Near(5, usage.DiskFlushIops);
            Near(409_600, usage.DiskReadBytesPerSecond);
            // 100 reads of 8 ms and 10 of 52 ms are 110 of 12 ms.
            Near(12, usage.DiskReadLatencyMs);
            Near(5, usage.DiskWriteLatencyMs);
            Near(2, usage.DiskFlushLatencyMs);
            Near(1.57, usage.DiskQueueDepth);
            Near(1_000_000, usage.NetworkReceiveBytesPerSecond);
            Near(2_000_000, usage.NetworkTransmitBytesPerSecond);
            Near(990, usage.NetworkReceivePacketsPerSecond);
            Near(1, usage.NetworkReceiveErrorPercent);
            Near(0, usage.NetworkTransmitDropPercent);
            Near(40, usage.FileSystemMaxPercent);
            Near(version == "v1.9.0" ? 3.5 : null, usage.Load1);
            Near(version == "v1.9.0" ? 1.5 : null, usage.CpuQueue);
            Assert.Equal((null, null, false), (usage.MigrationPercent, usage.DirtyBytesPerSecond, usage.Restarted));
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Figures_of_a_server_are_those_of_two_looks_at_the_endpoint(string engine)
    {
        Stored load = Load("v1.9.0");
        KubeVirtUsage looked = new Looks().Scrape(300, load.Scrape(300)).Turned().Scrape(360, load.Scrape(360)).One();
        await using QueryEngine server = await load.OpenAsync(engine);
        KubeVirtUsage asked = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(360) });
        int compared = 0;
        foreach (PropertyInfo property in typeof(KubeVirtUsage).GetProperties().Where(static property => property.PropertyType == typeof(double?) || property.PropertyType == typeof(int?)))
        {
            double? mine = ToDouble(property.GetValue(asked));
            double? other = ToDouble(property.GetValue(looked));
            Assert.True((mine is null) == (other is null), $"{property.Name}: {mine} by the server, {other} by looks");
            if (other is { } known) Assert.True(Math.Abs(mine!.Value - known) <= 1e-9 * Math.Max(1, Math.Abs(known)), $"{property.Name}: {mine} by the server, {known} by looks");
            compared += mine is null ? 0 : 1;
        }

        Assert.InRange(compared, 40, 60);

        static double? ToDouble(object? value) => value is null ? null : Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Moments_of_a_range_are_the_same_in_one_query_and_in_many(string engine)
    {
        Stored stored = new();
        // Rises by 1 a second up to 300 s, and by 3 after that.
        stored.Add("kubevirt_vmi_cpu_usage_seconds_total", Web + Target, static t => t <= 300 ? t : 300 + (3 * (t - 300)));
        await using QueryEngine server = await stored.OpenAsync(engine);
        UsageRequest request = new() { Range = new QueryRange(Stored.At(120), Stored.At(599), TimeSpan.FromSeconds(60)) };
        IReadOnlyList<UsageLook> one = await Stored.ReadAsync(server, request);
        IReadOnlyList<UsageLook> many = await Stored.ReadAsync(server, request, Stored.Facts with { Machines = 10_000_000 });
        Assert.Equal([1, 1, 1, 1, 3, 3, 3, 3], one.Select(static look => Math.Round(look.Machines.Single().CpuUsed!.Value, 9)));
        Assert.Equal(Enumerable.Range(2, 8).Select(static i => Stored.At(i * 60)), one.Select(static look => look.Machines.Single().Timestamp));
        Assert.Equal(one.Select(static look => (look.Machines.Single().CpuUsed, look.Machines.Single().Timestamp)), many.Select(static look => (look.Machines.Single().CpuUsed, look.Machines.Single().Timestamp)));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_machine_that_began_anew_goes_on_and_says_so(string engine)
    {
        // At 300 s its counters have begun anew 15 s ago.
        Stored stored = new();
        stored.Add("kubevirt_vmi_cpu_usage_seconds_total", Web + Target, static t => t < 300 ? 5000 + (2 * t) : 2 * (t - 285));
        await using QueryEngine server = await stored.OpenAsync(engine);
        KubeVirtUsage before = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(285) });
        KubeVirtUsage within = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(330) });
        KubeVirtUsage all = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(600), Whole = TimeSpan.FromSeconds(540) });
        Assert.Equal((false, true, true), (before.Restarted, within.Restarted, all.Restarted));
        Near(2, before.CpuUsed);
        Near(2, within.CpuUsed);
        Near(2, all.CpuUsed);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_machine_that_moves_is_neither_doubled_nor_halved(string engine)
    {
        // It is on alpha up to 300 s, and on beta from then on; for two scrapes both tell of it.
        Stored stored = new();
        stored.Rising("kubevirt_vmi_cpu_usage_seconds_total", Web + Target, 2, until: 315).Constant("kubevirt_vmi_memory_domain_bytes", Web + Target, 1e9, until: 315);
        string beta = "node=\"beta\",namespace=\"shop\",name=\"web\",pod=\"virt-handler-b\",instance=\"10.0.0.2:8443\"";
        stored.Add("kubevirt_vmi_cpu_usage_seconds_total", beta, static t => 2 * (t - 290), 300).Constant("kubevirt_vmi_memory_domain_bytes", beta, 1e9, 300);
        await using QueryEngine server = await stored.OpenAsync(engine);
        KubeVirtUsage all = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(600), Whole = TimeSpan.FromSeconds(600) });
        Assert.Equal(("beta", true), (all.Node, all.Restarted));
        Assert.InRange(all.CpuUsed!.Value, 1.9, 2.1);
        Assert.Equal(1e9, all.Memory!.Value, 1e-3);
        KubeVirtUsage during = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(315) });
        Assert.InRange(during.CpuUsed!.Value, 1.4, 2.1);
        Assert.Equal(1e9, during.Memory);
        KubeVirtUsage later = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(450) });
        Assert.Equal(("beta", false), (later.Node, later.Restarted));
        Near(2, later.CpuUsed);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task What_two_tell_all_the_time_is_told_once(string engine)
    {
        // Two replicas of a server, two jobs of each, and two virt-handlers: eight series of one machine.
        Stored stored = new();
        foreach (string replica in (string[])["a", "b"])
        {
            foreach (string job in (string[])["one", "two"])
            {
                foreach ((string node, string instance) in (ReadOnlySpan<(string, string)>)[("alpha", "10.0.0.1:8443"), ("beta", "10.0.0.2:8443")])
                {
                    string labels = $"namespace=\"shop\",name=\"web\",node=\"{node}\",instance=\"{instance}\",job=\"{job}\",prometheus_replica=\"{replica}\"";
                    stored.Rising("kubevirt_vmi_cpu_usage_seconds_total", labels, 2).Constant("kubevirt_vmi_memory_domain_bytes", labels, 1e9)
                        .Rising("kubevirt_vmi_vcpu_seconds_total", labels + ",id=\"0\",state=\"running\"", 0.5).Rising("kubevirt_vmi_storage_iops_read_total", labels + ",drive=\"vda\"", 30).Rising("kubevirt_vmi_storage_iops_read_total", labels + ",drive=\"vdb\"", 10);
                }
            }
        }

        await using QueryEngine server = await stored.OpenAsync(engine);
        KubeVirtUsage usage = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(450) });
        Assert.Equal((1, 1), (usage.Machines, usage.VCpus));
        Near(2, usage.CpuUsed);
        Near(1e9, usage.Memory);
        Near(40, usage.DiskReadIops);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_virt_handler_that_was_replaced_changes_nothing(string engine)
    {
        // The counters are QEMU's; the new pod tells of them from 300 s on, with another address.
        Stored stored = new();
        stored.Rising("kubevirt_vmi_cpu_usage_seconds_total", Web + Target, 2, until: 285).Rising("kubevirt_vmi_cpu_usage_seconds_total", Web + "pod=\"virt-handler-z\",instance=\"10.0.0.9:8443\"", 2, from: 300);
        await using QueryEngine server = await stored.OpenAsync(engine);
        KubeVirtUsage all = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(585), Whole = TimeSpan.FromSeconds(570) });
        Assert.Equal(("alpha", false), (all.Node, all.Restarted));
        Assert.InRange(all.CpuUsed!.Value, 1.9, 2.1);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_range_of_which_the_server_has_half_has_the_rates_of_that_half(string engine)
    {
        // 1.5 CPUs all the time, of which the server has the last 300 s of 600.
        Stored stored = new Stored().Rising("kubevirt_vmi_cpu_usage_seconds_total", Web + Target, 1.5, from: 300).Constant("kubevirt_vmi_memory_domain_bytes", Web + Target, 1e9, from: 300)
            .Rising("kubevirt_vmi_storage_iops_read_total", Web + Target + ",drive=\"vda\"", 100, from: 300);
        await using QueryEngine server = await stored.OpenAsync(engine);
        foreach (int at in (int[])[600, 607])
        {
            UsageRequest request = new() { Time = Stored.At(at), Whole = TimeSpan.FromSeconds(600) };
            KubeVirtUsage whole = await Stored.OneAsync(server, request);
            Near(1.5, whole.CpuUsed, 1e-9);
            Near(100, whole.DiskReadIops, 1e-9);
            Near(1e9, whole.Memory);
            Assert.InRange(whole.IntervalSeconds!.Value, 300, 315);
            UsageLook look = Assert.Single(await Stored.ReadAsync(server, request));
            KubeVirtUsage node = Assert.Single(UsageGroups.By(look.Machines, UsageScope.Node));
            Assert.InRange(node.CpuUsed!.Value, 1.45, 1.55);
            Assert.InRange(node.Memory!.Value, 0.97e9, 1e9);
        }

        // The first moments of a range, of whose windows it has a part.
        IReadOnlyList<UsageLook> first = await Stored.ReadAsync(server, new UsageRequest { Range = new QueryRange(Stored.At(315), Stored.At(390), TimeSpan.FromSeconds(15)) });
        Assert.Equal([1.5, 1.5, 1.5, 1.5, 1.5, 1.5], first.Select(static look => Math.Round(look.Machines.Single().CpuUsed!.Value, 6)));
        Assert.InRange(first[0].Machines[0].IntervalSeconds!.Value, 15, 30);
        Assert.Equal(60, first[^1].Machines[0].IntervalSeconds);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_machine_that_ran_half_of_the_time_has_the_figures_of_that_time_and_counts_half_among_others(string engine)
    {
        string other = "node=\"alpha\",namespace=\"shop\",name=\"db\"," + Target;
        Stored stored = new Stored().Rising("kubevirt_vmi_cpu_usage_seconds_total", Web + Target, 2, until: 300).Constant("kubevirt_vmi_memory_domain_bytes", Web + Target, 1e9, until: 300)
            .Constant("kubevirt_vmi_vcpu_seconds_total", Web + Target + ",id=\"0\",state=\"running\"", 5, until: 300)
            .Rising("kubevirt_vmi_cpu_usage_seconds_total", other, 0.5).Constant("kubevirt_vmi_memory_domain_bytes", other, 2e9).Constant("kubevirt_vmi_vcpu_seconds_total", other + ",id=\"0\",state=\"running\"", 5);
        await using QueryEngine server = await stored.OpenAsync(engine);
        UsageLook look = Assert.Single(await Stored.ReadAsync(server, new UsageRequest { Time = Stored.At(600), Whole = TimeSpan.FromSeconds(600) }));
        KubeVirtUsage web = look.Machines.Single(static usage => usage.Vmi == "web");
        Near(2, web.CpuUsed, 1e-9);
        Near(200, web.CpuPercent, 1e-9);
        Near(1e9, web.Memory);
        Assert.InRange(web.IntervalSeconds!.Value, 300, 315);
        Assert.Equal(600, look.Machines.Single(static usage => usage.Vmi == "db").IntervalSeconds);
        // 2 CPUs for half of the time and 0.5 for all of it.
        KubeVirtUsage all = Assert.Single(UsageGroups.By(look.Machines, UsageScope.Namespace));
        Assert.InRange(all.CpuUsed!.Value, 1.5, 1.56);
        Assert.InRange(all.CpuPercent!.Value, 99, 103);
        Assert.InRange(all.Memory!.Value, 2.5e9, 2.53e9);
        Assert.Equal((2, 2), (all.Machines, all.VCpus));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Scrapes_that_are_missing_change_no_rate(string engine)
    {
        Stored stored = new Stored().Rising("kubevirt_vmi_cpu_usage_seconds_total", Web + Target, 1.5, until: 200).Rising("kubevirt_vmi_cpu_usage_seconds_total", Web + Target, 1.5, from: 400);
        await using QueryEngine server = await stored.OpenAsync(engine);
        KubeVirtUsage usage = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(600), Whole = TimeSpan.FromSeconds(600) });
        Near(1.5, usage.CpuUsed, 1e-9);
        Assert.Equal((600, false), (usage.IntervalSeconds, usage.Restarted));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_machine_that_was_off_in_between_has_the_rates_of_the_time_in_which_it_ran(string engine)
    {
        // It ran for 200 s, and for 200 s after it was started again.
        Stored stored = new Stored().Rising("kubevirt_vmi_cpu_usage_seconds_total", Web + Target, 2, until: 200).Add("kubevirt_vmi_cpu_usage_seconds_total", Web + Target, static t => 2 * (t - 400), 405);
        await using QueryEngine server = await stored.OpenAsync(engine);
        KubeVirtUsage usage = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(600), Whole = TimeSpan.FromSeconds(600) });
        Assert.InRange(usage.CpuUsed!.Value, 1.85, 2.15);
        Assert.InRange(usage.IntervalSeconds!.Value, 385, 415);
        Assert.True(usage.Restarted);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task What_a_machine_used_on_each_of_its_nodes_is_of_that_node(string engine)
    {
        // web is on alpha for 450 of 600 s and on beta after that; db stays on beta.
        string beta = "node=\"beta\",namespace=\"shop\",pod=\"virt-handler-b\",instance=\"10.0.0.2:8443\"";
        Stored stored = new Stored().Rising("kubevirt_vmi_cpu_usage_seconds_total", Web + Target, 2, until: 435)
            .Add("kubevirt_vmi_cpu_usage_seconds_total", beta + ",name=\"web\"", static t => 2 * (t - 435), 450).Rising("kubevirt_vmi_cpu_usage_seconds_total", beta + ",name=\"db\"", 0.5);
        await using QueryEngine server = await stored.OpenAsync(engine);
        UsageRequest request = new() { Time = Stored.At(600), Whole = TimeSpan.FromSeconds(600), ByNode = true };
        IReadOnlyList<KubeVirtUsage> nodes = UsageGroups.By(Assert.Single(await Stored.ReadAsync(server, request)).Machines, UsageScope.Node);
        Assert.Equal(["alpha", "beta"], nodes.Select(static usage => usage.Node));
        // By hand: 2 x 450 / 600, and 2 x 150 / 600 + 0.5.
        Assert.InRange(nodes[0].CpuUsed!.Value, 1.44, 1.56);
        Assert.InRange(nodes[1].CpuUsed!.Value, 0.95, 1.06);
        Assert.Equal([1, 2], nodes.Select(static usage => usage.Machines));
        Near(2, (await Stored.ReadAsync(server, request with { ByNode = false }))[0].Machines.Single(static usage => usage.Vmi == "web").CpuUsed, 0.01);
    }

    [Theory]
    [InlineData("prometheus", true)]
    [InlineData("victoria-metrics", true)]
    [InlineData("prometheus", false)]
    [InlineData("victoria-metrics", false)]
    public async Task How_much_of_a_range_the_server_has_is_known(string engine, bool hasInfo)
    {
        Stored stored = new Stored().Rising("kubevirt_vmi_cpu_usage_seconds_total", Web + Target + ",cluster=\"north\"", 1.5, from: 450).Rising("kubevirt_vmi_cpu_usage_seconds_total", Web + Target + ",cluster=\"south\"", 1.5);
        if (hasInfo) stored.Constant("kubevirt_info", "kubeversion=\"v1.9.0\",cluster=\"north\"", 1, from: 300).Constant("kubevirt_info", "kubeversion=\"v1.9.0\",cluster=\"south\"", 1);
        await using QueryEngine server = await stored.OpenAsync(engine);
        foreach (UsageRequest request in (UsageRequest[])[new() { Time = Stored.At(600), Whole = TimeSpan.FromSeconds(600) }, new() { Range = new QueryRange(Stored.At(0), Stored.At(600), TimeSpan.FromSeconds(60)) }])
        {
            IReadOnlyDictionary<string, double> covered = await Stored.CoveredAsync(server, request, hasInfo ? Stored.Facts with { Versions = ["v1.9.0"] } : Stored.Facts);
            Assert.Equal(["north", "south"], covered.Keys.Order(StringComparer.Ordinal));
            Assert.InRange(covered["north"], hasInfo ? 0.47 : 0.22, hasInfo ? 0.55 : 0.3);
            Assert.InRange(covered["south"], 0.97, 1);
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Machines_that_are_silent_are_known_with_their_last_time(string engine)
    {
        await using QueryEngine server = await new Stored().Rising("kubevirt_vmi_cpu_usage_seconds_total", Web + Target, 1, until: 315)
            .Rising("kubevirt_vmi_cpu_usage_seconds", "node=\"alpha\",namespace=\"test\",name=\"db\"", 1).OpenAsync(engine);
        IReadOnlyList<SeenMachine> seen = await Stored.SeenAsync(server, new UsageRequest { Time = Stored.At(900) });
        Assert.Equal([("shop", "web", Stored.At(315)), ("test", "db", Stored.At(600))], seen.OrderBy(static one => one.Namespace, StringComparer.Ordinal).Select(static one => (one.Namespace, one.Name, one.Last)));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Namespaces_are_those_of_machines_where_a_server_does_not_honor_labels(string engine)
    {
        Stored stored = new();
        stored.Rising("kubevirt_vmi_cpu_usage_seconds_total", "namespace=\"kubevirt\",exported_namespace=\"shop\",name=\"web\",node=\"alpha\",instance=\"10.0.0.1:8443\"", 2)
            .Rising("kubevirt_vmi_cpu_usage_seconds_total", "namespace=\"kubevirt\",exported_namespace=\"test\",name=\"web\",node=\"server\",exported_node=\"alpha\",instance=\"10.0.0.1:8443\"", 3);
        await using QueryEngine server = await stored.OpenAsync(engine);
        IReadOnlyList<UsageLook> looks = await Stored.ReadAsync(server, new UsageRequest { Time = Stored.At(450) });
        Assert.Equal([("shop", "alpha", 2d), ("test", "alpha", 3d)], Assert.Single(looks).Machines.Select(static usage => (usage.Namespace, usage.Node, Math.Round(usage.CpuUsed!.Value, 9))));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Clusters_of_one_server_are_told_apart_and_have_their_own_units(string engine)
    {
        // Two machines of one name, on nodes of one name, at one address; the one of 1.2.2 has milliseconds.
        Stored stored = new();
        foreach ((string cluster, string version, double scale) in (ReadOnlySpan<(string, string, double)>)[("north", "v1.2.2", 1000), ("south", "v1.9.0", 1)])
        {
            string labels = $"{Web}instance=\"10.0.0.1:8443\",cluster=\"{cluster}\"";
            stored.Constant("kubevirt_info", $"kubeversion=\"{version}\",instance=\"10.0.0.1:8443\",cluster=\"{cluster}\"", 1)
                .Rising("kubevirt_vmi_cpu_usage_seconds_total", labels, 0.6)
                .Rising("kubevirt_vmi_vcpu_seconds_total", labels + ",id=\"0\",state=\"running\"", 0.5 * scale);
        }

        await using QueryEngine server = await stored.OpenAsync(engine);
        IReadOnlyList<KubeVirtUsage> machines = Assert.Single(await Stored.ReadAsync(server, new UsageRequest { Time = Stored.At(450) })).Machines;
        Assert.Equal([("north", 50d), ("south", 50d)], machines.Select(static usage => (usage.Cluster, Math.Round(usage.GuestCpuPercent!.Value, 9))));
        Assert.Equal(2, UsageGroups.By(machines, UsageScope.Node).Count);
        Assert.Equal(["north", "south"], UsageGroups.By(machines, UsageScope.Cluster).Select(static usage => usage.Name));
        Assert.Equal("south", (await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(450), Matchers = "cluster=\"south\"" })).Cluster);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task What_is_not_stored_is_null_and_not_nothing(string engine)
    {
        await using QueryEngine server = await new Stored().Constant("kubevirt_vmi_memory_domain_bytes", Web + Target, 1e9).OpenAsync(engine);
        KubeVirtUsage usage = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(450) });
        string[] known = [.. typeof(KubeVirtUsage).GetProperties().Where(static property => property.PropertyType == typeof(double?)).Where(property => property.GetValue(usage) is not null).Select(static property => property.Name)];
        Assert.Equal(["IntervalSeconds", "Memory"], known);
        Assert.Empty(await Stored.ReadAsync(server, new UsageRequest { Time = Stored.At(-7200) }));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Parts_of_machines_have_figures_of_their_own(string engine)
    {
        await using QueryEngine server = await Load("v1.2.2").OpenAsync(engine);
        UsageLook look = Assert.Single(await Stored.ReadAsync(server, new UsageRequest { Time = Stored.At(450), Needs = UsageNeeds.OfDetails(null), Devices = Enum.GetValues<UsageDevice>() }));
        Assert.Empty(look.Machines);
        IReadOnlyList<KubeVirtUsageDetail> details = UsageGroups.InOrder(look.Details);
        Assert.Equal(["0", "1", "vda", "vdb", "default", "/", "/run"], details.Select(static detail => detail.Device));
        Near(70, details[0].RunPercent);
        Near(5, details[0].ReadyPercent);
        Near(8, details[2].ReadLatencyMs);
        Near(52, details[3].ReadLatencyMs);
        Near(1, details[4].ReceiveErrorPercent);
        Assert.Equal((4e9, 40d, "xfs", "vda1"), (details[5].Used, details[5].UsedPercent, details[5].FileSystemType, details[5].Disk));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_migration_and_a_status_are_those_of_the_moment(string engine)
    {
        double now = Stored.Start.ToUnixTimeSeconds() + 450;
        Stored stored = new();
        stored.Constant("kubevirt_vmi_memory_domain_bytes", Web + Target, 1e9)
            .Constant("kubevirt_vmi_migration_data_remaining_bytes", Web + Target, 3e9, until: 450).Constant("kubevirt_vmi_migration_data_processed_bytes", Web + Target, 1e9, until: 450)
            .Constant("kubevirt_vmi_migration_memory_transfer_rate_bytes", Web + Target, 5e7, until: 450).Constant("kubevirt_vmi_migration_dirty_memory_rate_bytes", Web + Target, 2e7, until: 450)
            .Constant("kubevirt_vmi_migration_start_time_seconds", "namespace=\"shop\",name=\"web\",instance=\"10.0.0.7:8443\"", now - 120)
            .Constant("kubevirt_vm_running_status_last_transition_timestamp_seconds", "namespace=\"shop\",name=\"web\",instance=\"10.0.0.7:8443\"", now - 3600)
            .Constant("kubevirt_vm_starting_status_last_transition_timestamp_seconds", "namespace=\"shop\",name=\"web\",instance=\"10.0.0.7:8443\"", 0);
        await using QueryEngine server = await stored.OpenAsync(engine);
        KubeVirtUsage usage = await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(450) });
        Assert.Equal((25d, true, 100d, 120d, 3600d), (usage.MigrationPercent, usage.MigrationConverges, usage.MigrationSecondsLeft, usage.MigrationSeconds, usage.StatusSeconds));
        Assert.Null((await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(495) })).MigrationPercent);
        Assert.Null((await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(450), Whole = TimeSpan.FromMinutes(5) })).MigrationPercent);
        Assert.Equal(3600, (await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(450), Needs = UsageNeeds.Of(["StatusSeconds"]) })).StatusSeconds);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task The_rate_of_a_migration_is_that_of_memory_in_version_1_1_too(string engine)
    {
        // 1.1 has the names of disk and memory the wrong way round.
        await using QueryEngine server = await new Stored().Constant("kubevirt_info", "kubeversion=\"v1.1.1\",instance=\"10.0.0.1:8443\"", 1)
            .Constant("kubevirt_vmi_migration_memory_transfer_rate_bytes", Web + Target, 7).Constant("kubevirt_vmi_migration_disk_transfer_rate_bytes", Web + Target, 5e7).OpenAsync(engine);
        Assert.Equal(5e7, (await Stored.OneAsync(server, new UsageRequest { Time = Stored.At(450) })).MigrationBytesPerSecond);
    }

    private static void Near(double? expected, double? actual, double tolerance = Exact)
    {
        Assert.Equal(expected is null, actual is null);
        if (expected is { } known) Assert.True(Math.Abs(actual!.Value - known) <= tolerance * Math.Max(1, Math.Abs(known)) * 10, $"{actual} in place of {known}");
    }

    // Two virtual CPUs, two drives, an interface and two file systems, under the names and in the units of a version, as KubeVirt's source at its tags has them.
    private static Stored Load(string version)
    {
        bool is10 = version == "v1.0.0";
        double vcpu = version is "v1.2.2" or "v1.5.3" ? 1000 : 1;
        string seconds = is10 ? "ms" : "seconds";
        double times = is10 ? 1000 : 1;
        Stored stored = new();
        stored.Constant("kubevirt_info", $"goversion=\"go1.22\",kubeversion=\"{version}\",{Target}", 1);
        Count(is10 ? "cpu_usage_seconds" : "cpu_usage_seconds_total", "", 1.5);
        Count(is10 ? "cpu_user_usage_seconds" : "cpu_user_usage_seconds_total", "", 0.9);
        Count(is10 ? "cpu_system_usage_seconds" : "cpu_system_usage_seconds_total", "", 0.6);
        foreach (string id in (string[])["0", "1"]) Count(is10 ? "vcpu_seconds" : "vcpu_seconds_total", $"id=\"{id}\",state=\"running\",", 0.7 * vcpu);
        if (!is10)
        {
            Count("vcpu_delay_seconds_total", "id=\"0\",", 0.05);
            Count("vcpu_delay_seconds_total", "id=\"1\",", 0.1);
        }

        Count("storage_iops_read_total", "drive=\"vda\",", 100);
        Count($"storage_read_times_{seconds}_total", "drive=\"vda\",", 0.8 * times);
        Count("storage_iops_read_total", "drive=\"vdb\",", 10);
        Count($"storage_read_times_{seconds}_total", "drive=\"vdb\",", 0.52 * times);
        Count("storage_read_traffic_bytes_total", "drive=\"vda\",", 409_600);
        Count("storage_iops_write_total", "drive=\"vda\",", 50);
        Count($"storage_write_times_{seconds}_total", "drive=\"vda\",", 0.25 * times);
        Count("storage_flush_requests_total", "drive=\"vda\",", 5);
        Count($"storage_flush_times_{seconds}_total", "drive=\"vda\",", 0.01 * times);
        Count("network_receive_bytes_total", "interface=\"default\",", 1_000_000);
        Count("network_transmit_bytes_total", "interface=\"default\",", 2_000_000);
        Count("network_receive_packets_total", "interface=\"default\",", 990);
        Count("network_receive_errors_total", "interface=\"default\",", 10);
        Count("network_transmit_packets_total", "interface=\"default\",", 500);
        Count("network_transmit_packets_dropped_total", "interface=\"default\",", 0);
        Count(is10 ? "memory_swap_in_traffic_bytes_total" : "memory_swap_in_traffic_bytes", "", 1000);
        Count(is10 ? "memory_swap_out_traffic_bytes_total" : "memory_swap_out_traffic_bytes", "", 2000);
        Count(is10 ? "memory_pgmajfault" : "memory_pgmajfault_total", "", 5);
        Count(is10 ? "memory_pgminfault" : "memory_pgminfault_total", "", 50);
        Gauge(is10 ? "memory_domain_bytes_total" : "memory_domain_bytes", "", 4294967296);
        Gauge("memory_available_bytes", "", 4_000_000_000);
        Gauge("memory_usable_bytes", "", 1_000_000_000);
        Gauge("memory_resident_bytes", "", 4.4e9);
        Gauge("memory_unused_bytes", "", 3e8);
        Gauge("memory_cached_bytes", "", 7e8);
        Gauge("memory_actual_balloon_bytes", "", 4294967296);
        Gauge("filesystem_used_bytes", "disk_name=\"vda1\",mount_point=\"/\",file_system_type=\"xfs\",", 4e9);
        Gauge(is10 ? "filesystem_capacity_bytes_total" : "filesystem_capacity_bytes", "disk_name=\"vda1\",mount_point=\"/\",file_system_type=\"xfs\",", 1e10);
        Gauge("filesystem_used_bytes", "disk_name=\"tmpfs\",mount_point=\"/run\",file_system_type=\"tmpfs\",", 9e9);
        Gauge(is10 ? "filesystem_capacity_bytes_total" : "filesystem_capacity_bytes", "disk_name=\"tmpfs\",mount_point=\"/run\",file_system_type=\"tmpfs\",", 1e10);
        if (version == "v1.9.0") Gauge("guest_load_1m", "", 3.5);
        return stored;

        void Count(string name, string labels, double perSecond) => stored.Rising($"kubevirt_vmi_{name}", Web + labels + Target, perSecond);

        void Gauge(string name, string labels, double value) => stored.Constant($"kubevirt_vmi_{name}", Web + labels + Target, value);
    }
}
