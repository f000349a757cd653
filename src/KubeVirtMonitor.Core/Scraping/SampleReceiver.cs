namespace KubeVirtMonitor.Scraping;

/// <summary>Takes the samples of a target as they come, and calls <see cref="SampleBatch.Return"/> when done with them.</summary>
/// <param name="batch">The samples.</param>
/// <param name="cancellationToken">Ends waiting for room.</param>
public delegate ValueTask SampleReceiver(SampleBatch batch, CancellationToken cancellationToken);
