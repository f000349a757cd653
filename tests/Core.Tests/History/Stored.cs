using System.Globalization;
using System.Text;
using KubeVirtMonitor.History;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Usage;
using Xunit;
using Server = KubeVirtMonitor.Prometheus.PrometheusServer;

namespace KubeVirtMonitor.Tests.History;

/// <summary>Series with known values, as a server stores them that scrapes every 15 seconds.</summary>
internal sealed class Stored
{
    /// <summary>The time between two scrapes, in seconds.</summary>
    public const int Interval = 15;

    private readonly List<(string Name, string Labels, double From, double Until, Func<double, double> Value)> _series = [];

    /// <summary>The moment from which seconds are counted.</summary>
    public static DateTimeOffset Start { get; } = DateTimeOffset.FromUnixTimeSeconds(1_700_000_010);

    /// <summary>A moment.</summary>
    public static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    /// <summary>Adds a series.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">Its labels, without braces.</param>
    /// <param name="value">Its value, by the time in seconds.</param>
    /// <param name="from">The time of its first sample.</param>
    /// <param name="until">No sample is later.</param>
    public Stored Add(string name, string labels, Func<double, double> value, double from = 0, double until = 600)
    {
        _series.Add((name, labels, from, until, value));
        return this;
    }

    /// <summary>Adds a counter that rises evenly.</summary>
    public Stored Rising(string name, string labels, double perSecond, double start = 1000, double from = 0, double until = 600) => Add(name, labels, t => start + (perSecond * t), from, until);

    /// <summary>Adds a gauge that stays as it is.</summary>
    public Stored Constant(string name, string labels, double value, double from = 0, double until = 600) => Add(name, labels, _ => value, from, until);

    /// <summary>A scrape of one moment.</summary>
    public string Scrape(double seconds)
    {
        StringBuilder text = new();
        foreach ((string name, string labels, _, _, Func<double, double> value) in _series) text.Append(CultureInfo.InvariantCulture, $"{name}{{{labels}}} {value(seconds)}\n");
        return text.ToString();
    }

    /// <summary>Starts a server with the samples.</summary>
    public async Task<QueryEngine> OpenAsync(string engine)
    {
        StringBuilder text = new();
        foreach ((string name, string labels, double from, double until, Func<double, double> value) in _series)
        {
            for (double t = Math.Ceiling(from / Interval) * Interval; t <= until; t += Interval)
                text.Append(CultureInfo.InvariantCulture, $"{name}{{{labels}}} {value(t)} {Start.ToUnixTimeSeconds() + t}\n");
        }

        text.Append("# EOF\n");
        return engine == "prometheus" ? await TestKit.PrometheusServer.OverAsync(text.ToString()) : await VictoriaMetricsServer.OverAsync(text.ToString());
    }

    /// <summary>The looks at what a server has.</summary>
    public static async Task<IReadOnlyList<UsageLook>> ReadAsync(QueryEngine engine, UsageRequest request, ServerFacts? facts = null)
    {
        using TransportPool pool = new();
        StoredUsage history = new(new Server(engine.Address, new ScrapeOptions(), pool: pool), facts ?? Facts, request);
        List<UsageLook> looks = [];
        await history.ReadAsync(
            look =>
            {
                looks.Add(look);
                return ValueTask.CompletedTask;
            },
            TestContext.Current.CancellationToken);
        return looks;
    }

    /// <summary>How much of a range a server has.</summary>
    public static async Task<IReadOnlyDictionary<string, double>> CoveredAsync(QueryEngine engine, UsageRequest request, ServerFacts facts)
    {
        using TransportPool pool = new();
        StoredUsage history = new(new Server(engine.Address, new ScrapeOptions(), pool: pool), facts, request);
        await history.ReadAsync(static _ => ValueTask.CompletedTask, TestContext.Current.CancellationToken);
        return history.Covered;
    }

    /// <summary>The machines that a server knows at some time.</summary>
    public static async Task<IReadOnlyList<SeenMachine>> SeenAsync(QueryEngine engine, UsageRequest request)
    {
        using TransportPool pool = new();
        return await new StoredUsage(new Server(engine.Address, new ScrapeOptions(), pool: pool), Facts, request).SeenAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What is known of such a server.</summary>
    public static ServerFacts Facts { get; } = new() { HasKubeVirt = true, Machines = 1, ScrapeInterval = TimeSpan.FromSeconds(Interval) };

    /// <summary>The figures of the only machine at a moment.</summary>
    public static async Task<KubeVirtUsage> OneAsync(QueryEngine engine, UsageRequest request, ServerFacts? facts = null) => Assert.Single(Assert.Single(await ReadAsync(engine, request, facts)).Machines);
}
