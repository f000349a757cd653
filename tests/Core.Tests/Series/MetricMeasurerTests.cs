using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Series;
using KubeVirtMonitor.Tests.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.Series;

/// <summary>Statistics of samples, with values worked out by hand.</summary>
public sealed class MetricMeasurerTests
{
    private static readonly MappingOptions All = new() { IncludeUnmapped = true };

    [Fact]
    public void GaugesHaveAverageMinimumAndMaximumByDefaultAndCountersARate()
    {
        MetricMeasurer measurer = Of(
            Look(0, "# TYPE g gauge\ng{a=\"1\"} 4\ng{a=\"2\"} 10\n# TYPE c_total counter\nc_total{a=\"1\"} 100\nc_total{a=\"2\"} 5\n"),
            Look(10, "# TYPE g gauge\ng{a=\"1\"} 6\ng{a=\"2\"} 20\n# TYPE c_total counter\nc_total{a=\"1\"} 130\nc_total{a=\"2\"} 2\n"));
        // 30 in 10 s, and a reset to 2 in 10 s: 3.2 per second.
        Assert.Equal(["Rate of c_total: 3.2", "Average of g: 10", "Minimum of g: 4", "Maximum of g: 20"], measurer.Measure().Select(one => one.ToString()));
        MetricMeasure rate = measurer.Measure().First();
        Assert.Equal(("1/second", MeasureBasis.Interval, 4L, 2, 10d, Mapped.At), (rate.Unit, rate.Basis, rate.Samples, rate.Series, rate.IntervalSeconds, rate.Start));
        Assert.Null(measurer.TooClose);
    }

    [Fact]
    public void StatisticsOfAllValuesAndOfTheLast()
    {
        string[] texts = ["# TYPE g gauge\ng{a=\"1\"} 4\ng{a=\"2\"} 10\n", "# TYPE g gauge\ng{a=\"1\"} 6\ng{a=\"2\"} 21\n"];
        MeasureOptions options = new()
        {
            Statistics = [MetricStatistic.Sum, MetricStatistic.Count, MetricStatistic.Last, MetricStatistic.Quantile],
            Quantiles = [0.5],
        };
        Assert.Equal(
            // 4, 6, 10, 21: the median is 8; the last are 6 and 21.
            ["Sum of g: 41", "Count of g: 4", "Last of g: 27", "Quantile 0.5 of g: 8"],
            Of(options, Look(0, texts[0]), Look(5, texts[1])).Measure().Select(one => one.ToString()));
        // The order in which looks come does not matter.
        Assert.Equal(27, Of(options, Look(5, texts[1]), Look(0, texts[0])).Measure().Single(one => one.Statistic == MetricStatistic.Last).Value);
        Assert.Equal("sample", Of(options, Look(0, texts[0])).Measure().Single(one => one.Statistic == MetricStatistic.Count).Unit);
    }

    [Fact]
    public void NaNIsAsPromQLHasIt()
    {
        MeasureOptions options = new() { Statistics = [MetricStatistic.Average, MetricStatistic.Minimum, MetricStatistic.Maximum, MetricStatistic.Sum, MetricStatistic.Count] };
        Assert.Equal([double.NaN, 1, 3, double.NaN, 3], Of(options, Look(0, "g{a=\"1\"} NaN\ng{a=\"2\"} 1\ng{a=\"3\"} 3\n")).Measure().Select(one => one.Value!.Value));
        Assert.Equal([double.NaN, double.NaN, double.NaN, double.NaN, 1], Of(options, Look(0, "g NaN\n")).Measure().Select(one => one.Value!.Value));
        Assert.Equal([double.PositiveInfinity, 1, double.PositiveInfinity, double.PositiveInfinity, 2], Of(options, Look(0, "g{a=\"1\"} +Inf\ng{a=\"2\"} 1\n")).Measure().Select(one => one.Value!.Value));
    }

