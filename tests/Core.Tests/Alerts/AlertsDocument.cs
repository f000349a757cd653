using System.Globalization;
using System.Text;
using KubeVirtMonitor.Alerts;

namespace KubeVirtMonitor.Tests.Alerts;

/// <summary>Writes docs/alerts.md from the catalogue.</summary>
internal static class AlertsDocument
{
    private const string Introduction = """
        # Alerts

        KubeVirt deploys alerts for Prometheus (a PrometheusRule named `prometheus-kubevirt-rules`). `Test-KubeVirtAlert` evaluates the same alerts without a Prometheus server,
        by the names, conditions and thresholds of the cluster's KubeVirt version, from the endpoints of the components and the Kubernetes API; and some rules of its
        own, for what KubeVirt has no alert for. This page is generated from the same data file.

        ## States

        | state | meaning |
        | --- | --- |
        | Firing | the condition holds, and it is proven that it has for as long as it has to |
        | Pending | the condition holds; for how long is not proven, or not long enough yet |
        | Unknown | it cannot be told; `Missing` says what is missing and what to do |
        | Ok | the condition does not hold |

        Prometheus looks again and again, and so knows for how long a condition has held. Without it, the age of a condition is taken from timestamps that Kubernetes keeps: when a pod was made, when its condition
        Ready changed, when a deployment came to lack pods, when an instance came to its phase, when virt-controller wrote the status of a VM last, as the API server notes it in `managedFields`. The times of the conditions of
        a VM, and KubeVirt's own `kubevirt_vm_*_status_last_transition_timestamp_seconds`, which is one of them, do not tell when its status began. Where there is none, the state is Pending and `Since` is empty. To treat whatever holds
        now as firing, set all hold times to zero: `-Threshold @{ '*.HoldSeconds' = 0 }`. Times in texts are UTC.

        Two looks at the components are `-SampleInterval` apart. What is counted between them is held against the same threshold as KubeVirt's rate over 5, 10, 30 or 60
        minutes; `Evidence` says both times, and such an alert is at most Pending, unless its hold time is set to zero. With `-SampleInterval 0` there is one look, and alerts about what grows are Unknown; over less than 10 seconds, those about
        VMs are too, because KubeVirt reads their statistics every 3 to 6 seconds.

        Where a name has two severities, what holds is written with its own, and that the other does not hold is not written beside it. With `-Quiet`, what is Unknown does not count, and a warning says how many alerts that are.

        What a user may not read makes only those alerts Unknown that need it. A pod that is Ready by Kubernetes' word and cannot be scraped may be out of reach only: it is not
        counted as down. `Note` says where a condition is not exactly what KubeVirt's expression says, because that cannot fire, or fires wrongly.

        ## From a server

        A server with stored values (Prometheus, Thanos, VictoriaMetrics, Mimir) evaluates nothing here but queries: `Test-KubeVirtAlert -PrometheusUri` asks it for each condition as it is meant, over the time
        that it has to hold, for each of its clusters. Firing means that the condition held at every step of that time, which are as far apart as two scrapes and at most 240; `Since` is when it began, followed
        back for a day. What a component alone tells of machines is Unknown where the server could not scrape one of its pods. No kubeconfig is needed. Conditions about pods and nodes need kube-state-metrics, that about deprecated APIs needs the API server to be scraped, and for the labels of
        nodes kube-state-metrics has to export them; `Missing` says what is not there. Certificates are in no metric.

        With `-WithHistory`, alerts come from the endpoints of the session, and from its server what endpoints cannot tell. `ServerState` is `firing`, `pending` or `inactive` where the server has KubeVirt's own rules, as it
        stores them in `ALERTS`; where one is firing and the other is not, or cannot be told, there is a warning, with the reason where it is known. (KubeVirt's alerts go by recording rules, and so begin and end some evaluations later.) Without kube-state-metrics, KubeVirt's own rules take the absent pods and nodes for none: `*Down`, `NoReady*` and `KubeVirtNoAvailableNodesToRunVMs` fire though all is well. An alert of KubeVirt that the server has found and this version of the module does not know is written as it is.

        ## Thresholds

        A threshold is named after its alert: `GuestFilesystemAlmostOutOfSpace.Warning`. Where an alert has only one, the name of the alert is enough. `HoldSeconds` is the time that the condition has to hold.
        Wildcards set several, and what is set later counts; what is given by `-Threshold` goes before what is in the file of `-ThresholdPath`:

        ```powershell
        Test-KubeVirtAlert Guest* -Threshold @{ 'GuestFilesystemAlmostOutOfSpace.Warning' = 90; '*.HoldSeconds' = 0 }
        Set-Content ./thresholds.json '{ "GuestVCPUQueueHighWarning": 16, "*RESTErrorsBurst": 0.5 }'
        Test-KubeVirtAlert -ThresholdPath ./thresholds.json
        ```

        Numbers have a point, whatever the language of the computer: `'12,5'` is an error. A warning beyond its critical threshold is one too.

        What is compared for equality, such as no pod at all, and what is compared with another count, cannot be set.

        """;

