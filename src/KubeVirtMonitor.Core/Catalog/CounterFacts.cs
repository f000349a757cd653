namespace KubeVirtMonitor.Catalog;

/// <summary>
/// What the counters of KubeVirt's families count over time, beyond their type: the only place that knows. Source: KubeVirt at the tags v1.0.0 to v1.9.0
/// (<c>pkg/monitoring/metrics</c>) and libvirt (<c>src/qemu/qemu_driver.c</c>).
/// </summary>
internal static class CounterFacts
{
    // Statistics of the domain, which virt-handler only reads. Others of a VMI, such as kubevirt_vmi_guest_os_panic_total, are counted by the component.
    private static readonly string[] OfDomain = ["kubevirt_vmi_cpu_", "kubevirt_vmi_vcpu_", "kubevirt_vmi_memory_", "kubevirt_vmi_network_", "kubevirt_vmi_storage_"];

    /// <summary>
    /// Whether a counter lives in the QEMU process of a machine. It goes on when the component that serves it restarts, and begins anew when the machine
    /// starts or has migrated; all other counters begin anew with their component.
    /// </summary>
    /// <param name="rawName">The name of a family or a sample on the endpoint.</param>
    public static bool LivesInMachine(string rawName) => Array.Exists(OfDomain, prefix => rawName.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Whether a family that endpoints type counter has values that go up and down: the size of what a migration has to move.</summary>
    /// <param name="rawName">The name of a family or a sample on the endpoint.</param>
    public static bool IsLevel(string rawName) => rawName.StartsWith("kubevirt_vmi_migration_data", StringComparison.Ordinal);

    /// <summary>
    /// Whether a family has several samples of one series, each with its time, in any order: KubeVirt keeps those of a migration in a ring and serves all of it
    /// (<c>pkg/monitoring/metrics/virt-handler/migrationdomainstats/queue.go</c>).
    /// </summary>
    /// <param name="rawName">The name of a family or a sample on the endpoint.</param>
    public static bool IsUnsorted(string rawName) => rawName.StartsWith("kubevirt_vmi_migration_", StringComparison.Ordinal);

    /// <summary>
    /// Whether a label does not tell counters apart over time: a label that KubeVirt copies from the VMI can be added while it runs, and the <c>state</c> of
    /// a virtual CPU is that of the moment, while its counter is one.
    /// </summary>
    /// <param name="rawName">The name of the sample on the endpoint.</param>
    /// <param name="label">The name of the label.</param>
    public static bool IsPassing(string rawName, ReadOnlySpan<byte> label) =>
        label.StartsWith("kubernetes_vmi_label_"u8) || (IsOfState(rawName) && label.SequenceEqual("state"u8));

    /// <summary>Whether the series of a family have the state of the moment in a label.</summary>
    /// <param name="rawName">The name of the sample on the endpoint.</param>
    public static bool IsOfState(string rawName) => rawName.StartsWith("kubevirt_vmi_vcpu_seconds", StringComparison.Ordinal);
}
