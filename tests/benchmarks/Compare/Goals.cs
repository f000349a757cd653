namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>The figures that the module sets out to reach.</summary>
internal static class Goals
{
    private const double Mega = 1e6;

    public static IReadOnlyList<Goal> All { get; } =
    [
        Faster("Reading with labels delimited and checked", "read", "expfmt", 25),
        Faster("Reading with labels delimited and checked", "read", "prometheus_client", 45),
        Bytes("Allocated by reading", "read", 0),
        Faster("First scrape: read, map, an object per sample, all kept", "first", "expfmt", 25),
        Bytes("Allocated by the first scrape", "first", 160),
        Faster("Repeated scrape: the same with the target's memory", "repeated", "expfmt", 70),
        Bytes("Allocated by a repeated scrape", "repeated", 64),
        Faster("`$x = Get-KubeVirtMetric -Path big.prom` in pwsh, warm, beside the parse alone", "pwsh-get", "expfmt", 10),
        Faster("The same as the first command of a fresh pwsh", "pwsh-cold", "expfmt", 10),
        new("Peak memory of that pwsh over a bare one", "MB", false, 200, results =>
            (results.Median("pwsh-cold", "peak") - results.Median("pwsh-bare", "peak")) * 1024 / Mega),
        Faster("`-Name '*vmi.memory*'` beside `Where-Object Name -like`", "pwsh-name-some", "pwsh-where-some", 40),
        Faster("`-Name` with one name beside `Where-Object Name -like`", "pwsh-name-one", "pwsh-where-one", 40),
        new("Import over a bare start of pwsh, CPU time", "ms", false, 20, results =>
            1000 * (results.Median("start-import") - results.Median("start-bare"))),
        new("Import over a bare start of pwsh, wall time", "ms", false, 20, results =>
            1000 * (results.Median("start-import", "wall") - results.Median("start-bare", "wall"))),
        Share("A round over all HTTPS targets in pwsh, objects written", "targets-pwsh"),
        Share("The same with gzip and every sample, as Prometheus has them", "targets-pwsh-gzip"),
        .. ClusterGoals.All,
        Usage("Usage of the machines of one virt-handler in pwsh, warm, beside its two scrapes in pwsh, objects kept", "usage-one", "usage-one-scrapes"),
        Usage("The same beside its two scrapes by Core, samples let go", "usage-one", "usage-one-core"),
        Usage("The same as the first command of a fresh pwsh, beside the two scrapes as first commands", "usage-one-cold", "usage-one-scrapes-cold"),
        new("Peak memory of that pwsh over a bare one", "MB", false, 150, results =>
            (results.Median("usage-one-cold", "peak") - results.Median("usage-one-bare", "peak")) * 1024 / Mega),
        Usage("Usage of the machines of many virt-handlers in pwsh, warm, beside two scrapes of each in pwsh, objects kept", "usage-many", "usage-many-scrapes"),
        Usage("The same beside two scrapes of each by Core, samples let go", "usage-many", "usage-many-core"),
        Usage("The same as the first command of a fresh pwsh, beside the scrapes as first commands", "usage-many-cold", "usage-many-scrapes-cold"),
        new("Live objects of `Watch-KubeVirtMetric` in a day, growth by the second half of its rounds", "MB", false, 10, results => results.Median("watch", "memory-growth") / Mega),
        new("Handles of it, likewise", "", false, 2, results => results.Median("watch", "handle-growth")),
    ];

    private static Goal Usage(string what, string usage, string scrapes) =>
        new(what, "times the scrapes", false, 1.2, results => results.Median(usage) / results.Median(scrapes));

    private static Goal Share(string what, string name) =>
        new(what, "times Prometheus", false, 0.5, results => results.Median(name) / results.Median("targets-prometheus"));

    private static Goal Faster(string what, string ours, string theirs, double bound) =>
        new(what, theirs.StartsWith("pwsh", StringComparison.Ordinal) ? "times" : $"times {theirs}", true, bound, results =>
            results.Median(theirs) / results.Median(ours));

    private static Goal Bytes(string what, string name, double bound) =>
        new(what, "B/sample", false, bound, results => results.Median(name, "bytes") is { } bytes ? Math.Round(bytes, 2) : null);
}