    public static string Write()
    {
        StringBuilder text = new(Introduction.ReplaceLineEndings("\n"));
        AlertDefinition[] own = [.. AlertCatalog.Default.Definitions.Where(static one => one.Origin == AlertOrigin.Module)];
        AlertDefinition[] theirs = [.. AlertCatalog.Default.Definitions.Where(static one => one.Origin == AlertOrigin.KubeVirt)];
        text.Append(CultureInfo.InvariantCulture, $"## KubeVirt's alerts\n\n{theirs.Select(static one => one.Name).Distinct().Count()} names, in the versions 1.0 to 1.9; a line for each condition that an alert has had. `?` is not a constant.\n\n");
        Table(text, theirs);
        text.Append("\n## Rules of this module\n\nThey fire when their condition is seen, over the time between two looks. For how long an item of a work queue has been in hand, its metric tells.\n\n");
        Table(text, own);
        text.Append("\n## Where conditions differ from KubeVirt's expressions\n\n");
        foreach (IGrouping<string, AlertDefinition> note in theirs.Where(static one => one.Note is not null).GroupBy(static one => one.Note!))
            text.Append(CultureInfo.InvariantCulture, $"- {string.Join(", ", note.Select(static one => one.Name).Distinct())}: {note.Key}.\n");
        return text.ToString();
    }

    private static void Table(StringBuilder text, AlertDefinition[] alerts)
    {
        text.Append("| alert | versions | severity | holds for | fires when | evaluated from |\n| --- | --- | --- | --- | --- | --- |\n");
        foreach (AlertDefinition alert in alerts.OrderBy(static one => one.Name, StringComparer.Ordinal).ThenBy(static one => one.Severity))
        {
            string name = alert.Runbook is null ? $"`{alert.Name}`" : $"[{alert.Name}]({alert.Runbook})";
            string window = alert.Window == TimeSpan.Zero || alert.Origin == AlertOrigin.Module ? "" : $" (over {Time(alert.Window)})";
            string thresholds = alert.Thresholds.Count == 0 ? "" : $": `{string.Join("`, `", alert.Thresholds)}`{window}";
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {string.Join("<br>", alert.Versions.Select(Span))} | {alert.Severity.ToString().ToLowerInvariant()} | {(alert.Hold == TimeSpan.Zero ? "" : Time(alert.Hold))} | {alert.Summary.TrimEnd('.')}{thresholds} | {Needs(alert.Needs)} |\n");
        }
    }

    private static string Span(VersionSpan span) => (span.From, span.Before) switch
    {
        (null, null) => "all",
        (null, { } before) => $"before {before}",
        ({ } from, null) => $"from {from}",
        ({ } from, { } before) => $"from {from}, before {before}",
    };

    private static string Time(TimeSpan time) => time.TotalHours >= 1 && time.Minutes == 0 ? $"{time.TotalHours:0} h" : $"{time.TotalMinutes:0} min";

    private static string Needs(AlertNeeds needs) => string.Join(", ", Enum.GetValues<AlertNeeds>().Where(one => one != AlertNeeds.None && needs.HasFlag(one)).Select(static one => one switch
    {
        AlertNeeds.Pods => "pods",
        AlertNeeds.Launchers => "virt-launcher pods",
        AlertNeeds.Nodes => "nodes",
        AlertNeeds.Deployments => "deployments",
        AlertNeeds.DaemonSets => "daemon set",
        AlertNeeds.KubeVirt => "KubeVirt resource",
        AlertNeeds.Machines => "VMs",
        AlertNeeds.Instances => "VMIs",
        AlertNeeds.PodMetrics => "metrics.k8s.io",
        AlertNeeds.ApiServer => "metrics of the API server",
        AlertNeeds.Authority => "ConfigMap kubevirt-ca",
        AlertNeeds.History => "a server only",
        _ => $"metrics of {one switch { AlertNeeds.VirtApi => "virt-api", AlertNeeds.VirtController => "virt-controller", AlertNeeds.VirtHandler => "virt-handler", _ => "virt-operator" }}",
    }));
}
