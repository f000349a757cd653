using System.Globalization;
using System.Text;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The metrics of the API server itself, as far as KubeVirt's rules ask for them: how many requests there were, and which APIs that are deprecated were asked for.</summary>
internal static class ApiServerMetrics
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

    private const string Group = "kubevirt.io";

    private static readonly (string Group, string Version, string Resource, string Verb, string Scope, int Start, int Rate)[] Usual =
    [
        ("", "v1", "pods", "LIST", "cluster", 1200, 2),
        (Group, "v1", "virtualmachineinstances", "LIST", "cluster", 400, 1),
        (Group, "v1", "virtualmachineinstances", "PATCH", "resource", 300, 1),
        (Group, "v1", "virtualmachines", "LIST", "cluster", 350, 1),
    ];

    public static string Write(SimulatedCluster cluster)
    {
        long second = cluster.ElapsedSeconds;
        IReadOnlyList<(DeprecatedRequest Request, long Count)> deprecated = cluster.Faults.DeprecatedAt(second);
        StringBuilder text = new();
        text.Append("# HELP apiserver_request_total [STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.\n# TYPE apiserver_request_total counter\n");
        foreach (var usual in Usual) Request(text, usual.Group, usual.Version, usual.Resource, usual.Verb, usual.Scope, usual.Start + (usual.Rate * second));
        foreach ((DeprecatedRequest request, long count) in deprecated) Request(text, request.Group, request.Version, request.Resource, request.Verb, request.Verb is "LIST" or "WATCH" ? "cluster" : "resource", count);
        if (deprecated.Count == 0) return text.ToString();
        text.Append("# HELP apiserver_requested_deprecated_apis [STABLE] Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.\n# TYPE apiserver_requested_deprecated_apis gauge\n");
        foreach (DeprecatedRequest request in deprecated.Select(static each => each.Request with { Verb = "" }).Distinct())
            text.Append(CultureInfo.InvariantCulture, $"apiserver_requested_deprecated_apis{{group=\"{request.Group}\",removed_release=\"\",resource=\"{request.Resource}\",subresource=\"\",version=\"{request.Version}\"}} 1\n");
        return text.ToString();
    }

    private static void Request(StringBuilder text, string group, string version, string resource, string verb, string scope, long count) => text.Append(
        CultureInfo.InvariantCulture,
        $"apiserver_request_total{{code=\"200\",component=\"apiserver\",dry_run=\"\",group=\"{group}\",resource=\"{resource}\",scope=\"{scope}\",subresource=\"\",verb=\"{verb}\",version=\"{version}\"}} {count}\n");
}
