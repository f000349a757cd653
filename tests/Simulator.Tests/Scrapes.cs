using System.Buffers;
using System.Text;
using KubeVirtMonitor.Simulator;
using Microsoft.Extensions.Time.Testing;

namespace KubeVirtMonitor.Tests.Simulator;

/// <summary>Clusters and scrapes for tests.</summary>
internal static class Scrapes
{
    /// <summary>2026-03-01T12:00:00Z, 1772366400 in Unix seconds.</summary>
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A moment after the start, to the millisecond.</summary>
    public static DateTimeOffset After(double seconds) => Start.AddMilliseconds(Math.Round(seconds * 1000));

    public static SimulatedCluster Cluster(string version, int handlers = 1, int vmis = 10, int seed = 0, TimeProvider? time = null) => new(new ClusterOptions
    {
        Version = KubeVirtVersion.Parse(version),
        Handlers = handlers,
        VmisPerHandler = vmis,
        Seed = seed,
        TimeProvider = time ?? new FakeTimeProvider(Start),
    });

    /// <summary>A cluster with what else is special about it.</summary>
    public static SimulatedCluster Cluster(Func<ClusterOptions, ClusterOptions> change, TimeProvider time, string version = "1.9", int handlers = 1, int vmis = 10) =>
        new(change(new ClusterOptions { Version = KubeVirtVersion.Parse(version), Handlers = handlers, VmisPerHandler = vmis, TimeProvider = time }));

    /// <summary>All lines with a name and these labels.</summary>
    public static IReadOnlyList<TextLine> Lines(SimulatedCluster cluster, string id, string name, params string[] labels) =>
        [.. Read(cluster, id).SelectMany(family => family.Lines).Where(line => line.Name == name && labels.All(label => label.Split('=', 2) is var pair && line[pair[0]] == pair[1]))];

    public static string Text(SimulatedCluster cluster, string id)
    {
        ArrayBufferWriter<byte> buffer = new();
        cluster.BeginScrape(cluster.Pods.First(pod => pod.Id == id)).WriteAll(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static IReadOnlyList<TextFamily> Read(SimulatedCluster cluster, string id) => TextFamily.Read(Text(cluster, id));

    /// <summary>The only line with a name and these labels (<c>name=value</c>).</summary>
    public static TextLine Line(SimulatedCluster cluster, string id, string name, params string[] labels) =>
        Read(cluster, id).SelectMany(family => family.Lines).Single(line => line.Name == name && labels.All(label => label.Split('=', 2) is var pair && line[pair[0]] == pair[1]));
}
