using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator.Api;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>
/// The checks <c>kubevirt_api</c>, <c>kubevirt_controller</c> and <c>kubevirt_handler</c>. Each asks for the health with the settings of its instance, and makes the settings of its
/// scrape anew: the endpoint, the namespace, no service check of the health, whether certificates are verified, and renamed labels. All else of the instance is lost to the scrape.
/// </summary>
internal sealed class KubeVirtCheck : IAgentCheck
{
    private static readonly string[] Queues =
        ["workqueue_adds", "workqueue_depth", "workqueue_longest_running_processor_seconds", "workqueue_queue_duration_seconds", "workqueue_retries", "workqueue_unfinished_work_seconds", "workqueue_work_duration_seconds"];

    private static readonly Dictionary<string, string[]> Families = new(StringComparer.Ordinal)
    {
        ["kubevirt_api"] =
        [
            "process_cpu_seconds", "process_max_fds", "process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds", "process_virtual_memory_bytes",
            "process_virtual_memory_max_bytes", "promhttp_metric_handler_requests_in_flight", "promhttp_metric_handler_requests", "rest_client_rate_limiter_duration_seconds",
            "rest_client_request_latency_seconds", "rest_client_requests",
        ],
        ["kubevirt_controller"] =
        [
            "virt_controller_leading_status", "virt_controller_ready_status", "vm_error_status_last_transition_timestamp_seconds", "vm_migrating_status_last_transition_timestamp_seconds",
            "vm_non_running_status_last_transition_timestamp_seconds", "vm_running_status_last_transition_timestamp_seconds", "vm_starting_status_last_transition_timestamp_seconds",
            "vmi_migrations_in_pending_phase", "vmi_migrations_in_running_phase", "vmi_migrations_in_scheduling_phase", "vmi_non_evictable", "vmi_number_of_outdated", "vmi_phase_count",
            "vmi_phase_transition_time_from_creation_seconds", "vmi_phase_transition_time_from_deletion_seconds", "vmi_phase_transition_time_seconds", .. Queues,
        ],
        ["kubevirt_handler"] =
        [
            .. new[]
            {
                "cpu_system_usage_seconds", "cpu_usage_seconds", "cpu_user_usage_seconds", "memory_actual_balloon_bytes", "memory_available_bytes", "memory_domain_bytes", "memory_pgmajfault",
                "memory_pgminfault", "memory_resident_bytes", "memory_swap_in_traffic_bytes", "memory_swap_out_traffic_bytes", "memory_unused_bytes", "memory_usable_bytes",
                "network_receive_bytes", "network_receive_errors", "network_receive_packets_dropped", "network_receive_packets", "network_transmit_bytes", "network_transmit_errors",
                "network_transmit_packets_dropped", "network_transmit_packets", "node_cpu_affinity", "storage_flush_requests", "storage_flush_times_seconds", "storage_iops_read",
                "storage_iops_write", "storage_read_times_seconds", "storage_read_traffic_bytes", "storage_write_times_seconds", "storage_write_traffic_bytes", "vcpu_delay_seconds",
                "vcpu_seconds", "vcpu_wait_seconds",
            }.Select(static name => "vmi_" + name),
            .. Queues,
        ],
    };

    private readonly string _name;
    private readonly JsonObject _instance;
    private readonly CheckSurroundings _surroundings;
    private readonly CheckClient _client;
    private readonly JsonObject _scrape;
    private readonly CheckClient _scraping;
    private readonly string? _health;

