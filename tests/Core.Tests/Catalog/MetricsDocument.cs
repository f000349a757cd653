using System.Globalization;
using System.Text;
using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Tests.Catalog;

/// <summary>Writes docs/metrics.md from the catalogue.</summary>
internal static class MetricsDocument
{
    private static readonly (ComponentKind Component, string Executable)[] Components =
        [(ComponentKind.Api, "virt-api"), (ComponentKind.Controller, "virt-controller"), (ComponentKind.Handler, "virt-handler"), (ComponentKind.Operator, "virt-operator")];

    public static string Write()
    {
        StringBuilder text = new(Introduction);
        foreach (MetricDefinition definition in MetricCatalog.Default.Definitions.Where(definition => definition.Documented))
        {
            RawMetric[] inOtherUnits = [.. definition.RawMetrics.Where(raw => raw.Divisor != 1 && AgentMapping.IsSent(definition, raw))];
            if (inOtherUnits.Length > 0) text.Append(CultureInfo.InvariantCulture, $"- `{definition.Name}`:{string.Join("; and", inOtherUnits.Reverse().Select(Span))}\n");
        }

        ILookup<string, MetricDefinition> bySuffix = MetricCatalog.Default.Definitions.ToLookup(Suffix);
        bool Shared(MetricDefinition definition) => !definition.Documented && bySuffix[Suffix(definition)].Count() > 1;

        foreach ((ComponentKind component, string executable) in Components)
        {
            MetricDefinition[] own = [.. MetricCatalog.Default.Definitions.Where(definition => definition.Component == component)];
            MetricDefinition[] documented = [.. own.Where(definition => definition.Documented)];
            MetricDefinition[] further = [.. own.Where(definition => !definition.Documented && !Shared(definition))];
            text.Append(CultureInfo.InvariantCulture, $"\n## {executable}\n");
            if (documented.Length > 0) Table(text, $"{documented.Length} metrics that the Agent check documents:", documented, definition => definition.Name, definition => definition.Description, withAgent: true);
            Table(text, documented.Length > 0 ? "Further metrics of its own:" : "Metrics of its own:", further, definition => definition.Name, definition => definition.Description);
        }

        text.Append("\n## Shared\n");
        MetricDefinition[] shared = [.. bySuffix.Where(group => group.Any(Shared)).Select(group => group.First(Shared)).OrderBy(Suffix, StringComparer.Ordinal)];
        Table(
            text,
            "Metrics that several components serve, beyond those documented above. Replace the asterisk with the component.",
            shared,
            definition => "kubevirt_*." + Suffix(definition),
            definition => definition.Description.Replace(Executable(definition.Component), "the component", StringComparison.Ordinal)
                + " On " + string.Join(", ", bySuffix[Suffix(definition)].Where(Shared).Select(other => Executable(other.Component))) + ".");
        return text.ToString();
    }

