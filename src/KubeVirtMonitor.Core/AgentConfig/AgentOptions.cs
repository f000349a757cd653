using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Every option that the Agent's KubeVirt checks know (those of its base check OpenMetrics V2 and of its HTTP client with them). docs/agent-config.md is this table.</summary>
internal static class AgentOptions
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

    private static AgentOption[] Metrics =>
    [
        new("metrics", InInstance, "takes the place of the check's own list: only these families, under `<namespace>.<name>`; names and regular expressions"),
        new("extra_metrics", InInstance, "more families, under `<namespace>.<name>`; names and regular expressions"),
        new("namespace", InInstance, "the first part of such names, for `openmetrics_endpoint`; the KubeVirt checks have their own"),
        new("exclude_metrics", InInstance, "families that are not wanted: names, or regular expressions found anywhere in the name; of a counter without `_total`, as the Agent compares"),
        new("exclude_metrics_by_labels", InInstance, "series with this label are not wanted: `true`, or regular expressions on its value"),
        new("raw_metric_prefix", InInstance, "taken off the names of the endpoint before anything else"),
        new("raw_line_filters", InInstance, "lines in which one of these regular expressions is found are passed over"),
        new("metric_patterns", InInstance, "`include` and `exclude`: regular expressions on the name of the sample"),
        new("collect_histogram_buckets", InInstance, "`false` leaves out buckets"),
        new("non_cumulative_histogram_buckets", InInstance, "`true` counts each bucket for itself, with tag `lower_bound`"),
        new("collect_counters_with_distributions", InInstance, "sum and count of a histogram are always there"),
        new("cache_metric_wildcards", InInstance, "makes no difference to the samples: a name is decided once for each scrape"),
        new("enable_health_service_check", InInstance, "would send the service check `<namespace>.openmetrics.health`", "A scrape that fails is an error here, and the health of a component is tested by itself.", IsFalse),
    ];

    private static AgentOption[] Labels =>
    [
        new("tags", InInstance, "tags for every sample"),
        new("ignore_tags", InInstance, "regular expressions; entries of `tags` in which one is found are left out"),
        new("service", InBoth, "the tag `service`"),
        new("rename_labels", InInstance, "tag names for labels; they go before the renames of the check"),
        new("exclude_labels", InInstance, "labels that do not become tags"),
        new("include_labels", InInstance, "the only labels that become tags; `upper_bound`, `lower_bound` and `quantile` stay, since buckets could not be told apart without them"),
        new("share_labels", InInstance, "labels of one family for all others: `true`, or `labels`, `match` and `values`"),
        new("cache_shared_labels", InInstance, "makes no difference to a single scrape: its own shared labels are used"),
        new("hostname_label", InInstance, "the label whose value becomes the tag `host`"),
        new("hostname_format", InInstance, "what that tag looks like, with `<HOSTNAME>` for the value"),
        new("empty_default_hostname", InInstance, "samples name no host of their own, as with `true`; of `false`, a warning says so"),
        new("tag_by_endpoint", InInstance, "`false` leaves out the tag `endpoint`"),
    ];

    private static AgentOption[] Missing =>
    [
        new("histogram_buckets_as_distributions", InInstance, "would send histograms as distribution metrics", "Buckets come as .bucket; non_cumulative_histogram_buckets: true counts each for itself.", IsFalse),
        new("min_collection_interval", InInstance, "would scrape every so many seconds", "This scrapes once: call it as often as it is wanted."),
        new("telemetry", InInstance, "would send metrics of the check itself", "Series, bytes and time of each scrape are told here when details are asked for.", IsFalse),
        new("request_size", InInstance, "would set how many KiB are read at a time", "Leave it out: the size is chosen by what comes, and changes no sample."),
        new("ignore_connection_errors", InInstance, "would say nothing of targets that do not answer", "A target that does not answer is an error of its own here, beside what the others give.", IsFalse),
        new("use_process_start_time", InInstance, "would count from the start of the process in the first run", "Counters come as the totals that they are.", IsFalse),
        new("disable_generic_tags", InInstance, "would rename tags such as host and version", "Use rename_labels.", IsFalse),
        new("target_info", InInstance, "would add the labels of target_info to every series", "Use share_labels: {target_info: true}.", IsFalse),
        new("use_legacy_auth_encoding", InInstance, "would send user and password as Latin-1", "They are sent as UTF-8; only other letters than English ones differ.", IsFalse),
        new("tls_ciphers", InInstance, "would choose the ciphers", "The system's policy for TLS chooses them."),
        new("kube_config_dict", InInstance, "would list machines with these credentials, for vm.count and vmi.count", "Machines are counted here in a session with the cluster, which has credentials of its own."),
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
        new("loader", InInstance, "would choose the language of the check", "Leave it out."),
        new("name", InInstance, "would name the instance in the Agent's own state", "The address names it here; use tags for names of your own.", IsEmpty),
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
        new(name, InInstance, $"would go with auth_type: {scheme}", "Use username and password, auth_token or a client certificate.");

    private static AgentOption Old(string name, string now) =>
        new(name, InInstance, "would do nothing either: it is of the Agent's older OpenMetrics check", $"Use {now}.");
}
