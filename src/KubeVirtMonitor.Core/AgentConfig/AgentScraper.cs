using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Scrapes instances at the same time, each with its own settings.</summary>
internal sealed class AgentScraper : ITargetScraper
{
    private readonly MappingOptions _mapping;
    private readonly Dictionary<ScrapeTarget, (AgentInstance Instance, MetricScraper Scraper)> _ways = new(ReferenceEqualityComparer.Instance);
    private readonly ScrapeTarget[] _targets;

    /// <summary>Prepares the scrapes.</summary>
    /// <param name="mapping">What the user asks for beside them.</param>
    /// <param name="addTags">Tags for every sample; they go before those of an instance.</param>
    public AgentScraper(IReadOnlyList<AgentInstance> instances, MappingOptions mapping, IReadOnlyList<KeyValuePair<string, string>>? addTags = null)
    {
        _mapping = mapping;
        _targets = new ScrapeTarget[instances.Count];
        for (int i = 0; i < instances.Count; i++)
        {
            _targets[i] = instances[i].Target with { AddTags = [.. instances[i].Target.AddTags, .. addTags ?? []] };
            _ways.Add(_targets[i], (instances[i], ScraperOf(instances[i])));
        }

        ThrottleLimit = instances.Count == 0 ? 1 : instances.Max(instance => instance.Options.ThrottleLimit);
    }

    /// <inheritdoc/>
    public int ThrottleLimit { get; }

    /// <summary>Scrapes them. Work begins with the first item asked for; giving the enumeration up ends it at once.</summary>
    /// <param name="cancellationToken">Ends all network work at once.</param>
    /// <exception cref="OperationCanceledException">While enumerating: the token was cancelled.</exception>
    public IEnumerable<FanOutItem> Run(CancellationToken cancellationToken = default) => new FanOut(this).Run(_targets, cancellationToken);

    /// <inheritdoc/>
    async Task<ScrapeResult> ITargetScraper.ScrapeAsync(ScrapeTarget target, SampleReceiver receive, CancellationToken cancellationToken)
    {
        (AgentInstance instance, MetricScraper scraper) = _ways[target];
        if (ChangesNothing(instance)) return Told(instance, await scraper.ScrapeAsync(target, receive, cancellationToken).ConfigureAwait(false));
        SampleBatcher batcher = new(receive);
        SampleRewriter rewriter = new(instance, _mapping);
        ScrapeResult result = await scraper.ScrapeAsync(target, TakeAsync, cancellationToken).ConfigureAwait(false);
        foreach (MetricSample sample in rewriter.Complete()) await batcher.AddAsync(sample, cancellationToken).ConfigureAwait(false);
        await batcher.FlushAsync(cancellationToken).ConfigureAwait(false);
        return Told(instance, result with { Samples = batcher.Count, Warnings = [.. result.Warnings, .. rewriter.Warnings(target.Name)] });

        async ValueTask TakeAsync(SampleBatch batch, CancellationToken cancel)
        {
            try
            {
                for (int i = 0; i < batch.Count; i++)
                {
                    if (rewriter.Take(batch[i]) is { } sample) await batcher.AddAsync(sample, cancel).ConfigureAwait(false);
                }
            }
            finally
            {
                batch.Return();
            }
        }
    }

    // The patterns of an instance are for all names of its check, that of the health request too.
    private static ScrapeResult Told(AgentInstance instance, ScrapeResult result)
    {
        bool wanted = instance.Target.Component is not { } component || instance.Metrics.IsNameWanted($"{ComponentFacts.CheckNameOf(component)}.can_connect");
        return AgentAdvice.For(wanted ? result : result with { Health = null }, instance.Check);
    }

    private static bool ChangesNothing(AgentInstance instance) => instance.Metrics.ChangeNothing && instance.Labels.ChangeNothing;

