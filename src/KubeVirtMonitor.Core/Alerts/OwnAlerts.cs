using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Alerts;

/// <summary>The alerts that the rules of a server itself have found, as it stores them in the series <c>ALERTS</c>.</summary>
/// <param name="series">These series.</param>
/// <param name="clusterLabel">The label of clusters; null = there is one cluster.</param>
internal sealed class OwnAlerts(IReadOnlyList<FoundSeries> series, string? clusterLabel)
{
    private const string PartOf = "kubernetes_operator_part_of";

    private static readonly string[] Recorded = ["cluster:kubevirt_virt_api_up:sum", "kubevirt_virt_api_up", "kubevirt_virt_api_up_total"];

    /// <summary>A result with what the server says of the same.</summary>
    /// <param name="result">The result.</param>
    /// <param name="cluster">Its cluster.</param>
    public AlertResult Beside(AlertResult result, ServerCluster? cluster)
    {
        if (result.Origin != AlertOrigin.KubeVirt) return result;
        FoundSeries[] same = [.. series.Where(each => IsSame(each, result.Name, result.Severity, result.Cluster) && IsAbout(each, result))];
        string? state = StateOf(same) ?? (cluster is not null && (Array.Exists(Recorded, cluster.Names.Contains) || series.Any(each => IsKubeVirt(each) && InCluster(each, result.Cluster))) ? "inactive" : null);
        return result with { ServerState = state };
    }

    /// <summary>What KubeVirt's rules at the server have found and the catalogue does not know, such as those of a newer version.</summary>
    public IEnumerable<AlertResult> Others(IEnumerable<ServerCluster> clusters, AlertCatalog catalog, string source, DateTimeOffset time, AlertQuestion question)
    {
        if (question.IsFiltered) yield break;
        foreach (ServerCluster cluster in clusters)
        {
            HashSet<string> known = [.. catalog.For(cluster.Version).Select(static definition => definition.Name)];
            foreach (FoundSeries each in series.Where(each => IsKubeVirt(each) && InCluster(each, cluster.Name) && !known.Contains(each["alertname"] ?? "")))
            {
                string? name = each["name"] ?? each["vmi"];
                yield return new AlertResult
                {
                    Name = ForeignText.OfStranger.Line(each["alertname"] ?? "", 120),
                    State = each["alertstate"] == "firing" ? AlertState.Firing : AlertState.Pending,
                    Severity = each["severity"] switch { "critical" => AlertSeverity.Critical, "info" => AlertSeverity.Info, _ => AlertSeverity.Warning },
                    HealthImpact = each["operator_health_impact"],
                    Namespace = name is null ? null : each["exported_namespace"] ?? each["namespace"],
                    Vmi = name,
                    Node = each["node"],
                    Subject = name is null ? each["node"] ?? each["pod"] : $"{each["exported_namespace"] ?? each["namespace"]}/{name}",
                    Cluster = cluster.Name ?? question.Session?.ToString(),
                    Evidence = "A rule of the server has found it.",
                    Note = "This module does not know the alert for this version of KubeVirt.",
                    Source = source,
                    ServerState = each["alertstate"],
                    Timestamp = time,
                    Session = question.Session,
                };
            }
        }
    }

    /// <summary>What to say where the server and a result do not agree; null where they do.</summary>
    public static string? Disagreement(AlertResult result)
    {
        string what = result.Subject is null ? result.Name : $"{result.Name} ({result.Subject})";
        string why = result.Note is null ? "" : $" {result.Note}";
        return (result.State, result.ServerState) switch
        {
            (AlertState.Firing, "inactive") => $"{what} is firing, and the server's own rule has not found it.{why}",
            (AlertState.Unknown, "firing") => $"{what} is firing at the server, and cannot be told here: {result.Missing}",
            (AlertState.Ok, "firing") => $"{what} is firing at the server, and is not found here.{why}",
            _ => null,
        };
    }

    private static string? StateOf(FoundSeries[] found) => found.Length == 0 ? null : Array.Exists(found, static each => each["alertstate"] == "firing") ? "firing" : "pending";

    private static bool IsKubeVirt(FoundSeries each) => each[PartOf] == "kubevirt";

    private bool InCluster(FoundSeries each, string? cluster) => clusterLabel is null || cluster is null || each[clusterLabel] == cluster;

    private bool IsSame(FoundSeries each, string name, AlertSeverity severity, string? cluster) =>
        each["alertname"] == name && string.Equals(each["severity"], severity.ToString(), StringComparison.OrdinalIgnoreCase) && InCluster(each, cluster);

    /// <summary>Whether an alert of the server is about the same: where both name a machine or a node, it has to be the same one.</summary>
    private static bool IsAbout(FoundSeries each, AlertResult result)
    {
        if (result.State is AlertState.Ok or AlertState.Unknown) return true;
        if (result.Vmi is { } vmi)
        {
            string? space = each["exported_namespace"] ?? each["namespace"];
            return (each["vm"] ?? each["vmi"] ?? each["name"]) is not { } name || (name == vmi && (space is null || space == result.Namespace));
        }

        return result.Node is not { } node || each["node"] is not { } other || other == node;
    }
}
