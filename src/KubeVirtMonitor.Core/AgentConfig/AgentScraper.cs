using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Scrapes instances at the same time, each in its own way.</summary>
public sealed class AgentScraper : ITargetScraper
{
    private readonly MappingOptions _mapping;
    private readonly Dictionary<ScrapeTarget, (AgentInstance Instance, MetricScraper Scraper)> _ways = new(ReferenceEqualityComparer.Instance);
    private readonly ScrapeTarget[] _targets;

    /// <summary>Prepares the scrapes.</summary>
    /// <param name="instances">The instances.</param>
    /// <param name="mapping">What the user asks for beside them.</param>
    /// <param name="addTags">Tags for every sample; they go before those of an instance.</param>
    public AgentScraper(IReadOnlyList<AgentInstance> instances, MappingOptions mapping, IReadOnlyList<KeyValuePair<string, string>>? addTags = null)
    {
        ArgumentNullException.ThrowIfNull(instances);
        ArgumentNullException.ThrowIfNull(mapping);
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
        if (ChangesNothing(instance)) return AgentAdvice.For(await scraper.ScrapeAsync(target, receive, cancellationToken).ConfigureAwait(false));
        SampleBatcher batcher = new(receive);
        SampleRewriter rewriter = new(instance, _mapping);
        ScrapeResult result = await scraper.ScrapeAsync(target, TakeAsync, cancellationToken).ConfigureAwait(false);
        foreach (MetricSample sample in rewriter.Complete()) await batcher.AddAsync(sample, cancellationToken).ConfigureAwait(false);
        await batcher.FlushAsync(cancellationToken).ConfigureAwait(false);
        return AgentAdvice.For(result with { Samples = batcher.Count });

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

    private static bool ChangesNothing(AgentInstance instance) => instance.Metrics.ChangeNothing && instance.Labels.ChangeNothing;

    private MetricScraper ScraperOf(AgentInstance instance)
    {
        // What the user asks for by name or tag is compared with the names and tags that come out at the end.
        MappingOptions mapping = ChangesNothing(instance)
            ? _mapping
            : _mapping with { NameFilter = null, TagFilter = null, IncludeUnmapped = _mapping.IncludeUnmapped || instance.Metrics.Names is not null || instance.Labels.Shared.Count > 0 };
        return new MetricScraper(
            instance.Options,
            mapping,
            (target, format, receive, cancel) =>
            {
                IBodySink sink = new SampleSink(target, mapping, format, TargetCache.Shared, receive, cancel);
                return instance.Metrics.ChangeLines ? new LineFilterSink(sink, instance.Metrics) : sink;
            },
            TransportPool.Shared,
            TimeProvider.System);
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
