using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Every option of the Agent's KubeVirt checks, including those of the base check OpenMetrics V2 and its HTTP client. docs/agent-config.md shows this table.</summary>
internal static class AgentOptions
{
    private const AgentOptionPlace InFile = AgentOptionPlace.File;
    private const AgentOptionPlace InInstance = AgentOptionPlace.Instance;
    private const AgentOptionPlace InBoth = AgentOptionPlace.InstanceOrInit;

    private const AgentOptionReach Both = AgentOptionReach.Both;
    private const AgentOptionReach OpenMetrics = AgentOptionReach.OpenMetrics;
    private const AgentOptionReach Health = AgentOptionReach.Health;
    private const AgentOptionReach KubeVirt = AgentOptionReach.KubeVirt;
    private const AgentOptionReach None = AgentOptionReach.None;

    private static readonly Dictionary<string, AgentOption> ByName =
        new AgentOption[][] { Files, Endpoints, Connections, Credentials, Metrics, Labels, Missing }
            .SelectMany(group => group).ToDictionary(option => option.Name, StringComparer.Ordinal);

    /// <summary>All of them, in the order of the documentation.</summary>
    public static IReadOnlyCollection<AgentOption> All => ByName.Values;

    internal static AgentOption? Find(string name) => ByName.GetValueOrDefault(name);

    private static AgentOption[] Files =>
    [
        new("instances", InFile, Both, "the targets, one for each item"),
        new("init_config", InFile, Both, "defaults for all instances"),
        new("ad_identifiers", InFile, Both, "the components: in a session with the cluster, instances with template variables are scraped once for each of their pods"),
        new("discovery", InFile, Both, "without instances: the endpoints of the pods of `ad_identifiers` are scraped as the Agent's discovery finds them"),
        new("advanced_ad_identifiers", InFile, Both, "would apply the file to each Service or Endpoints object it names", "Name the addresses in the instances."),
        new("cluster_check", InFile, Both, "would have the Cluster Agent hand each instance to one Agent", "The instances are scraped from this machine.", IsFalse),
        new("logs", InFile, Both, "would collect logs", "Read them with kubectl logs."),
    ];

    private static AgentOption[] Endpoints =>
    [
        new("kubevirt_api_metrics_endpoint", InInstance, KubeVirt, "the address of virt-api to scrape; `/metrics` is appended to any other path"),
        new("kubevirt_api_healthz_endpoint", InInstance, KubeVirt, "the health address; gives `kubevirt_api.can_connect`"),
        new("kubevirt_controller_metrics_endpoint", InInstance, KubeVirt, "the address of virt-controller to scrape"),
        new("kubevirt_controller_healthz_endpoint", InInstance, KubeVirt, "the health address; gives `kubevirt_controller.can_connect`"),
        new("kubevirt_handler_metrics_endpoint", InInstance, KubeVirt, "the address of virt-handler to scrape"),
        new("kubevirt_handler_healthz_endpoint", InInstance, KubeVirt, "the health address; gives `kubevirt_handler.can_connect`"),
        new("openmetrics_endpoint", InInstance, OpenMetrics, "the address to scrape; the component is that of `namespace` or of the folder (such as `kubevirt_api.d`), or is recognised from the scrape"),
        new("kube_namespace", InInstance, KubeVirt, "the tag `kube_namespace`"),
        new("kube_pod_name", InInstance, KubeVirt, "the tag `pod_name`"),
        new("kube_cluster_name", InInstance, None, "no effect. Write `kube_cluster_name:VALUE` under `tags` of an instance of the check openmetrics"),
    ];

    private static AgentOption[] Connections =>
    [
        new("timeout", InBoth, Health, "the time limit for the whole scrape, in seconds; the default is 10"),
        new("connect_timeout", InInstance, Health, "in seconds; the time limit for the whole scrape is the sum of this and `read_timeout`"),
        new("read_timeout", InInstance, Health, "in seconds; the time limit for the whole scrape is the sum of this and `connect_timeout`"),
        new("tls_verify", InInstance, Both, "`false` accepts any certificate; without the option, servers are verified"),
        new("tls_ca_cert", InInstance, Health, "the only root certificates to trust: a file, or a directory with files under OpenSSL hash names, such as `d688ba0f.0`; servers are then verified even with `tls_verify: false`"),
        new("tls_cert", InInstance, Health, "the client certificate, with its key where `tls_private_key` is not set"),
        new("tls_private_key", InInstance, Health, "the key of `tls_cert`"),
        new("tls_private_key_password", InInstance, Health, "the password of that key"),
        new("tls_validate_hostname", InInstance, Health, "would have to accept other names in a certificate, if it is false, and refuses them all the same", "Use tls_use_host_header, with the name under extra_headers as Host.", IsTrue),
        new("tls_use_host_header", InInstance, Health, "`true` expects the certificate to contain the name in the header `Host`, spelled so, instead of the host in the address"),
        new("tls_ignore_warning", InBoth, Health, "`true` suppresses the warning about `tls_verify: false`"),
        new("tls_protocols_allowed", InInstance, Health, "the TLS versions to use, 1.2 or 1.3; older versions are never used"),
        new("proxy", InBoth, Health, "`http`, `https` and `no_proxy` (names, `*.` patterns, addresses and ranges)"),
        new("skip_proxy", InBoth, Health, "`true` bypasses every proxy"),
        new("persist_connections", InInstance, Health, "connections are kept open; `false` closes each after its response"),
        new("allow_redirects", InInstance, Health, "`false` makes a redirect an error"),
        new("use_latest_spec", InInstance, OpenMetrics, "`true` requests OpenMetrics only, `false` the text format only; without the option both are accepted"),
        new("log_requests", InBoth, Health, "no effect: each request appears in the detailed output in any case"),
    ];

