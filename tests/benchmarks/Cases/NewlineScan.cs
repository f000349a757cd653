namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>The least that any reader has to do: find the lines, and tell samples from comments.</summary>
public sealed class NewlineScan : IParseCase
{
    /// <inheritdoc/>
    public long Run(byte[] scrape)
    {
        ReadOnlySpan<byte> rest = scrape;
        long samples = 0;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            int length = end < 0 ? rest.Length : end;
            if (length > 0 && rest[0] != '#') samples++;
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        return samples;
    }
}