    [Fact]
    public void RatesAndIncreasesAreOfEachSeriesAndThenAddedUp()
    {
        string first = "# TYPE c_total counter\nc_total{a=\"1\",b=\"x\"} 100\nc_total{a=\"2\",b=\"x\"} 5\nc_total{a=\"3\",b=\"y\"} 7\n";
        string second = "# TYPE c_total counter\nc_total{a=\"1\",b=\"x\"} 130\nc_total{a=\"2\",b=\"x\"} 2\nc_total{a=\"3\",b=\"y\"} 7\nc_total{a=\"4\",b=\"y\"} 1000\n";
        MetricMeasurer measurer = Of(new MeasureOptions { Statistics = [MetricStatistic.Increase, MetricStatistic.Rate], By = ["b"] }, Look(0, first), Look(15, second));
        Assert.Equal(
            ["Increase of c_total{b=x}: 32", "Increase of c_total{b=y}: 0", $"Rate of c_total{{b=x}}: {(30 / 15.0) + (2 / 15.0):R}", "Rate of c_total{b=y}: 0"],
            measurer.Measure().Select(one => one.ToString()));
        // The fourth was seen once, in both statistics of its group.
        Assert.Equal(2, measurer.LeftOut);
        Assert.Empty(measurer.SeenOnce);
    }

    [Fact]
    public void LooksThatAreTooCloseHaveNoRateAndAnIncreaseAllTheSame()
    {
        MeasureOptions options = new() { Statistics = [MetricStatistic.Rate, MetricStatistic.Increase] };
        MetricMeasurer measurer = Of(options, Look(0, "# TYPE c_total counter\nc_total 100\n"), Look(0.312, "# TYPE c_total counter\nc_total 101.5\n"));
        MetricMeasure[] measures = [.. measurer.Measure()];
        Assert.Equal([null, 1.5], measures.Select(one => one.Value));
        Assert.Equal([(2L, 1, 312), (2L, 1, 312)], measures.Select(one => (one.Samples, one.Series, (int)Math.Round(1000 * one.IntervalSeconds!.Value))));
        Assert.Equal(312, measurer.TooClose!.Value.TotalMilliseconds, 1);
        Assert.Empty(measurer.SeenOnce);
        // In a second there is one, and in a window it is asked for.
        Assert.Equal(1.5, Of(Look(0, "# TYPE c_total counter\nc_total 100\n"), Look(1, "# TYPE c_total counter\nc_total 101.5\n")).Measure().Single().Value);
        Assert.NotNull(Of(options with { Window = TimeSpan.FromSeconds(1) }, Look(0, "# TYPE c_total counter\nc_total 100\n"), Look(0.5, "# TYPE c_total counter\nc_total 101.5\n")).Measure().First().Value);
    }

    [Fact]
    public void AQuantileOfNoObservationsIsNone()
    {
        const string Text = "# TYPE h histogram\nh_bucket{le=\"1\"} 5\nh_bucket{le=\"+Inf\"} 7\n";
        MetricMeasurer measurer = Of(new MeasureOptions { Quantiles = [-1, 0.5, 0.99] }, Look(0, Text), Look(10, Text));
        Assert.Equal([double.NegativeInfinity, null, null], measurer.Measure().Where(one => one.Quantile is not null).Select(one => one.Value));
        Assert.Empty(measurer.SeenOnce);
    }

    [Fact]
    public void OneLookHasNoRateWhichIsNotZero()
    {
        MetricMeasurer measurer = Of(Look(0, "# TYPE c_total counter\nc_total 100\n"));
        MetricMeasure rate = Assert.Single(measurer.Measure());
        Assert.Equal((null, MetricStatistic.Rate, 1L, 1, null), (rate.Value, rate.Statistic, rate.Samples, rate.Series, rate.IntervalSeconds));
        Assert.Equal(["c_total"], measurer.SeenOnce);
        // The same look twice is one look.
        List<MetricSample> look = Look(0, "# TYPE c_total counter\nc_total 100\n");
        Assert.Null(Assert.Single(Of(look, look).Measure()).Value);
    }

