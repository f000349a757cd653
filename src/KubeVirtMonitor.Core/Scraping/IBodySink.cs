using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Scraping;

/// <summary>Takes the bytes of one body, in the manner of <see cref="ScrapeReader"/>.</summary>
internal interface IBodySink : IDisposable
{
    /// <summary>Samples handed on so far.</summary>
    long Samples { get; }

    /// <summary>The first defects.</summary>
    IReadOnlyList<Exposition.ExpositionDefect> Defects { get; }

    /// <summary>Room for the next bytes.</summary>
    /// <param name="sizeHint">Bytes that are likely to come at once.</param>
    Memory<byte> GetMemory(int sizeHint);

    /// <summary>Says how many bytes were put there.</summary>
    void Advance(int count);

    /// <summary>Says that the body ended.</summary>
    /// <param name="end">What is known of its end: an unfinished last line may hold half a number.</param>
    ScrapeSummary Complete(BodyEnd end);

    /// <summary>Hands on what was read since the last call; all of it at the end, else whole batches.</summary>
    ValueTask FlushAsync(bool isEnd, Deadline deadline, CancellationToken cancellationToken);
}
