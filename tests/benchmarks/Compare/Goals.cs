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
        new("Reading the answer of a Prometheus, JSON", "MB/s of CPU time", true, 300, results => results.Median("answer", "speed") / Mega),
        Bytes("Allocated by reading it", "answer", 1),
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
        new("Queries for the usage of 5,000 machines over a day, five figures at 5 minutes, those included that find out what the server has", "", false, 12, results => results.Median("history", "queries")),
        new("CPU time of that by Core, fresh process, objects let go, for each byte of its answers, beside reading answers of the kind and nothing else", "times the reading", false, 2.5, results =>
            results.Median("history-core") / results.Median("history-core", "answers") / (results.Median("history-answers") / results.Median("history-answers", "answers"))),
        new("Peak memory of the pwsh that counts its objects over a bare one", "MB", false, 200, results =>
            (results.Median("history", "peak") - results.Median("history-bare", "peak")) * 1024 / Mega),
        new("Alerts of a cluster in pwsh, one look, beside one round of scraping", "times the round", false, 1.3, results => results.Median("alerts") / results.Median("alerts-scrapes")),
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
