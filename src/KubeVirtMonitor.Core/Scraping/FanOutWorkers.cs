using System.Threading.Channels;

namespace KubeVirtMonitor.Scraping;

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
