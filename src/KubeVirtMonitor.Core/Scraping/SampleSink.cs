using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Scraping;

/// <summary>Reads a body with <see cref="ScrapeReader"/> and the target's memory, and gathers its samples into batches.</summary>
internal sealed class SampleSink : IScrapeSink
{
    private const int MostDefects = 20;

    private readonly SampleReceiver _receive;
    private readonly TargetCache _cache;
    private readonly string? _cacheKey;
    private readonly bool _isRepeated;
    private readonly TargetMemory _memory;
    private readonly ScrapeReader _reader;
    private readonly Queue<SampleBatch> _ready = new();
    private readonly List<ExpositionDefect> _defects = [];
    private MetricSample[]? _open;
    private int _count;
    private bool _broken;

    public SampleSink(ScrapeTarget target, MappingOptions mapping, ExpositionFormat format, DateTimeOffset? sent, TargetCache cache, SampleReceiver receive, CancellationToken cancellationToken)
    {
        _receive = receive;
        _cache = cache;
        _cacheKey = TargetCache.KeyOf(target, mapping);
        _isRepeated = target.IsRepeated;
        _memory = cache.Rent(_cacheKey);
        _reader = new ScrapeReader(target.ToTargetInfo(), mapping, Add, AddDefect, format, _memory, sent, cancellationToken);
    }

    public long Samples { get; private set; }

    public IReadOnlyList<ExpositionDefect> Defects => _defects;

    public Memory<byte> GetMemory(int sizeHint) => _reader.GetMemory(sizeHint);

    public void Advance(int count)
    {
        try
        {
            _reader.Advance(count);
        }
        catch
        {
            _broken = true;
            throw;
        }
    }

    public ScrapeSummary Complete(BodyEnd end)
    {
        try
        {
            return _reader.Complete(end);
        }
        catch
        {
            _broken = true;
            throw;
        }
    }

    public ValueTask FlushAsync(bool isEnd, Deadline deadline, CancellationToken cancellationToken)
    {
        if (isEnd && _open is not null) CloseBatch();
        return _ready.Count == 0 ? ValueTask.CompletedTask : SendAsync(deadline, cancellationToken);
    }

    public void Dispose()
    {
        _reader.Dispose();
        while (_ready.TryDequeue(out SampleBatch batch)) batch.Return();
        if (_open is not null) SampleBatch.Of(_open, _count).Return();
        _open = null;

        // A memory of a scrape that overran its limits is what the limits are there to keep out.
        if (!_broken) _cache.Return(_cacheKey, _memory, _isRepeated);
    }

    private async ValueTask SendAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        while (_ready.TryDequeue(out SampleBatch batch))
        {
            ValueTask received = _receive(batch, cancellationToken);
            if (received.IsCompletedSuccessfully)
            {
                received.GetAwaiter().GetResult();
                continue;
            }

            deadline.Pause();
            await received.ConfigureAwait(false);
            deadline.Resume();
        }
    }

    private void Add(MetricSample sample)
    {
        _open ??= SampleBatch.RentArray();
        _open[_count++] = sample;
        Samples++;
        if (_count == SampleBatch.Capacity) CloseBatch();
    }

    private void CloseBatch()
    {
        _ready.Enqueue(SampleBatch.Of(_open!, _count));
        _open = null;
        _count = 0;
    }

    private void AddDefect(ExpositionDefect defect)
    {
        if (_defects.Count < MostDefects) _defects.Add(defect);
    }
}

/// <summary>Takes the bytes of one body, in the manner of <see cref="ScrapeReader"/>.</summary>
internal interface IBodySink : IDisposable
{
    /// <summary>Checks the beginning of the body, of at least some bytes, and may take some of them away.</summary>
    /// <returns>How many bytes are left at the start of the span.</returns>
    /// <exception cref="ScrapeException">The content is something else.</exception>
    int Begin(Span<byte> start, BodyDescription body) => ContentCheck.Begin(start, body);

    /// <summary>Room for the next bytes.</summary>
    /// <param name="sizeHint">Bytes that are likely to come at once.</param>
    Memory<byte> GetMemory(int sizeHint);

    /// <summary>Says how many bytes were put there.</summary>
    void Advance(int count);

    /// <summary>Hands on what was read since the last call; all of it at the end, else as much as makes a batch.</summary>
    ValueTask FlushAsync(bool isEnd, Deadline deadline, CancellationToken cancellationToken);
}

/// <summary>Takes the bytes of a scrape.</summary>
internal interface IScrapeSink : IBodySink
{
    /// <summary>Samples handed on so far.</summary>
    long Samples { get; }

    /// <summary>The first defects.</summary>
    IReadOnlyList<ExpositionDefect> Defects { get; }

    /// <summary>Says that the body ended.</summary>
    /// <param name="end">What is known of its end: an unfinished last line may hold half a number.</param>
    ScrapeSummary Complete(BodyEnd end);
}
