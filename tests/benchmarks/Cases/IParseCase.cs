namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>One way of reading a whole scrape that lies in memory.</summary>
public interface IParseCase
{
    /// <summary>Reads the scrape once.</summary>
    /// <param name="scrape">The whole exposition text.</param>
    /// <returns>The number of sample lines read, by which the cases are held against each other.</returns>
    long Run(byte[] scrape);
}
