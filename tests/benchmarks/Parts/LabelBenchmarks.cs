using BenchmarkDotNet.Attributes;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Benchmarks.Parts;

/// <summary>Labels as a virt-handler writes them, walked through one by one.</summary>
[MemoryDiagnoser]
public class LabelBenchmarks
{
    private readonly byte[] _block =
        """{drive="vda",file_system_type="ext4",mount_point="/var/lib",name="testvm-1",namespace="production",node="node01"}"""u8.ToArray();

    /// <summary>All labels of one block.</summary>
    [Benchmark]
    public int Walk()
    {
        int length = 0;
        LabelReader reader = new(_block);
        while (reader.Read()) length += reader.Name.Length + reader.Value.Length;
        return length;
    }
}
