namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>The figures to reach on whole clusters: their machines listed and counted, their components scraped for the first time.</summary>
internal static class ClusterGoals
{
    /// <summary>How late the slow target answers, in seconds.</summary>
    public const double Late = 2;

    public static IReadOnlyList<Goal> All { get; } =
    [
        new("Machines and instances listed and counted in pwsh, first commands, CPU time", Kubectl, false, 0.25, results =>
            results.Median("lists-pwsh") / LeastOfKubectl(results, "cpu")),
        new("The whole pwsh of that, its start and the import included, CPU time", Kubectl, false, 0.25, results =>
            results.Median("lists-pwsh", "whole") / LeastOfKubectl(results, "cpu")),
        new("The same in that pwsh once more, CPU time", Kubectl, false, 0.25, results =>
            results.Median("lists-pwsh-warm") / LeastOfKubectl(results, "cpu")),
        new("Peak memory of that pwsh over a bare one", Kubectl, false, 0.1, results =>
            (results.Median("lists-pwsh", "peak") - results.Median("lists-bare", "peak")) / LeastOfKubectl(results, "peak")),
        new("Listed and counted by Core, the whole process, CPU time", Kubectl, false, 0.25, results =>
            results.Median("lists-core") / LeastOfKubectl(results, "cpu")),
        new("Peak memory of that process over its idle peak", Kubectl, false, 0.1, results =>
            (results.Median("lists-core", "peak") - results.Median("lists-core", "idle")) / LeastOfKubectl(results, "peak")),
        Round("First round over all HTTPS targets in pwsh, first command, objects kept", "once-pwsh"),
        Round("The same with gzip and every sample, as Prometheus has them", "once-pwsh-gzip"),
        Round("The same by Core, the whole process, samples let go", "once-core"),
        new("Peak memory over a bare pwsh, all targets beside a quarter of them, `\\| Out-Null`", "times", false, 1.25, results =>
            (results.Median("once-null", "peak") - results.Median("once-bare", "peak")) / (results.Median("once-null-quarter", "peak") - results.Median("once-bare", "peak"))),
        new("Peak memory over idle, all targets beside a quarter of them, Core", "times", false, 1.25, results =>
            (results.Median("once-core", "peak") - results.Median("once-core", "idle")) / (results.Median("once-core-quarter", "peak") - results.Median("once-core-quarter", "idle"))),
        new("Round over a tenth of the targets, one of them 2 s late, wall time", "s", false, Late * 1.25, results => results.Median("once-slow-tenth", "wall")),
        new("Round over all targets, one of them 2 s late, wall time, beside the longer of 2 s and the round without", "times", false, 1.25, results =>
            results.Median("once-pwsh", "wall") is { } without ? results.Median("once-slow", "wall") / Math.Max(Late, without) : null),
    ];

    private const string Kubectl = "times kubectl";

    private static Goal Round(string what, string name) =>
        new(what, "times Prometheus", false, 1, results => results.Median(name) / results.Median("once-prometheus"));

    /// <summary>kubectl has two ways to do it; the one that costs less counts.</summary>
    private static double? LeastOfKubectl(Results results, string key) =>
        results.Median("lists-kubectl", key) is { } one && results.Median("lists-kubectl-two", key) is { } two ? Math.Min(one, two) : null;
}