    private static void Table(StringBuilder text, string title, MetricDefinition[] definitions, Func<MetricDefinition, string> name, Func<MetricDefinition, string> description, bool withAgent = false)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n{title}\n\n| name | kind | unit | raw family, by KubeVirt version |{(withAgent ? " sent by the Agent's check |" : "")} description |\n| --- | --- | --- | --- |{(withAgent ? " --- |" : "")} --- |\n");
        foreach (MetricDefinition definition in definitions)
        {
            string kind = definition.IsTimestamp ? "gauge (time)" : definition.Kind == MetricKind.Gauge ? "gauge" : "count";
            List<string> raw = [.. definition.RawMetrics.Select(Raw)];
            if (definition.DerivedFrom is { } derivedFrom) raw.Insert(0, $"counted from `{derivedFrom}`");
            text.Append(CultureInfo.InvariantCulture, $"| `{name(definition)}` | {kind} | {definition.Unit} | {string.Join("<br>", raw)} |{(withAgent ? $" {string.Join("<br>", definition.AgentChecks)} |" : "")} {description(definition)} |\n");
        }
    }

    private static string Span(RawMetric raw) => (raw.Since, raw.Until) switch
    {
        (null, null) => "",
        ({ } since, null) => $" from {since}",
        (null, { } until) => $" before {until}",
        ({ } since, { } until) => $" from {since}, before {until}",
    };

    private static string Raw(RawMetric raw) =>
        $"`{raw.Name}`{Span(raw)}{(raw.Divisor == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", divided by {raw.Divisor}"))}";

    private static string Suffix(MetricDefinition definition) => definition.Name[(definition.Name.IndexOf('.', StringComparison.Ordinal) + 1)..];

    private static string Executable(ComponentKind component) => Components.Single(pair => pair.Component == component).Executable;

    private const string Introduction = """
        # Metrics

        This page lists every metric in the catalogue, `src/KubeVirtMonitor.Core/Catalog/Data`. It is generated, and a test keeps it in step with the
        catalogue: run the tests with `KUBEVIRTMONITOR_UPDATE_DOCS=1` to generate it again.

        ## Names

        A raw family `kubevirt_vmi_x` of virt-handler becomes `kubevirt_handler.vmi.x`: the component, then the group (`vm`, `vmi`, `workqueue`, `rest`,
        `process`, `go`, ...), then the rest. For a counter, `.count` replaces `_total`; a histogram becomes `.bucket` (tag `upper_bound`), `.sum` and
        `.count`; a summary becomes `.quantile`, `.sum` and `.count`. KubeVirt has renamed many families; the name here stays the same.
        Recording rules are not listed: Prometheus evaluates them, and no endpoint serves them.

        ## The data files

        Each line is one family. The columns are separated by tabs, and a dash stands for an empty column:

        | column | contents |
        | --- | --- |
        | components | the components that serve it: `api`, `controller`, `handler`, `operator`, separated by spaces, with an asterisk where the Agent check documents it |
        | name | the name after the component, without the suffix of the kind |
        | kind | `gauge`, `count`, `histogram`, `summary`, or `time` for a point in time, which is a gauge whatever type the endpoint gives it |
        | unit | the unit of the values, in the singular |
        | counted | what a histogram or summary counts |
        | raw | the raw families, newest first: `NAME[:TYPE][@SINCE..UNTIL][/DIVISOR]`, since inclusive, until exclusive; `=NAME` is the family that the metric is computed from if it has none of its own |
        | presence | when a healthy endpoint exposes it; `Compare-KubeVirtMetric` takes the reason for a missing metric from it |
        | description | English, with `{component}` for the component |
        | note | for readers of the file |

        ## What the Datadog Agent sends

        Two ways lead from KubeVirt's endpoints into the Agent, and the column "sent by the Agent's check" says which of them sends a metric, with which
        KubeVirt versions. `Get-KubeVirtMetricDefinition` has the same in the property AgentChecks.

        - **OpenMetrics**: the Agent's generic check, with the instances that `New-KubeVirtAgentPatch` writes. They map the raw names of every version.
          `can_connect`, `vm.count` and `vmi.count` come from no metrics endpoint, so this check cannot send them; the patch adds a `kubevirt_api` that sends those of
          virt-api. It omits the bucket +Inf, which equals `.count`.
        - **KubeVirt**: the three checks `kubevirt_api`, `kubevirt_controller` and `kubevirt_handler`. They know one raw name of each family, that of KubeVirt 1.1
          and 1.2. Of what the endpoint types counter, they send the total each time, and
          of each histogram they omit the first sample and the bucket +Inf.

        No check divides values. `vmi.storage_flush_times_seconds`, `vmi.storage_read_times_seconds` and `vmi.storage_write_times_seconds` of KubeVirt 1.0 have
        names of their own for milliseconds, and neither check sends them. These metrics have the same raw name in milliseconds and in seconds, so both checks
        send values that are a thousand times too large with these versions:


        """;
}
