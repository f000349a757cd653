using System.Text.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>A KubeVirt resource of <c>kubevirt.io/v1</c>: an installation.</summary>
/// <param name="Name">The name of the resource.</param>
/// <param name="Namespace">The namespace KubeVirt is installed in.</param>
/// <param name="Version">The version that runs, such as <c>v1.9.0</c>; null until the operator says so.</param>
/// <param name="Phase">How far the installation is, such as <c>Deployed</c>; null until the operator says so.</param>
internal sealed record InstallationProjection(string Name, string Namespace, string? Version, string? Phase)
{
    /// <summary>Reads one resource.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static InstallationProjection Read(ReadOnlySpan<byte> json)
    {
        JsonCursor reader = new(json);
        ObjectMeta meta = default;
        (string? version, string? phase) = (null, null);
        if (JsonFields.EnterObject(ref reader, "the object"))
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("metadata"u8)) meta = ObjectMeta.Read(ref reader);
                else if (!key.SequenceEqual("status"u8)) reader.Skip();
                else if (JsonFields.EnterObject(ref reader, "status"))
                {
                    while (reader.NextField(out ReadOnlySpan<byte> inner))
                    {
                        if (inner.SequenceEqual("observedKubeVirtVersion"u8)) version = JsonFields.Text(ref reader, "status.observedKubeVirtVersion");
                        else if (inner.SequenceEqual("phase"u8)) phase = JsonFields.Text(ref reader, "status.phase");
                        else reader.Skip();
                    }
                }
            }
        }

        meta = meta.Checked();
        return new InstallationProjection(meta.Name, meta.Namespace, string.IsNullOrEmpty(version) ? null : version, string.IsNullOrEmpty(phase) ? null : phase);
    }
}