    [Fact]
    public void WhatIsNoCounterHasNoRate()
    {
        MetricMeasurer measurer = Of(
            new MeasureOptions { Statistics = [MetricStatistic.Rate] },
            Look(0, "# TYPE process_open_fds gauge\nprocess_open_fds 4\n# TYPE kubevirt_vm_running_status_last_transition_timestamp_seconds counter\nkubevirt_vm_running_status_last_transition_timestamp_seconds{name=\"a\",namespace=\"b\"} 1700000000\n", ComponentKind.Controller));
        Assert.Empty(measurer.Measure());
        Assert.Equal(["kubevirt_controller.process.open_fds", "kubevirt_controller.vm.running_status_last_transition_timestamp_seconds.count"], measurer.NotCounted);
        // Read under its own name it is a time as well.
        measurer = Of(
            new MeasureOptions { Statistics = [MetricStatistic.Rate] },
            [.. Mapped.Read("# TYPE kubevirt_vm_running_status_last_transition_timestamp_seconds counter\nkubevirt_vm_running_status_last_transition_timestamp_seconds{name=\"a\",namespace=\"b\"} 1700000000\n", ComponentKind.Controller, new MappingOptions { Raw = true }).Samples]);
        Assert.Empty(measurer.Measure());
        Assert.Single(measurer.NotCounted);
    }

    [Fact]
    public void PointsInTimeHaveALatest()
    {
        MetricMeasure last = Assert.Single(Of(Look(0, "# TYPE kubevirt_vm_running_status_last_transition_timestamp_seconds counter\nkubevirt_vm_running_status_last_transition_timestamp_seconds{name=\"a\",namespace=\"b\"} 1700000000\nkubevirt_vm_running_status_last_transition_timestamp_seconds{name=\"c\",namespace=\"b\"} 1600000000\n", ComponentKind.Controller)).Measure());
        Assert.Equal((MetricStatistic.Last, 1700000000d, DateTimeOffset.FromUnixTimeSeconds(1700000000)), (last.Statistic, last.Value, last.Time));
    }

    private const string Early = "# TYPE h histogram\nh_bucket{le=\"0.1\"} 100\nh_bucket{le=\"1\"} 200\nh_bucket{le=\"+Inf\"} 200\nh_sum 100\nh_count 200\n";
    private const string Late = "# TYPE h histogram\nh_bucket{le=\"0.1\"} 100\nh_bucket{le=\"1\"} 300\nh_bucket{le=\"+Inf\"} 400\nh_sum 900\nh_count 400\n";

    [Fact]
    public void AHistogramOfOneLookIsSinceItsComponentStartedAndOfTwoRecent()
    {
        MeasureOptions options = new() { Statistics = [MetricStatistic.Quantile], Quantiles = [0.25, 0.5] };
        // Since the start, a quarter of 200 is in the first bucket: 0.1 * 50 / 100.
        MetricMeasure[] once = [.. Of(options, Look(0, Early)).Measure().Where(one => one.Name == "h_bucket")];
        Assert.Equal([(0.25, 0.05, MeasureBasis.SinceStart), (0.5, 0.1, MeasureBasis.SinceStart)], once.Select(one => (one.Quantile!.Value, one.Value!.Value, one.Basis!.Value)));
        // Of the 200 since, none is up to 0.1, 100 up to 1, and 100 above: 0.1 + 0.9 * 50 / 100, and 1.
        MetricMeasure[] twice = [.. Of(options, Look(0, Early), Look(30, Late)).Measure().Where(one => one.Name == "h_bucket")];
        Assert.Equal([(0.25, 0.55, MeasureBasis.Interval), (0.5, 1, MeasureBasis.Interval)], twice.Select(one => (one.Quantile!.Value, one.Value!.Value, one.Basis!.Value)));
        Assert.All(twice, one => Assert.Equal((3, 6L, 30d), (one.Series, one.Samples, one.IntervalSeconds)));
    }

