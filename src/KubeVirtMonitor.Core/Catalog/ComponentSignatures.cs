using System.Numerics;

namespace KubeVirtMonitor.Catalog;

/// <summary>Recognises a component by the names its endpoint serves.</summary>
/// <remarks>
/// In every known version virt-controller, virt-handler and virt-operator serve at least one name of their own
/// (their leading and ready status, <c>kubevirt_info</c>). virt-api before 1.8.4 may serve none. So the first distinctive name decides,
/// and a scrape of names alone that several serve that has requests to the Kubernetes API and no work queue is virt-api's.
/// </remarks>
internal static class ComponentSignatures
{
    /// <summary>The component that a name belongs to, where only one serves it.</summary>
    /// <param name="name">A sample name or a family name, as UTF-8.</param>
    /// <returns>The component; null for names that several serve, and for unknown ones.</returns>
    public static ComponentKind? Recognise(ReadOnlySpan<byte> name)
    {
        // Only virt-handler says which version is installed. The catalogue has no metric for it: it is read as the version of the scrape.
        if (name.SequenceEqual("kubevirt_info"u8)) return ComponentKind.Handler;
        uint components = MetricCatalog.Default.ComponentsOf(name);
        return BitOperations.IsPow2(components) ? (ComponentKind)BitOperations.TrailingZeroCount(components) : null;
    }
}