    /// <exception cref="CheckFailure">The instance cannot be made.</exception>
    public KubeVirtCheck(string name, JsonObject instance, JsonObject? init, CheckSurroundings surroundings)
    {
        _name = name;
        _instance = instance;
        _surroundings = surroundings;
        _client = new CheckClient(instance, init, surroundings);
        _ = new Submission(name, instance, 0);
        _health = Python.Text(instance[name + "_healthz_endpoint"]);
        string? endpoint = Python.Text(instance[name + "_metrics_endpoint"]);

        // Of the three, kubevirt_api alone completes the path.
        if (name == "kubevirt_api" && !(Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) && uri.OriginalString.EndsWith("/metrics", StringComparison.Ordinal) && uri.AbsolutePath == "/metrics")) endpoint = $"{endpoint ?? "None"}/metrics";
        _scrape = new JsonObject
        {
            ["openmetrics_endpoint"] = endpoint,
            ["namespace"] = name,
            ["enable_health_service_check"] = false,
            ["tls_verify"] = Python.IsAffirmative(instance["tls_verify"]),
            ["rename_labels"] = name == "kubevirt_api" ? new JsonObject { ["version"] = "kubevirt_api_version", ["host"] = "kubevirt_api_host" } : new JsonObject { ["namespace"] = "vm_namespace" },
        };
        _scraping = new CheckClient(_scrape, init, surroundings);
    }

    public Submission Begin() => new(_name, _instance, 0);

    public async Task RunAsync(Submission submission, CancellationToken cancellation)
    {
        OpenMetricsScraper scraper = new(_scrape);
        if (!string.IsNullOrEmpty(_health))
        {
            try
            {
                _ = await _client.GetAsync(_health, Python.IsAffirmative(_instance["tls_verify"]), cancellation);
            }
            finally
            {
                // 1, or 0 before the failure is raised again.
                submission.Send(_name + ".can_connect");
            }
        }

        if (_name == "kubevirt_api")
        {
            Count("virtualmachines", "vm.count", static machine => machine["spec"]?["template"]?["metadata"], submission);
            Count("virtualmachineinstances", "vmi.count", static machine => machine["metadata"], submission);
        }

        foreach (ScrapedFamily family in await scraper.FamiliesAsync(_scraping, submission, cancellation))
        {
            if (_name == "kubevirt_handler" && family.Name == "kubevirt_info")
            {
                foreach (ScrapedSample sample in family.Samples) submission.Metadata["version.raw"] = sample.Labels.GetValueOrDefault("kubeversion") ?? "";
                continue;
            }

            if (NameOf(family.Name) is not { } name) continue;
            IEnumerable<ScrapedSample> samples = scraper.Samples(family);
            if (family.Type == "counter") Each(samples, _ => submission.Send(name + ".count"));
            else if (family.Type == "gauge") Each(samples, _ => submission.Send(name));

            // The loop over the samples takes the first one, and the transformer of histograms gets what is left.
            else if (family.Type is "histogram" or "summary") OpenMetricsScraper.Native(name, family.Type, samples.Skip(1), family.Name, submission, []);
            else if (samples.Any()) throw new CheckFailure("KeyError", Python.Repr(family.Type));
        }
    }

    private static void Each(IEnumerable<ScrapedSample> samples, Action<ScrapedSample> each)
    {
        foreach (ScrapedSample sample in samples) each(sample);
    }

    /// <summary>The name that a family is sent under: the part before the first underscore, or <c>virt_controller</c>, stands before a dot.</summary>
    private string? NameOf(string raw)
    {
        string own = _name == "kubevirt_api" ? raw : raw.StartsWith("kubevirt_", StringComparison.Ordinal) ? raw["kubevirt_".Length..] : "";
        if (!Families[_name].Contains(own)) return null;
        int at = own.StartsWith("virt_controller_", StringComparison.Ordinal) ? "virt_controller".Length : own.IndexOf('_', StringComparison.Ordinal);
        return $"{_name}.{own[..at]}.{own[(at + 1)..]}";
    }

    /// <summary>Lists machines with the rights of the Agent's service account, and counts them by their labels.</summary>
    private void Count(string plural, string name, Func<JsonObject, JsonNode?> labelled, Submission submission)
    {
        ApiServices services = _surroundings.Services;
        ApiRequest request = new() { Verb = "list", Path = $"/apis/kubevirt.io/v1/{plural}", Group = ResourceTypes.KubeVirtGroup, Version = "v1", Resource = plural };
        if (!services.Authorizer.Allows(_surroundings.Account, AccessQuery.Of(request)))
        {
            string body = ApiErrors.Forbidden(_surroundings.Account.Name, request, services.Authorizer.Missing(_surroundings.Account, null)).Status.ToJson().ToJsonString(Python.Relaxed);
            throw new CheckFailure("kubernetes.client.exceptions.ApiException", $"(403)\nReason: Forbidden\nHTTP response headers: HTTPHeaderDict({{'Cache-Control': 'no-cache, private', 'Content-Type': 'application/json'}})\nHTTP response body: {body}\n\n");
        }

        IReadOnlyList<ApiObject> machines = services.Store[ResourceTypes.KubeVirtGroup, plural].List();
        if (machines.Count == 0) submission.Send($"{_name}.{name}");
        foreach (ApiObject machine in machines)
        {
            JsonNode? metadata = labelled(machine.ToJson());
            if (metadata is null) throw new CheckFailure("KeyError", "'metadata'");
            if (metadata["labels"] is not JsonObject) throw new CheckFailure("KeyError", "'labels'");
            submission.Send($"{_name}.{name}");
        }
    }
}
