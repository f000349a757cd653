using System.Buffers;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>
/// Counts VMIs per phase and kind from <c>kubevirt_vmi_info</c>, as <c>kubevirt_vmi_phase_count</c> did on the endpoint until
/// KubeVirt 1.3 made it a recording rule.
/// </summary>
internal sealed class PhaseCounter
{
    /// <summary>The family that is rebuilt.</summary>
    public const string RebuiltName = "kubevirt_vmi_phase_count";

    // As KubeVirt's rule groups: guest_os_arch since 1.4. That of 1.5 and 1.6 had vmi_pod as well, by which every count was 1.
    private static readonly string[] Labels =
    [
        "flavor", "guest_os_arch", "guest_os_kernel_release", "guest_os_machine", "guest_os_name", "guest_os_version_id", "instance_type", "node", "os",
        "phase", "preference", "workload",
    ];

    private readonly ByteTable _groups = new();
    private readonly List<int> _counts = [];
    private readonly ArrayBufferWriter<byte> _key = new();

    /// <summary>Counts one series of <c>kubevirt_vmi_info</c>.</summary>
    public void Add(ReadOnlySpan<byte> block)
    {
        _key.ResetWrittenCount();
        _key.Write("{"u8);
        LabelReader labels = new(block);
        while (labels.Read())
        {
            if (!IsGrouping(labels.Name)) continue;
            _key.Write(labels.Name);
            _key.Write("=\""u8);
            _key.Write(labels.Value);
            _key.Write("\","u8);
        }

        _key.Write("}"u8);
        int group = _groups.FindOrAdd(_key.WrittenSpan, out bool added);
        if (added) _counts.Add(0);
        _counts[group]++;
    }

    /// <summary>Every group and its number of instances, in order of first appearance.</summary>
    public IEnumerable<KeyValuePair<TagSet, int>> Groups(TagRules rules)
    {
        TagBuilder builder = new(rules);
        for (int group = 0; group < _counts.Count; group++)
        {
            yield return new(builder.Build(_groups.Get(group)), _counts[group]);
        }
    }

    private static bool IsGrouping(ReadOnlySpan<byte> name)
    {
        foreach (string label in Labels)
        {
            if (System.Text.Ascii.Equals(name, label)) return true;
        }

        return false;
    }
}