    [Fact]
    public void BucketsOfOtherBoundsDoNotAddUp()
    {
        MetricMeasure[] rates = [.. Of(new MeasureOptions { Statistics = [MetricStatistic.Rate] }, Look(0, Early), Look(50, Late)).Measure()];
        Assert.Equal(
            ["Rate of h_bucket{upper_bound=0.1}: 0", "Rate of h_bucket{upper_bound=1}: 2", "Rate of h_bucket{upper_bound=+Inf}: 4", "Rate of h_count: 4", "Rate of h_sum: 16"],
            rates.Select(one => one.ToString()));
        Assert.Equal(
            ["Last of s{quantile=0.5}: 3", "Last of s{quantile=0.9}: 7"],
            Of(new MeasureOptions { Statistics = [MetricStatistic.Last] }, Look(0, "# TYPE s summary\ns{quantile=\"0.5\",a=\"1\"} 1\ns{quantile=\"0.5\",a=\"2\"} 2\ns{quantile=\"0.9\",a=\"1\"} 3\ns{quantile=\"0.9\",a=\"2\"} 4\n")).Measure().Select(one => one.ToString()));
    }

    [Fact]
    public void QuantilesOfHistogramsHaveTheUnitOfWhatWasObserved()
    {
        string text = "# TYPE kubevirt_workqueue_queue_duration_seconds histogram\n" + string.Concat(new[] { "0.1", "+Inf" }.Select(le => $"kubevirt_workqueue_queue_duration_seconds_bucket{{name=\"q\",le=\"{le}\"}} 10\n"));
        MetricMeasure[] measures = [.. Of(Look(0, text, ComponentKind.Controller)).Measure()];
        Assert.Equal(["kubevirt_controller.workqueue.queue_duration_seconds.bucket 0.5 second", "kubevirt_controller.workqueue.queue_duration_seconds.bucket 0.95 second", "kubevirt_controller.workqueue.queue_duration_seconds.bucket 0.99 second"], measures.Select(one => $"{one.Name} {one.Quantile} {one.Unit}"));
        Assert.Equal("second", Of(Look(0, "# TYPE x_seconds histogram\nx_seconds_bucket{le=\"1\"} 1\nx_seconds_bucket{le=\"+Inf\"} 1\n")).Measure().First().Unit);
    }

    [Fact]
    public void RepairsOfHistogramsAreSaid()
    {
        MetricMeasurer measurer = Of(Look(0, "# TYPE h histogram\nh_bucket{a=\"1\",le=\"1\"} 10\nh_bucket{a=\"1\",le=\"2\"} 4\nh_bucket{a=\"1\",le=\"+Inf\"} 10\n"));
        Assert.Equal(0.5, measurer.Measure().First().Value);
        Assert.Equal(["h_bucket"], measurer.Repaired);
    }

    [Fact]
    public void GroupsAreOfPropertiesAndTagsWhateverTheirCase()
    {
        const string text = "# TYPE kubevirt_vmi_storage_iops_read_total counter\nkubevirt_vmi_storage_iops_read_total{name=\"a\",namespace=\"n\",node=\"x\",drive=\"vda\"} 100\nkubevirt_vmi_storage_iops_read_total{name=\"a\",namespace=\"n\",node=\"x\",drive=\"vdb\"} 10\nkubevirt_vmi_storage_iops_read_total{name=\"b\",namespace=\"n\",node=\"y\",drive=\"vda\"} 1\n";
        MetricMeasure[] byDrive = [.. Of(new MeasureOptions { Statistics = [MetricStatistic.Last], By = ["vmi", "DRIVE"] }, Look(0, text, ComponentKind.Handler)).Measure()];
        Assert.Equal([("a", "drive=vda", 100d), ("a", "drive=vdb", 10), ("b", "drive=vda", 1)], byDrive.Select(one => (one.Vmi!, $"{one.Tags}", one.Value!.Value)));
        Assert.All(byDrive, one => Assert.Equal((null, null), (one.Node, one.Namespace)));
        MetricMeasurer byMany = Of(new MeasureOptions { Statistics = [MetricStatistic.Last], By = ["Namespace", "Node", "Component", "Target", "Name", "Cluster", "nothing", "drivee"] }, Look(0, text, ComponentKind.Handler));
        Assert.Equal([("n", "x", ComponentKind.Handler, "test", null, 110d), ("n", "y", ComponentKind.Handler, "test", null, 1)], byMany.Measure().Select(one => (one.Namespace, one.Node, one.Component!.Value, one.Target, one.Cluster, one.Value!.Value)));
        Assert.Equal([("nothing", ""), ("drivee", "drive")], byMany.Missing.Select(one => (one.Tag, string.Join(',', one.Nearest))));
    }

