using KubeVirtMonitor.Benchmarks.Cases;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>What the names of the measurements stand for.</summary>
internal static class Titles
{
    private static readonly Dictionary<string, string> Others = new()
    {
        ["expfmt"] = "Go, expfmt: TextToMetricFamilies",
        ["prometheus_client"] = "Python, prometheus_client: text_string_to_metric_families",
        ["pwsh-get"] = "pwsh: `$x = Get-KubeVirtMetric -Path big.prom`, warm",
        ["pwsh-name-some"] = "pwsh: the same with `-Name '*vmi.memory*'`",
        ["pwsh-where-some"] = "pwsh: the same with `\\| Where-Object Name -like '*vmi.memory*'`",
        ["pwsh-name-one"] = "pwsh: the same with `-Name` and one name",
        ["pwsh-where-one"] = "pwsh: the same with `\\| Where-Object Name -like` and one name",
        ["pwsh-bare"] = "pwsh without the module (its peak only)",
        ["pwsh-cold"] = "pwsh: `$x = Get-KubeVirtMetric -Path big.prom`, first command",
        ["start-bare"] = "Start of pwsh: `exit`",
        ["start-import"] = "Start of pwsh: `Import-Module …; exit`",
        ["import-inside"] = "`Measure-Command { Import-Module … }`",
        ["targets-pwsh"] = "pwsh: a round over all targets, objects kept",
        ["targets-pwsh-gzip"] = "pwsh: the same with gzip and `-IncludeUnmapped`",
        ["targets-prometheus"] = "Prometheus: a round over all targets",
    };

    public static string Of(string name)
    {
        foreach ((string known, string title, _) in ParseCases.All)
        {
            if (known == name) return title;
        }

        return Others.GetValueOrDefault(name, name);
    }
}
