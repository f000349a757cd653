using System.Buffers;

namespace KubeVirtMonitor.Scraping;

/// <summary>Some samples, in a borrowed array. Whoever receives it gives the array back.</summary>
internal readonly struct SampleBatch
{
    /// <summary>Samples in a full batch.</summary>
    public const int Capacity = 256;

    private readonly MetricSample[]? _samples;

    private SampleBatch(MetricSample[] samples, int count)
    {
        _samples = samples;
        Count = count;
    }

    /// <summary>How many samples.</summary>
    public int Count { get; }

    /// <summary>One of them.</summary>
    public MetricSample this[int index] => Span[index];

    /// <summary>The samples; not to be used after <see cref="Return"/>.</summary>
    public ReadOnlySpan<MetricSample> Span => _samples.AsSpan(0, Count);

    /// <summary>Gives the array back. Once.</summary>
    public void Return()
    {
        if (_samples is null) return;

        // Cleared by hand, since only so many are filled: what stays in a pooled array would live as long as the pool.
        Array.Clear(_samples, 0, Count);
        ArrayPool<MetricSample>.Shared.Return(_samples);
    }

    internal static MetricSample[] RentArray() => ArrayPool<MetricSample>.Shared.Rent(Capacity);

    internal static SampleBatch Of(MetricSample[] samples, int count) => new(samples, count);
}

/// <summary>Takes the samples of a target as they come, and calls <see cref="SampleBatch.Return"/> when done with them.</summary>
/// <param name="batch">The samples.</param>
/// <param name="cancellationToken">Ends waiting for room.</param>
internal delegate ValueTask SampleReceiver(SampleBatch batch, CancellationToken cancellationToken);