    private static AgentOption[] Credentials =>
    [
        new("headers", InInstance, Health, "headers to send; they are never sent to another host that a redirect leads to"),
        new("extra_headers", InInstance, Health, "headers to send; they take precedence over those of the same name in `headers`"),
        new("auth_type", InInstance, Health, "`basic`; for any other type there is a warning, and no credentials are sent"),
        new("username", InInstance, Health, "with `password`, basic authentication"),
        new("password", InInstance, Health, "with `username`, basic authentication"),
        new("auth_token", InInstance, Health, "reader `file` (`path`, `pattern`) and writer `header` (`name`, `value`, `placeholder`); for any other there is a warning, and no token is sent"),
    ];

    private static bool IsFalse(JsonNode value) => value is JsonValue single && single.ToString().ToUpperInvariant() is "FALSE" or "NO" or "OFF" or "0";

    private static bool IsTrue(JsonNode value) => value is JsonValue single && single.ToString().ToUpperInvariant() is "TRUE" or "YES" or "ON" or "1";

    private static bool IsEmpty(JsonNode value) => value is JsonArray { Count: 0 } or JsonObject { Count: 0 } || (value is JsonValue && value.ToString().Length == 0);

    private static AgentOption[] Metrics =>
    [
        new("metrics", InInstance, OpenMetrics, "only these families, under `<namespace>.<name>`: names, of a counter without `_total`, and regular expressions, whose families keep their names; the types native, native_dynamic, gauge and counter. A family without a type on the endpoint needs one here"),
        new("extra_metrics", InInstance, OpenMetrics, "further entries of `metrics`; they take precedence over those of the same family"),
        new("namespace", InInstance, OpenMetrics, "the first part of the names"),
        new("exclude_metrics", InInstance, OpenMetrics, "families to exclude: names, or regular expressions that match anywhere in the name; the name of a counter is compared without `_total`, as in the Agent"),
        new("exclude_metrics_by_labels", InInstance, OpenMetrics, "excludes series with this label: `true`, or regular expressions for its value"),
        new("raw_metric_prefix", InInstance, OpenMetrics, "a prefix that is removed from the names of the endpoint first"),
        new("raw_line_filters", InInstance, OpenMetrics, "lines that match one of these regular expressions are skipped"),
        new("max_returned_metrics", InInstance, Both, "the number of samples after which the others are omitted, with a warning; the default is 2000 for the check openmetrics and no limit for the KubeVirt checks"),
        new("metric_patterns", InInstance, Both, "`include` and `exclude`: regular expressions for the name of the sample"),
        new("collect_histogram_buckets", InInstance, OpenMetrics, "`false` omits buckets"),
        new("non_cumulative_histogram_buckets", InInstance, OpenMetrics, "`true` counts each bucket separately, with the tag `lower_bound`"),
        new("collect_counters_with_distributions", InInstance, OpenMetrics, "no effect: the sum and count of a histogram are always written"),
        new("cache_metric_wildcards", InInstance, OpenMetrics, "no effect on the samples: each name is matched once for each scrape"),
        new("enable_health_service_check", InInstance, OpenMetrics, "would send the service check `<namespace>.openmetrics.health`", "A scrape that fails is an error here, and the health of a component is tested separately.", IsFalse),
    ];