    [Fact]
    public void LabelsOfTheMachineAndTheStateOfAVCpuAreNoNewSeries()
    {
        static string Text(string more, string state, int value) =>
            $"# TYPE kubevirt_vmi_vcpu_seconds_total counter\nkubevirt_vmi_vcpu_seconds_total{{id=\"0\",kubernetes_vmi_label_app=\"web\"{more},name=\"a\",namespace=\"n\",node=\"x\",state=\"{state}\"}} {value}\n";
        MetricMeasurer measurer = Of(Look(0, Text("", "running", 100), ComponentKind.Handler), Look(10, Text(",kubernetes_vmi_label_tier=\"db\"", "blocked", 105), ComponentKind.Handler));
        MetricMeasure rate = Assert.Single(measurer.Measure());
        Assert.Equal((0.5, 1), (rate.Value, rate.Series));
        // Of all others, another state is another series.
        static string Other(string state, int value) => $"# TYPE x_total counter\nx_total{{state=\"{state}\"}} {value}\n";
        Assert.Null(Assert.Single(Of(Look(0, Other("a", 1)), Look(10, Other("b", 2))).Measure()).Value);
    }

    [Fact]
    public void SeriesOfSeveralAddressesAreSeveral()
    {
        static List<MetricSample> From(string target, int seconds, int value) => Look(seconds, $"# TYPE c_total counter\nc_total {value}\n", target: new TargetInfo { Target = target });
        Assert.Equal((11, 2), Of(From("https://a/metrics", 0, 100), From("https://b/metrics", 0, 5), From("https://a/metrics", 10, 200), From("https://b/metrics", 10, 15)).Measure().Select(one => ((int)one.Value!, one.Series)).Single());
        // Files are looks at one target, unless they are kept apart.
        Assert.Equal((10, 1), Of(From("before.prom", 0, 100), From("after.prom", 10, 200)).Measure().Select(one => ((int)one.Value!, one.Series)).Single());
        Assert.All(Of(new MeasureOptions { By = ["Component"] }, From("a", 0, 100), From("b", 10, 200)).Measure(), one => Assert.Equal(10, one.Value));
    }

    [Fact]
    public void AMachineThatMigratesGrowsOnceOverTheWholeTime()
    {
        static List<MetricSample> On(string node, int seconds, double value, string? cluster = "c") => Look(
            seconds,
            FormattableString.Invariant($"# TYPE kubevirt_vmi_cpu_usage_seconds_total counter\nkubevirt_vmi_cpu_usage_seconds_total{{namespace=\"ns\",name=\"a\",node=\"{node}\"}} {value}\n"),
            ComponentKind.Handler,
            new TargetInfo { Target = $"https://{node}:8443/metrics", Cluster = cluster });
        // One CPU all the time: 120 s on the first node, and on the second, whose QEMU is new, 58 s. The first still tells of it once.
        List<MetricSample>[] looks = [On("n1", 0, 100), On("n1", 60, 160), On("n1", 120, 220), On("n1", 140, 220), On("n2", 130, 8), On("n2", 180, 58)];
        Assert.Equal([178 / 180.0], Of(looks).Measure().Select(one => one.Value!.Value));
        Assert.Equal([178 / 180.0], Of(new MeasureOptions { By = ["Vmi"] }, looks).Measure().Select(one => one.Value!.Value));
        // Nodes come to the whole.
        Assert.Equal([("n1", 120 / 180.0), ("n2", 58 / 180.0)], Of(new MeasureOptions { By = ["Node"] }, looks).Measure().Select(one => (one.Node!, one.Value!.Value)).Order());
        Assert.Equal(178, Of(new MeasureOptions { Statistics = [MetricStatistic.Increase] }, looks).Measure().Single().Value);
        // There and back again: on the first node, the counter starts anew. 60 + 5 + 45 + 10 + 20 in 180 s.
        Assert.Equal(140 / 180.0, Of(On("n1", 0, 100), On("n1", 60, 160), On("n2", 70, 5), On("n2", 130, 50), On("n1", 150, 10), On("n1", 180, 30)).Measure().Single().Value);
        // Two of one name that run at the same time are two.
        Assert.Equal(3, Of(On("n1", 0, 0), On("n2", 0, 0), On("n1", 10, 10), On("n2", 10, 20), On("n1", 20, 20), On("n2", 20, 40)).Measure().Single().Value!.Value, 12);
        // Addresses alone say nothing of their cluster.
        Assert.Equal((2, 2), Of(On("n1", 0, 0, null), On("n1", 10, 10, null), On("n2", 20, 5, null), On("n2", 30, 15, null)).Measure().Select(static one => ((int)Math.Round(one.Value!.Value), one.Series)).Single());
    }

