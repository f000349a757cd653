using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor;

/// <summary>What is in the text of manifests: the machines, and all that was not looked at, so that silence never means that all is well.</summary>
public sealed class ManifestContent
{
    /// <summary>The objects of the four kinds, in the order of the text.</summary>
    public IReadOnlyList<VmiManifest> Machines { get; init; } = [];

    /// <summary>The documents that cannot be read; a machine may be in them.</summary>
    public IReadOnlyList<YamlFormatException> Defects { get; init; } = [];

    /// <summary>What is wrong in documents that can be read, such as a key that a mapping has twice.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The documents and objects of other kinds, such as <c>ConfigMap settings (line 1)</c>.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Probes in objects of KubeVirt that have none, such as instance types.</summary>
    public IReadOnlyList<ProbeFinding> Findings { get; init; } = [];

    /// <summary>What of the text has no probe that could be looked at: all of it, or some of its machines.</summary>
    /// <param name="role">The probe that was asked for; null = either.</param>
    /// <returns>Sentences without a full stop; none when each machine has a probe.</returns>
    public IEnumerable<string> Unchecked(ProbeRole? role = null)
    {
        if (Machines.Count == 0)
        {
            if (Defects.Count > 0) yield break;
            string others = Others.Count == 0 ? "nothing but blanks and comments" : string.Join(", ", Others.Take(5)) + (Others.Count > 5 ? $" and {Others.Count - 5} more" : "");
            yield return $"there is no VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet or VirtualMachinePool in it, but {others}: nothing was looked at";
            yield break;
        }

        string[] without = [.. Machines.Where(machine => !HasProbe(machine, role)).Select(machine => machine.ToString())];
        if (without.Length == 0) yield break;
        string what = role is { } one ? ProbeFields.Of(one) : "readinessProbe or livenessProbe";
        yield return $"{string.Join(", ", without)}: no {what} at {string.Join(" or ", Machines.Where(machine => !HasProbe(machine, role)).Select(machine => machine.SpecPath).Distinct())}, so no probe was looked at";
    }

    /// <summary>Whether an object has a probe where KubeVirt reads it.</summary>
    /// <param name="machine">The object.</param>
    /// <param name="role">Which; null = either.</param>
    public static bool HasProbe(VmiManifest machine, ProbeRole? role = null)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return Enum.GetValues<ProbeRole>().Any(one => (role is null || role == one) && machine.InstanceSpec?[ProbeFields.Of(one)] is not null);
    }
}
