using System.Threading.Channels;

namespace KubeVirtMonitor.Scraping;

/// <summary>
/// Scrapes many targets at the same time and passes the results to one consumer thread. The number of waiting results is limited, whatever the
/// number of targets, and a target that fails is a result like any other.
/// </summary>
internal sealed class FanOut
{
    // Enough for the workers to go on while the consumer is busy, and little enough to be forgotten about: 64 batches of 256 samples.
    private const int Waiting = 64;

    // The end of an enumeration that is given up waits so long for its workers, which stop at their next step.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMilliseconds(500);

    private readonly ITargetScraper _scraper;

    /// <summary>Scrapes all targets in the same way.</summary>
    /// <param name="scraper">Scrapes each target.</param>
    public FanOut(MetricScraper scraper)
    {
        _scraper = scraper;
    }

    /// <summary>Scrapes each target in its own way.</summary>
    internal FanOut(ITargetScraper scraper)
    {
        _scraper = scraper;
    }

    /// <summary>Scrapes the targets. Work begins with the first item asked for; giving the enumeration up ends it at once.</summary>
    /// <param name="targets">The targets; taken one by one as there is room for them.</param>
    /// <param name="cancellationToken">Ends all network work at once.</param>
    /// <returns>Samples and results as they come. A batch is taken back when the next item is asked for.</returns>
    /// <exception cref="OperationCanceledException">While enumerating: the token was cancelled.</exception>
    public IEnumerable<FanOutItem> Run(IEnumerable<ScrapeTarget> targets, CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<FanOutItem> channel = Channel.CreateBounded<FanOutItem>(new BoundedChannelOptions(Waiting) { SingleReader = true });
        using FanOutWorkers workers = new(_scraper, targets, channel.Writer, stop.Token);
        Task all = workers.Start();
        try
        {
            while (Next(channel.Reader, cancellationToken, out FanOutItem item))
            {
                yield return item;
                item.Samples.Return();
            }
        }
        finally
        {
            stop.Cancel();
            all.Wait(StopTimeout, CancellationToken.None);
        }
    }

    private static bool Next(ChannelReader<FanOutItem> reader, CancellationToken cancellationToken, out FanOutItem item)
    {
        while (!reader.TryRead(out item))
        {
            ValueTask<bool> more = reader.WaitToReadAsync(cancellationToken);
            if (!(more.IsCompletedSuccessfully ? more.Result : more.AsTask().GetAwaiter().GetResult())) return false;
        }

        cancellationToken.ThrowIfCancellationRequested();
        return true;
    }
}

/// <summary>Takes targets from one list, a few at a time, until there are none.</summary>
internal sealed class FanOutWorkers : IDisposable
{
    private readonly ITargetScraper _scraper;
    private readonly IEnumerator<ScrapeTarget> _targets;
    private readonly ChannelWriter<FanOutItem> _writer;
    private readonly SampleReceiver _receive;
    private readonly CancellationToken _stop;
    private readonly int _count;

    // Reading files keeps a processor busy, so more of them at a time than there are processors gain nothing and cost memory.
    private readonly SemaphoreSlim _processors = new(Environment.ProcessorCount);

    public FanOutWorkers(ITargetScraper scraper, IEnumerable<ScrapeTarget> targets, ChannelWriter<FanOutItem> writer, CancellationToken stop)
    {
        _scraper = scraper;
        _targets = targets.GetEnumerator();
        _writer = writer;
        _stop = stop;
        int limit = Math.Max(1, scraper.ThrottleLimit);
        _count = targets.TryGetNonEnumeratedCount(out int count) ? Math.Min(count, limit) : limit;
        _receive = (batch, cancellationToken) => writer.WriteAsync(new FanOutItem(batch), cancellationToken);
    }

    /// <summary>Starts the workers; the task ends with the last of them, and never fails: what went wrong ends the channel.</summary>
    public async Task Start()
    {
        Exception? failure = null;
        try
        {
            Task[] workers = new Task[_count];
            for (int i = 0; i < workers.Length; i++) workers[i] = Task.Run(WorkAsync, CancellationToken.None);
            await Task.WhenAll(workers).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
        }

        _writer.TryComplete(failure);
    }

    public void Dispose()
    {
        lock (_targets) _targets.Dispose();
    }

    private async Task WorkAsync()
    {
        while (!_stop.IsCancellationRequested && Next() is { } target)
        {
            ScrapeResult result = target.Uri is null
                ? await OnProcessorAsync(target).ConfigureAwait(false)
                : await _scraper.ScrapeAsync(target, _receive, _stop).ConfigureAwait(false);
            await _writer.WriteAsync(new FanOutItem(result), _stop).ConfigureAwait(false);
        }
    }

    private async Task<ScrapeResult> OnProcessorAsync(ScrapeTarget target)
    {
        await _processors.WaitAsync(_stop).ConfigureAwait(false);
        try
        {
            return await _scraper.ScrapeAsync(target, _receive, _stop).ConfigureAwait(false);
        }
        finally
        {
            _processors.Release();
        }
    }

    private ScrapeTarget? Next()
    {
        lock (_targets) return _targets.MoveNext() ? _targets.Current : null;
    }
}

/// <summary>What comes out of <see cref="FanOut"/>: some samples of a target, or the end of one.</summary>
internal readonly struct FanOutItem
{
    internal FanOutItem(SampleBatch samples)
    {
        Samples = samples;
    }

    internal FanOutItem(ScrapeResult result)
    {
        Result = result;
    }

    /// <summary>Samples; empty where this is the end of a target. To be used before the next item is asked for.</summary>
    public SampleBatch Samples { get; }

    /// <summary>How the scrape of a target went; null where this is samples. It comes after all samples of its target.</summary>
    public ScrapeResult? Result { get; }
}