    [Fact]
    public void RepeatsOfValuesWithATimeOfTheirOwnCountOnce()
    {
        static string At(params int[] seconds) => "# TYPE g gauge\n" + string.Concat(seconds.Select(second => $"g {second} {Mapped.At.AddSeconds(second).ToUnixTimeMilliseconds()}\n"));
        MeasureOptions options = new() { Statistics = [MetricStatistic.Count, MetricStatistic.Last, MetricStatistic.Sum] };
        // Not in order, and each scrape has what the one before had: 5, 10, 15, 20.
        Assert.Equal([4, 20, 50], Of(options, Look(0, At(10, 5, 15)), Look(5, At(20, 10, 5, 15))).Measure().Select(one => one.Value!.Value));
    }

    [Fact]
    public void AWindowEndsAtTheNewestSampleOrWhereItIsAskedFor()
    {
        List<MetricSample>[] looks = [.. Enumerable.Range(0, 6).Select(at => Look(at * 10, $"# TYPE c_total counter\nc_total {1000 + (at * 50)}\n# TYPE g gauge\ng {at}\n"))];
        MeasureOptions options = new() { Statistics = [MetricStatistic.Rate, MetricStatistic.Increase, MetricStatistic.Average, MetricStatistic.Count], Window = TimeSpan.FromSeconds(25) };
        // (25, 50]: 30, 40 and 50; 5 s to the start. 100 * 25 / 20 = 125, and 5 a second.
        Assert.Equal([5, 125], Of(options, looks).Measure().Where(one => one.Name == "c_total").Take(2).Select(one => one.Value!.Value));
        Assert.Equal([4, 3], Of(options, looks).Measure().Where(one => one.Name == "g").Select(one => one.Value!.Value));
        MetricMeasure rate = Of(options with { End = Mapped.At.AddSeconds(30) }, looks).Measure().First();
        // (5, 30]: 10, 20, 30.
        Assert.Equal((5, Mapped.At.AddSeconds(5), Mapped.At.AddSeconds(30), 3L), (rate.Value, rate.Start, rate.End, rate.Samples));
        MetricMeasurer none = Of(options with { End = Mapped.At.AddSeconds(5) }, looks);
        Assert.Equal([null, null, 1d], none.Measure().Where(one => one.Name == "c_total").Select(one => one.Value).Where(value => value is null or 1));
        Assert.Equal(["c_total"], none.SeenOnce);
        // The looks may come in any order.
        Assert.Equal([5, 125], Of(options, [.. looks.Reverse()]).Measure().Where(one => one.Name == "c_total").Take(2).Select(one => one.Value!.Value));
    }

