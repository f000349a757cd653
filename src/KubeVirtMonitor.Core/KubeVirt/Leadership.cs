using System.Globalization;
using System.Net;
using System.Text.Json;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Determines the leader of a component from its lease; nothing else does.</summary>
/// <param name="Leader">The pod that leads; null where none does, or it is not known.</param>
/// <param name="IsKnown">Whether the lease shows who leads.</param>
/// <param name="Note">Why it does not, or that there is no leader, as a sentence; null where a pod leads.</param>
internal sealed record Leadership(string? Leader, bool IsKnown, string? Note)
{
    // A Date header counts whole seconds, holders write the time of their own node, and answers take their time.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    /// <summary>The judgement where leases cannot be read.</summary>
    /// <param name="because">What keeps them from being read, without a full stop.</param>
    public static Leadership Unknown(ComponentKind component, string because) =>
        new(null, false, $"Which replica of {ComponentFacts.NameOf(component)} is the leader is unknown, because {because}.");

    /// <summary>Judges a lease.</summary>
    /// <param name="pods">The names of its pods.</param>
    /// <param name="lease">Its lease; null where there is none.</param>
    /// <param name="now">The time by the API server's clock; null where it is not known, and then <paramref name="local"/> is used.</param>
    /// <param name="local">The time here.</param>
    public static Leadership Of(ComponentKind component, IReadOnlyCollection<string> pods, LeaseProjection? lease, DateTimeOffset? now, DateTimeOffset local)
    {
        string name = ComponentFacts.NameOf(component);
        if (lease is null) return Unknown(component, $"there is no lease {name}");
        if (lease.Holder is null) return new(null, true, $"No replica of {name} is the leader: nobody holds the lease {name}.");
        string? leader = pods.FirstOrDefault(lease.IsHeldBy);
        if (lease.IsOver((now ?? local) - Tolerance))
        {
            return Unknown(component, string.Create(
                CultureInfo.InvariantCulture,
                $"{leader ?? lease.Holder} holds the lease and has not renewed it since {lease.Renewed:yyyy-MM-dd HH:mm:ss 'UTC'}, {((now ?? local) - lease.Renewed!.Value).TotalSeconds:0} s ago by the clock of {(now is null ? "this machine" : "the API server")}; it lasts {lease.Duration!.Value.TotalSeconds:0.###} s"));
        }

        return leader is null
            ? Unknown(component, $"the lease is held by {lease.Holder}, which is not an existing pod of {name}")
            : new(leader, true, null);
    }

    /// <summary>Whether a pod leads; null where that is not known.</summary>
    public bool? IsLeading(string pod) => IsKnown ? pod == Leader : null;
}

/// <summary>The API server's clock. That of a laptop may be wrong by minutes, and a lease lasts seconds.</summary>
internal static class ServerClock
{
    /// <summary>The time, to a whole second; null where the server does not tell it.</summary>
    public static async Task<DateTimeOffset?> ReadAsync(KubeVirtSession session, CancellationToken cancellationToken)
    {
        using HttpMessageInvoker invoker = new(session.Client.CreateHandler());
        using HttpRequestMessage request = new(HttpMethod.Get, session.Server.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/version")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        try
        {
            // A refusal carries the time as well.
            using HttpResponseMessage response = await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return response.Headers.Date;
        }
        catch (Exception exception) when (exception is HttpRequestException or KubernetesException)
        {
            return null;
        }
    }
}

/// <summary>A Lease of <c>coordination.k8s.io/v1</c>, whose holder is the leader.</summary>
/// <param name="Name">The name of the lease: that of the component.</param>
/// <param name="Holder">The identity of the leader; null when nobody leads.</param>
/// <param name="Renewed">When the leader last said so; null when it does not say.</param>
/// <param name="Duration">How long that holds; null when it does not say.</param>
internal sealed record LeaseProjection(string Name, string? Holder, DateTimeOffset? Renewed, TimeSpan? Duration)
{
    /// <summary>Reads one lease.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static LeaseProjection Read(ReadOnlySpan<byte> json)
    {
        string? holder = JsonFields.TextAt(json, "spec", "holderIdentity");
        DateTimeOffset? renewed = JsonFields.TimeAt(json, "spec", "renewTime");
        long? seconds = JsonFields.IntegerAt(json, "spec", "leaseDurationSeconds");
        return new LeaseProjection(ObjectMeta.Read(json).Name, string.IsNullOrEmpty(holder) ? null : holder, renewed, seconds is { } known ? TimeSpan.FromSeconds(known) : null);
    }

    /// <summary>Whether a pod holds it: the identity of a holder is the name of its pod, with more after an underscore in some clients.</summary>
    public bool IsHeldBy(string pod) => Holder == pod || Holder?.StartsWith(pod + "_", StringComparison.Ordinal) == true;

    /// <summary>Whether it ended without being renewed. One that does not say when it was renewed, or how long that holds, does not end.</summary>
    public bool IsOver(DateTimeOffset now) => Renewed is { } renewed && Duration is { } duration && renewed + duration < now;
}
