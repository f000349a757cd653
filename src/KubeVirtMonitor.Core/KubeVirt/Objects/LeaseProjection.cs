using System.Text.Json;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>A Lease of <c>coordination.k8s.io/v1</c>: who leads.</summary>
/// <param name="Name">The name of the lease: that of the component.</param>
/// <param name="Holder">The identity of the leader; null when nobody leads.</param>
/// <param name="Renewed">When the leader last said so; null when it does not tell.</param>
/// <param name="Duration">How long that holds; null when it does not tell.</param>
internal sealed record LeaseProjection(string Name, string? Holder, DateTimeOffset? Renewed, TimeSpan? Duration)
{
    /// <summary>Reads one lease.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static LeaseProjection Read(ReadOnlySpan<byte> json)
    {
        JsonCursor reader = new(json);
        ObjectMeta meta = default;
        (string? holder, DateTimeOffset? renewed, long? seconds) = (null, null, null);
        if (JsonFields.EnterObject(ref reader, "the object"))
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("metadata"u8)) meta = ObjectMeta.Read(ref reader);
                else if (!key.SequenceEqual("spec"u8)) reader.Skip();
                else if (JsonFields.EnterObject(ref reader, "spec"))
                {
                    while (reader.NextField(out ReadOnlySpan<byte> inner))
                    {
                        if (inner.SequenceEqual("holderIdentity"u8)) holder = JsonFields.Text(ref reader, "spec.holderIdentity");
                        else if (inner.SequenceEqual("renewTime"u8)) renewed = JsonFields.Time(ref reader, "spec.renewTime");
                        else if (inner.SequenceEqual("leaseDurationSeconds"u8)) seconds = JsonFields.Whole(ref reader, "spec.leaseDurationSeconds");
                        else reader.Skip();
                    }
                }
            }
        }

        return new LeaseProjection(meta.Checked().Name, string.IsNullOrEmpty(holder) ? null : holder, renewed, seconds is { } known ? TimeSpan.FromSeconds(known) : null);
    }

    /// <summary>Whether a pod holds it: the identity of a holder is the name of its pod, with more behind an underscore in some clients.</summary>
    /// <param name="pod">The name of the pod.</param>
    public bool IsHeldBy(string pod) => Holder == pod || Holder?.StartsWith(pod + "_", StringComparison.Ordinal) == true;

    /// <summary>Whether it ended without being renewed. One that does not say when it was renewed, or how long that holds, does not end.</summary>
    /// <param name="now">The time.</param>
    public bool IsOver(DateTimeOffset now) => Renewed is { } renewed && Duration is { } duration && renewed + duration < now;
}
