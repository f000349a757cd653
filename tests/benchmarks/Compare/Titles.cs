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
        ["lists-core"] = "Core, fresh process: listed and counted (CPU time of all of it)",
        ["lists-bare"] = "pwsh without the module (its peak only)",
        ["lists-list"] = "pwsh: `Connect-KubeVirt; $vm = Get-KubeVirtVM -Namespace *; $vmi = Get-KubeVirtVmi -Namespace *`, first commands",
        ["lists-count"] = "pwsh: `Connect-KubeVirt; $n = Get-KubeVirtMetric -Name *.vm.count, *.vmi.count`, first commands",
        ["lists-count-api"] = "pwsh: the same with `-Component Api`",
        ["lists-pwsh"] = "pwsh: listed and counted, first commands",
        ["lists-pwsh-whole"] = "pwsh: the whole process of that, start and import included",
        ["lists-pwsh-warm"] = "pwsh: listed and counted once more, in the same process",
        ["lists-kubectl"] = "`kubectl get vm,vmi -A -o json`",
        ["lists-kubectl-two"] = "`kubectl get vm -A -o json` and `kubectl get vmi -A -o json`",
        ["usage-one"] = "pwsh: `$x = Get-KubeVirtUsage`, one virt-handler, warm",
        ["usage-one-scrapes"] = "pwsh: its two scrapes, `$first = Get-KubeVirtMetric; …; $second = Get-KubeVirtMetric`, warm",
        ["usage-one-core"] = "Core: its two scrapes, samples let go, warm",
        ["usage-one-cold"] = "pwsh: `$x = Get-KubeVirtUsage`, one virt-handler, first command",
        ["usage-one-scrapes-cold"] = "pwsh: its two scrapes, first commands",
        ["usage-one-bare"] = "pwsh without the module (its peak only)",
        ["usage-many"] = "pwsh: `$x = Get-KubeVirtUsage`, many virt-handlers, warm",
        ["usage-many-scrapes"] = "pwsh: their two scrapes each, warm",
        ["usage-many-core"] = "Core: their two scrapes each, samples let go, warm",
        ["usage-many-cold"] = "pwsh: `$x = Get-KubeVirtUsage`, many virt-handlers, first command",
        ["usage-many-scrapes-cold"] = "pwsh: their two scrapes each, first commands",
        ["usage-many-bare"] = "pwsh without the module (its peak only)",
        ["history"] = "pwsh: `Get-KubeVirtUsage -Last 24h -Step 5m -Property …`, first command, objects counted",
        ["history-core"] = "Core, fresh process: the same, objects let go",
        ["history-answers"] = "Core, fresh process: answers of the kind read, and nothing else",
        ["history-bare"] = "pwsh without the module (its peak only)",
        ["alerts"] = "pwsh: `$x = Test-KubeVirtAlert -SampleInterval 0`, warm",
        ["alerts-scrapes"] = "pwsh: `$x = Get-KubeVirtMetric`, a round over the same endpoints, warm",
        ["watch"] = "pwsh: `Watch-KubeVirtMetric`, a round (its peak is the highest reading)",
        ["once-bare"] = "pwsh without the module (its peak only)",
        ["once-pwsh"] = "pwsh: first round over all targets, first command, objects kept",
        ["once-pwsh-gzip"] = "pwsh: the same with gzip and `-IncludeUnmapped`",
        ["once-null"] = "pwsh: the same into `\\| Out-Null`, all targets",
        ["once-null-quarter"] = "pwsh: the same into `\\| Out-Null`, a quarter of the targets",
        ["once-core"] = "Core, fresh process: all targets, samples let go",
        ["once-core-quarter"] = "Core, fresh process: a quarter of the targets, samples let go",
        ["once-slow"] = "pwsh: all targets, one of them 2 s late",
        ["once-slow-tenth"] = "pwsh: a tenth of the targets, one of them 2 s late",
        ["once-late-tenth"] = "pwsh: a tenth of the targets, each of them 2 s late",
        ["once-prometheus"] = "Prometheus: its first round over all targets",
    };

    public static string Of(string name)
    {
        foreach ((string known, string title, _) in ParseCases.All.Concat(ParseCases.Answers))
        {
            if (known == name) return title;
        }

        return Others.GetValueOrDefault(name, name);
    }
}
