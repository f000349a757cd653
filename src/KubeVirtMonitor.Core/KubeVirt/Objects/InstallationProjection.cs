using System.Text.Json;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>A KubeVirt resource of <c>kubevirt.io/v1</c>: an installation.</summary>
/// <param name="Name">The name of the resource.</param>
/// <param name="Namespace">The namespace KubeVirt is installed in.</param>
/// <param name="Version">The version that runs, such as <c>v1.9.0</c>; null until the operator says so.</param>
internal sealed record InstallationProjection(string Name, string Namespace, string? Version)
{
    /// <summary>Whether the HyperConverged operator keeps it, and undoes what others change.</summary>
    public bool IsManaged { get; init; }

    /// <summary>Reads one resource.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static InstallationProjection Read(ReadOnlySpan<byte> json)
    {
        ObjectMeta meta = ObjectMeta.Read(json);
        string? version = JsonFields.TextAt(json, "status", "observedKubeVirtVersion");
        return new InstallationProjection(meta.Name, meta.Namespace, string.IsNullOrEmpty(version) ? null : version)
        {
            IsManaged = meta.ControllerKind == "HyperConverged" || meta.Labels.GetValueOrDefault("app.kubernetes.io/managed-by") == "hco-operator",
        };
    }
}
