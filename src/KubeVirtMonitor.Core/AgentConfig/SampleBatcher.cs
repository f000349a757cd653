using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

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
