using System.Globalization;
using System.Text;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>The answer of a Prometheus to a query of a range, as a file: a rate of each of many machines, whose values have as many digits as doubles do.</summary>
internal static class SimulatedAnswer
{
    private const int Step = 300;
    private const int Points = 289;

    /// <summary>Writes the answer: 24 hours at 5 minutes.</summary>
    /// <param name="machines">How many series.</param>
    /// <param name="file">Where to.</param>
    public static void Write(int machines, string file)
    {
        Random random = new(1);
        using StreamWriter writer = new(file, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        writer.Write("""{"status":"success","data":{"resultType":"matrix","result":[""");
        for (int machine = 0; machine < machines; machine++)
        {
            writer.Write(string.Create(CultureInfo.InvariantCulture, $$"""{{(machine == 0 ? "" : ",")}}{"metric":{"name":"vm-{{machine:00000}}","namespace":"team-{{machine % 40:00}}"},"values":["""));
            for (int point = 0; point < Points; point++)
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"{(point == 0 ? "" : ",")}[{1_700_000_000 + (point * Step)},\"{random.NextDouble()}\"]"));
            writer.Write("]}");
        }

        writer.Write("]}}");
    }
}
