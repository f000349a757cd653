namespace KubeVirtMonitor.Probes;

/// <summary>A kind of object that describes instances, and where in it the instance's spec is.</summary>
/// <param name="Name">The kind.</param>
/// <param name="SpecSteps">The keys from the root to the instance's spec.</param>
internal sealed record ManifestKind(string Name, IReadOnlyList<string> SpecSteps)
{
    public static ManifestKind Instance { get; } = new("VirtualMachineInstance", ["spec"]);

    public static ManifestKind Machine { get; } = new("VirtualMachine", ["spec", "template", "spec"]);

    public static ManifestKind ReplicaSet { get; } = new("VirtualMachineInstanceReplicaSet", ["spec", "template", "spec"]);

    public static ManifestKind Pool { get; } = new("VirtualMachinePool", ["spec", "virtualMachineTemplate", "spec", "template", "spec"]);

    private static readonly ManifestKind[] All = [Instance, Machine, ReplicaSet, Pool];

    /// <summary>Whether a mutating webhook of KubeVirt completes objects of the kind before they are checked; those of the other kinds are checked as they are written.</summary>
    public bool IsCompleted => this == Instance || this == Machine;

    /// <summary>The kind of a name; null for any other, and for kinds of that name in other API groups.</summary>
    public static ManifestKind? Find(string? name, string? apiVersion) =>
        apiVersion is null || apiVersion.Split('/')[0] is "kubevirt.io" or "pool.kubevirt.io"
            ? Array.Find(All, kind => kind.Name == name)
            : null;
}