    private static AgentOption[] Labels =>
    [
        new("tags", InInstance, OpenMetrics, "tags for every sample"),
        new("ignore_tags", InInstance, OpenMetrics, "regular expressions; entries of `tags` that match one of them are omitted"),
        new("service", InBoth, Both, "the tag `service`"),
        new("rename_labels", InInstance, OpenMetrics, "tag names for labels"),
        new("exclude_labels", InInstance, OpenMetrics, "labels that do not become tags"),
        new("include_labels", InInstance, OpenMetrics, "the only labels that become tags; `upper_bound`, `lower_bound` and `quantile` are always kept, because buckets and quantiles could not be distinguished without them"),
        new("share_labels", InInstance, OpenMetrics, "labels of one family for all others: `true`, or `labels`, `match` and `values`"),
        new("cache_shared_labels", InInstance, OpenMetrics, "no effect on a single scrape: its own shared labels are used"),
        new("hostname_label", InInstance, OpenMetrics, "the label whose value becomes the tag `host`"),
        new("hostname_format", InInstance, OpenMetrics, "the format of that tag, with `<HOSTNAME>` for the value"),
        new("empty_default_hostname", InInstance, Both, "samples have no default host, as with `true`; for `false` there is a warning"),
        new("tag_by_endpoint", InInstance, OpenMetrics, "`false` omits the tag `endpoint`"),
    ];

    private static AgentOption[] Missing =>
    [
        new("histogram_buckets_as_distributions", InInstance, OpenMetrics, "would send histograms as distribution metrics", "Buckets are written as .bucket; non_cumulative_histogram_buckets: true counts each separately.", IsFalse),
        new("no_index", InInstance, Both, "would keep the metrics out of the index", "Samples are not indexed here.", IsFalse),
        new("min_collection_interval", InInstance, Both, "would set the number of seconds between scrapes", "The endpoint is scraped once: repeat the call as often as needed."),
        new("telemetry", InInstance, OpenMetrics, "would send metrics of the check itself", "The series, bytes and time of each scrape appear in the detailed output.", IsFalse),
        new("request_size", InInstance, Health, "would set how many KiB are read at a time", "Omit it: the size is chosen automatically and does not affect the samples."),
        new("ignore_connection_errors", InInstance, OpenMetrics, "would ignore targets that do not respond", "A target that does not respond is an error of its own here, and the others are still scraped.", IsFalse),
        new("use_process_start_time", InInstance, OpenMetrics, "would count from the start of the process in the first run", "Counters are written as totals.", IsFalse),
        new("disable_generic_tags", InInstance, Both, "would rename tags such as host and version", "Use rename_labels.", IsFalse),
        new("target_info", InInstance, OpenMetrics, "would add the labels of target_info to every series", "Use share_labels: {target_info: true}.", IsFalse),
        new("use_legacy_auth_encoding", InInstance, Health, "would send the user name and password as Latin-1", "They are sent as UTF-8, which differs only for non-ASCII characters.", IsFalse),
        new("tls_ciphers", InInstance, Health, "would set the cipher suites", "The TLS policy of the system sets them."),
        new("kube_config_dict", InInstance, KubeVirt, "would list VMs with these credentials, for vm.count and vmi.count", "VMs are counted here in a session with the cluster, which has its own credentials."),
        Scheme("ntlm_domain", "ntlm"),
        Scheme("kerberos_auth", "kerberos"),
        Scheme("kerberos_cache", "kerberos"),
        Scheme("kerberos_delegate", "kerberos"),
        Scheme("kerberos_force_initiate", "kerberos"),
        Scheme("kerberos_hostname", "kerberos"),
        Scheme("kerberos_keytab", "kerberos"),
        Scheme("kerberos_principal", "kerberos"),
        Scheme("aws_host", "aws"),
        Scheme("aws_region", "aws"),
        Scheme("aws_service", "aws"),
        new("loader", InInstance, Both, "would choose the language of the check", "Omit it."),
        new("name", InInstance, Both, "would name the instance in the Agent's own status", "The instance is identified by its address here; use tags for your own names.", IsEmpty),
        Old("prometheus_url", "openmetrics_endpoint"),
        Old("ssl_verify", "tls_verify"),
        Old("ssl_ca_cert", "tls_ca_cert"),
        Old("ssl_cert", "tls_cert"),
        Old("ssl_private_key", "tls_private_key"),
        Old("ignore_metrics", "exclude_metrics"),
        Old("ignore_metrics_by_labels", "exclude_metrics_by_labels"),
        Old("labels_mapper", "rename_labels"),
        Old("label_joins", "share_labels"),
        Old("label_to_hostname", "hostname_label"),
        Old("prometheus_timeout", "timeout"),
        Old("prometheus_metrics_prefix", "raw_metric_prefix"),
        Old("bearer_token_auth", "auth_token"),
        Old("bearer_token_path", "auth_token"),
        Old("send_histograms_buckets", "collect_histogram_buckets"),
        Old("send_distribution_buckets", "histogram_buckets_as_distributions"),
        Old("health_service_check", "enable_health_service_check"),
        Old("type_overrides", "metrics"),
    ];

    private static AgentOption Scheme(string name, string scheme) =>
        new(name, InInstance, Health, $"would apply to auth_type: {scheme}", "Use username and password, auth_token or a client certificate.");

    private static AgentOption Old(string name, string now) =>
        new(name, InInstance, None, "would have no effect either: it belongs to the Agent's older OpenMetrics check", $"Use {now}.");
}
