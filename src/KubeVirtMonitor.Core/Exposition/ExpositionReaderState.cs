
namespace KubeVirtMonitor.Exposition;

/// <summary>What a reader carries from one block of a scrape to the next.</summary>
/// <param name="Line">Lines read so far.</param>
/// <param name="Ended">Whether <c># EOF</c> was seen.</param>
public readonly record struct ExpositionReaderState(long Line, bool Ended);
