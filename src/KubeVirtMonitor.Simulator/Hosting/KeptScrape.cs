namespace KubeVirtMonitor.Simulator;

/// <summary>A compressed scrape that is sent more than once.</summary>
/// <param name="Compressed">The gzip stream.</param>
/// <param name="Made">When it was made, by <see cref="Environment.TickCount64"/>.</param>
internal sealed record KeptScrape(byte[] Compressed, long Made);
