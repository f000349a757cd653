using System.Threading.Channels;

namespace KubeVirtMonitor.Scraping;

/// <summary>
/// Scrapes many targets at the same time and gives what comes to one consumer thread. What waits for the consumer is bounded, whatever the
/// number of targets, and a target that fails is a result like any other.
/// </summary>
public sealed class FanOut
{
    // Enough for the workers to go on while the consumer is busy, and little enough to be forgotten about: 64 batches of 256 samples.
    private const int Waiting = 64;

    // The end of an enumeration that is given up waits so long for its workers, which stop at their next step.
    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(500);

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
        ArgumentNullException.ThrowIfNull(targets);
        return Enumerate(targets, cancellationToken);
    }

    private IEnumerable<FanOutItem> Enumerate(IEnumerable<ScrapeTarget> targets, CancellationToken cancellationToken)
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
            Task.WhenAny(all, Task.Delay(Farewell, CancellationToken.None)).GetAwaiter().GetResult();
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
