using System.Globalization;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Who leads a component by its lease: the one judgement of it.</summary>
/// <param name="Leader">The pod that leads; null where none does, or it is not known.</param>
/// <param name="IsKnown">Whether the lease tells.</param>
/// <param name="Note">Why it does not, or that nobody leads, as a sentence; null where a pod leads.</param>
internal sealed record Leadership(string? Leader, bool IsKnown, string? Note)
{
    // A Date header counts whole seconds, holders write the time of their own node, and answers take their time.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    /// <summary>The judgement where leases cannot be read.</summary>
    /// <param name="component">The component.</param>
    /// <param name="because">What keeps them from being read, without a full stop.</param>
    public static Leadership Unknown(ComponentKind component, string because) =>
        new(null, false, $"Which replica of {ComponentFacts.NameOf(component)} leads is unknown, because {because}.");

    /// <summary>Judges a lease.</summary>
    /// <param name="component">The component.</param>
    /// <param name="pods">The names of its pods.</param>
    /// <param name="lease">Its lease; null where there is none.</param>
    /// <param name="now">The time by the API server's clock; null where it is not known, and then <paramref name="local"/> has to do.</param>
    /// <param name="local">The time here.</param>
    public static Leadership Of(ComponentKind component, IReadOnlyCollection<string> pods, LeaseProjection? lease, DateTimeOffset? now, DateTimeOffset local)
    {
        string name = ComponentFacts.NameOf(component);
        if (lease is null) return Unknown(component, $"there is no lease {name}");
        if (lease.Holder is null) return new(null, true, $"No replica of {name} leads: nobody holds the lease {name}.");
        string? leader = pods.FirstOrDefault(lease.IsHeldBy);
        if (lease.IsOver((now ?? local) - Tolerance))
        {
            return Unknown(component, string.Create(
                CultureInfo.InvariantCulture,
                $"{leader ?? lease.Holder} holds the lease and has not renewed it since {lease.Renewed:yyyy-MM-dd HH:mm:ss 'UTC'}, {((now ?? local) - lease.Renewed!.Value).TotalSeconds:0} s ago by the clock of {(now is null ? "this machine" : "the API server")}; it lasts {lease.Duration!.Value.TotalSeconds:0.###} s"));
        }

        return leader is null
            ? Unknown(component, $"the lease is held by {lease.Holder}, which is no pod of {name} that is there")
            : new(leader, true, null);
    }

    /// <summary>Whether a pod leads; null where that is not known.</summary>
    /// <param name="pod">The name of the pod.</param>
    public bool? IsLeading(string pod) => IsKnown ? pod == Leader : null;
}