    private MetricScraper ScraperOf(AgentInstance instance)
    {
        // What the user asks for by name or tag is compared with the names and tags that come out at the end.
        MappingOptions mapping = ChangesNothing(instance)
            ? _mapping
            : _mapping with { NameFilter = null, TagFilter = null, MachineFilter = null, IncludeUnmapped = _mapping.IncludeUnmapped || instance.Metrics.Names is not null || instance.Labels.Shared.Count > 0 };
        return new MetricScraper(
            instance.Options,
            mapping,
            (target, format, sent, receive, cancel) =>
            {
                IScrapeSink sink = new SampleSink(target, mapping, format, sent, TargetCache.Shared, receive, cancel);
                return instance.Metrics.ChangeLines ? new LineFilterSink(sink, instance.Metrics) : sink;
            },
            TransportPool.Shared,
            TimeProvider.System,
            instance.HealthOptions);
    }
}

/// <summary>Gathers samples into batches. Not for two threads at once.</summary>
/// <param name="receive">Takes the batches.</param>
internal sealed class SampleBatcher(SampleReceiver receive)
{
    private MetricSample[]? _open;
    private int _count;

    /// <summary>Samples so far.</summary>
    public long Count { get; private set; }

    public ValueTask AddAsync(MetricSample sample, CancellationToken cancellationToken)
    {
        _open ??= SampleBatch.RentArray();
        _open[_count++] = sample;
        Count++;
        return _count == SampleBatch.Capacity ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    /// <summary>Hands on what there is.</summary>
    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_open is not { } samples) return ValueTask.CompletedTask;
        SampleBatch batch = SampleBatch.Of(samples, _count);
        _open = null;
        _count = 0;
        return receive(batch, cancellationToken);
    }
}

/// <summary>Finds values that only the Agent can fill in: template variables of Autodiscovery and handles of its secrets.</summary>
internal static class HandleCheck
{
    private static readonly Regex Handle = new(@"^\s*ENC\[.*\]\s*$", RegexOptions.CultureInvariant | RegexOptions.Singleline);

    private static readonly string[] Descriptive = ["kube_namespace", "kube_pod_name", "kube_cluster_name", "service"];

    /// <summary>Takes out descriptions that hold a template variable, with a warning.</summary>
    /// <exception cref="ScrapeException">An option that cannot be left out holds a template variable or a handle.</exception>
    public static void Run(JsonObject options, InstanceScope scope)
    {
        foreach ((string name, JsonNode? value) in options.ToArray())
        {
            if (Descriptive.Contains(name) && AgentTemplates.VariableIn(value) is { } variable)
            {
                scope.Warn($"{name} holds the template variable {variable}, which Autodiscovery resolves; it is omitted. Write the value itself.");
                options.Remove(name);
            }
            else if (name == "tags" && value is JsonArray tags)
            {
                foreach (JsonNode? tag in tags.Where(tag => AgentTemplates.VariableIn(tag) is not null).ToArray())
                {
                    scope.Warn($"an entry of tags holds the template variable {AgentTemplates.VariableIn(tag)}, which Autodiscovery resolves; it is omitted. Write the value itself.");
                    tags.Remove(tag);
                }
            }

            Refuse(name, value, scope.Options);
        }
    }

    private static void Refuse(string name, JsonNode? value, OptionReader options)
    {
        switch (value)
        {
            case JsonObject map:
                foreach ((string key, JsonNode? inner) in map) Refuse($"{name}.{key}", inner, options);
                break;
            case JsonArray list:
                foreach (JsonNode? inner in list) Refuse(name, inner, options);
                break;
            case JsonValue single when Handle.IsMatch(single.ToString()):
                throw options.Bad(name, "it is an ENC[] handle, which only the Agent's secret backend can resolve", "Use auth_token with a reader of type file, or a copy of the file with the value itself that only you can read.");
            case JsonValue single when name.EndsWith("_endpoint", StringComparison.Ordinal) && AgentTemplates.VariableIn(single) is { } variable:
                throw options.Bad(name, $"it holds the template variable {variable}, which the Agent's Autodiscovery resolves for each pod", "Write the address of the pod, as 'kubectl get pods -o wide' or 'agent configcheck' show it; or use a session with the cluster, which finds the pods.");
            case JsonValue single when AgentTemplates.VariableIn(single) is { } variable && !Descriptive.Contains(name) && name != "tags":
                throw options.Bad(name, $"it holds the template variable {variable}, which only the Agent can resolve", "Write the value itself.");
        }
    }
}
