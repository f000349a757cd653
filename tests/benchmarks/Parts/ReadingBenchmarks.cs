using BenchmarkDotNet.Attributes;
using KubeVirtMonitor.Benchmarks.Cases;

namespace KubeVirtMonitor.Benchmarks.Parts;

/// <summary>Every way of reading, over a scrape of the simulator.</summary>
[MemoryDiagnoser]
public class ReadingBenchmarks
{
    private byte[] _scrape = [];
    private IParseCase _case = new NewlineScan();

    /// <summary>The names of the cases.</summary>
    public static IEnumerable<string> Names => ParseCases.All.Select(item => item.Name);

    /// <summary>The case to run.</summary>
    [ParamsSource(nameof(Names))]
    public string Case { get; set; } = "scan";

    /// <summary>Makes the scrape and the case.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _scrape = ScrapeFixture.Load();
        _case = ParseCases.Create(Case);
    }

    /// <summary>Reads the scrape once.</summary>
    [Benchmark]
    public long Read() => _case.Run(_scrape);
}