    [Fact]
    public void IncrementsAreAddedUpAndNotCountedAgain()
    {
        // 5 in 10 s, 20 in 10 s, and after a scrape that failed 10 in 5 s: 35 in 25 s.
        MetricSample[] increments = [Increment(10, 5, 10), Increment(20, 20, 10), Increment(40, 10, 5)];
        MetricMeasure[] measures = [.. Of(new MeasureOptions { Statistics = [MetricStatistic.Rate, MetricStatistic.Increase, MetricStatistic.Last] }, [.. increments]).Measure()];
        Assert.Equal([1.4, 35, 10], measures.Select(one => one.Value!.Value));
        Assert.Equal((Mapped.At, Mapped.At.AddSeconds(40), MeasureBasis.Interval, 3L), (measures[0].Start, measures[0].End, measures[0].Basis, measures[0].Samples));
        measures = [.. Of(new MeasureOptions { Statistics = [MetricStatistic.Rate, MetricStatistic.Increase], Window = TimeSpan.FromSeconds(30) }, [.. increments]).Measure()];
        Assert.Equal([2, 30], measures.Select(one => one.Value!.Value));
        // One increment is two looks.
        Assert.Equal(0.5, Assert.Single(Of([.. increments.Take(1)]).Measure()).Value);
    }

    [Fact]
    public void SamplesThatWereSavedAreTheSameSeries()
    {
        // Labels in another order, that are renamed, left out, replaced, escaped or of the VMI; and tags of the target.
        const string text = "# TYPE x_total counter\nx_total{zone=\"a\",namespace=\"n\",le=\"1\",b=\"say \\\"hé\\\" \\\\ \\n\",none=\"<none>\",empty=\"\",kubernetes_vmi_label_app=\"web\",pod_name=\"p\"} ";
        TargetInfo target = new() { Target = "https://a/metrics", Endpoint = "https://a/metrics", PodName = "virt-handler-x" };
        List<MetricSample> first = Look(0, text + "100\n", ComponentKind.Handler, target);
        List<MetricSample> second = Look(10, text + "150\n", ComponentKind.Handler, target);
        MetricSample[] saved = [.. first.Select(sample => new SavedSample
        {
            Name = sample.Name,
            Value = sample.Value,
            Kind = sample.Kind,
            RawName = sample.RawName,
            // A hash table has its keys in any order.
            Tags = [.. sample.Tags.Reverse()],
            Timestamp = sample.Timestamp,
            Component = sample.Component,
            Target = sample.Target,
            Cluster = sample.Cluster,
        }.ToSample())];
        Assert.Equal(5, Assert.Single(Of(saved, second).Measure()).Value);
        Assert.Equal(5, Assert.Single(Of(second, saved).Measure()).Value);
    }

    [Fact]
    public void WhatIsMeasuredIsNotKept()
    {
        MetricMeasurer measurer = new(new MeasureOptions());
        List<MetricSample> look = Look(0, "# TYPE g gauge\ng 1\n");
        WeakReference sample = new(look[0].At(Mapped.At.AddSeconds(1).UtcTicks));
        for (int i = 0; i < 100_000; i++) measurer.Add(look[0].At(Mapped.At.AddSeconds(i).UtcTicks));
        GC.Collect();
        Assert.False(sample.IsAlive);
        Assert.Equal(100_000, measurer.Measure().First().Samples);
    }

    private static MetricSample Increment(int seconds, double value, int interval)
    {
        SeriesDescriptor descriptor = new()
        {
            Context = new ScrapeContext { Target = "https://a/metrics", Timestamp = Mapped.At.AddSeconds(seconds), FixedTags = TagSet.Empty },
            Name = "c.count",
            RawName = "c_total",
            Kind = MetricKind.Count,
            Unit = "operation",
            Interval = TimeSpan.FromSeconds(interval),
        };
        return new MetricSample(descriptor, -1, value, 0);
    }

    private static List<MetricSample> Look(double seconds, string text, ComponentKind? component = null, TargetInfo? target = null)
    {
        long ticks = Mapped.At.AddSeconds(seconds).UtcTicks;
        return [.. Mapped.Read(text, component, All, target: target, at: new DateTimeOffset(ticks, TimeSpan.Zero)).Samples];
    }

    private static MetricMeasurer Of(params IReadOnlyList<MetricSample>[] looks) => Of(new MeasureOptions(), looks);

    private static MetricMeasurer Of(MeasureOptions options, params IReadOnlyList<MetricSample>[] looks)
    {
        MetricMeasurer measurer = new(options);
        foreach (MetricSample sample in looks.SelectMany(look => look)) measurer.Add(sample);
        return measurer;
    }
}
