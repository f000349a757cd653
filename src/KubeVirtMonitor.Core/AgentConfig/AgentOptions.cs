using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Every option that the Agent's KubeVirt checks know (those of its base check OpenMetrics V2 and of its HTTP client with them). docs/agent-config.md is this table.</summary>
public static partial class AgentOptions
{
    private const AgentOptionPlace InFile = AgentOptionPlace.File;
    private const AgentOptionPlace InInstance = AgentOptionPlace.Instance;
    private const AgentOptionPlace InBoth = AgentOptionPlace.InstanceOrInit;

    private static readonly Dictionary<string, AgentOption> ByName =
        new AgentOption[][] { Files, Endpoints, Connections, Credentials, Metrics, Labels, Missing }
            .SelectMany(group => group).ToDictionary(option => option.Name, StringComparer.Ordinal);

    /// <summary>All of them, in the order of the documentation.</summary>
    public static IReadOnlyCollection<AgentOption> All => ByName.Values;

    internal static AgentOption? Find(string name) => ByName.GetValueOrDefault(name);

    private static AgentOption[] Files =>
    [
        new("instances", InFile, "one target each"),
        new("init_config", InFile, "defaults for all instances"),
        new("ad_identifiers", InFile, "would apply the file to each container of these images", "Name the addresses in the instances."),
        new("advanced_ad_identifiers", InFile, "would apply the file to each Service or Endpoints object it names", "Name the addresses in the instances."),
        new("cluster_check", InFile, "would have the Cluster Agent hand each instance to one Agent", "The instances are scraped from this machine.", IsFalse),
        new("logs", InFile, "would collect logs", "Read them with kubectl logs."),
    ];

    private static AgentOption[] Endpoints =>
    [
        new("kubevirt_api_metrics_endpoint", InInstance, "the address to scrape, of virt-api"),
        new("kubevirt_api_healthz_endpoint", InInstance, "the health address; gives `kubevirt_api.can_connect`"),
        new("kubevirt_controller_metrics_endpoint", InInstance, "the address to scrape, of virt-controller"),
        new("kubevirt_controller_healthz_endpoint", InInstance, "the health address; gives `kubevirt_controller.can_connect`"),
        new("kubevirt_handler_metrics_endpoint", InInstance, "the address to scrape, of virt-handler"),
        new("kubevirt_handler_healthz_endpoint", InInstance, "the health address; gives `kubevirt_handler.can_connect`"),
        new("openmetrics_endpoint", InInstance, "the address to scrape; the component is that of the folder (`kubevirt_api.d` and its like), or is recognised"),
        new("kube_namespace", InInstance, "the tag `kube_namespace`"),
        new("kube_pod_name", InInstance, "the tag `pod_name`"),
        new("kube_cluster_name", InInstance, "the tag `kube_cluster_name`"),
    ];

    private static AgentOption[] Connections =>
    [
        new("timeout", InBoth, "seconds, 10 by default: the longest a scrape may take as a whole"),
        new("connect_timeout", InInstance, "seconds; the scrape as a whole may take this and `read_timeout` together"),
        new("read_timeout", InInstance, "seconds; the scrape as a whole may take this and `connect_timeout` together"),
        new("tls_verify", InInstance, "`false` takes any certificate. Without the option servers are verified"),
        new("tls_ca_cert", InInstance, "the only roots to trust: a file, or a directory of files"),
        new("tls_cert", InInstance, "the client certificate, with its key where `tls_private_key` is not set"),
        new("tls_private_key", InInstance, "the key of `tls_cert`"),
        new("tls_private_key_password", InInstance, "the password of that key"),
        new("tls_validate_hostname", InInstance, "`false` takes a trusted certificate whatever names it carries"),
        new("tls_use_host_header", InInstance, "`true` expects the name in the Host header in the certificate, else that of the address is expected"),
        new("tls_ignore_warning", InBoth, "`true` leaves out the warning that goes with `tls_verify: false`"),
        new("tls_protocols_allowed", InInstance, "the versions of TLS to speak, of 1.2 and 1.3; older ones are never spoken"),
        new("proxy", InBoth, "`http`, `https` and `no_proxy` (names, `*.` patterns, addresses and ranges)"),
        new("skip_proxy", InBoth, "`true` goes past every proxy"),
        new("persist_connections", InInstance, "connections are kept; `false` has each closed behind its answer"),
        new("allow_redirects", InInstance, "`false` makes a redirect an error"),
        new("use_latest_spec", InInstance, "`true` asks for OpenMetrics alone, `false` for the text format; without it both are taken"),
        new("log_requests", InBoth, "each request is told here when details are asked for, whatever this says"),
    ];

    private static AgentOption[] Credentials =>
    [
        new("headers", InInstance, "headers to send; never to another host that a redirect leads to"),
        new("extra_headers", InInstance, "headers to send, before those of the same name in `headers`"),
        new("auth_type", InInstance, "`basic`; others are named in a warning, and then nothing is sent"),
        new("username", InInstance, "with `password`, basic authentication"),
        new("password", InInstance, "with `username`, basic authentication"),
        new("auth_token", InInstance, "reader `file` (`path`, `pattern`) and writer `header` (`name`, `value`, `placeholder`); others are named in a warning, and then nothing is sent"),
    ];

    private static bool IsFalse(JsonNode value) => value is JsonValue single && single.ToString().ToUpperInvariant() is "FALSE" or "NO" or "OFF" or "0";

    private static bool IsEmpty(JsonNode value) => value is JsonArray { Count: 0 } or JsonObject { Count: 0 } || (value is JsonValue && value.ToString().Length == 0);
}
