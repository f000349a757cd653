using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// Renews the leases of virt-controller and virt-operator, as their leaders do every two seconds: whenever leases are asked for, they are as old as the clock of the cluster has
/// it. When the holder is gone, another pod takes over once the lease has run out. A lease that somebody else has written is left alone.
/// </summary>
internal sealed class LeaseKeeper(ContentContext context, TimeProvider time)
{
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, long> _written = [];

    /// <summary>The leases whose holders have stopped renewing, such as <c>virt-controller</c>: they hang, and nobody takes over.</summary>
    public HashSet<string> Stopped { get; } = new(StringComparer.Ordinal);

    public static string Format(DateTimeOffset moment) => moment.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture);

    /// <summary>Brings the leases up to date.</summary>
    public void Renew()
    {
        ResourceCollection leases = context.Store["coordination.k8s.io", "leases"];
        lock (context.Store.Gate)
        {
            foreach (ComponentKind component in new[] { ComponentKind.Controller, ComponentKind.Operator })
            {
                string name = ComponentContent.App(component);
                if (leases.Find(context.Space, name) is not { } lease || Stopped.Contains(name)) continue;
                if (lease.Version != _written.GetValueOrDefault(name, lease.Version)) continue;
                _written[name] = lease.Version;
                JsonObject whole = lease.ToJson();
                if (!Keep(whole["spec"]!.AsObject(), component)) continue;
                ApiObject kept = ApiObject.From(leases.Type, whole, context.Store.NextVersion());
                leases.Put(kept);
                _written[name] = kept.Version;
            }
        }
    }

    private bool Keep(JsonObject spec, ComponentKind component)
    {
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan age = now - DateTimeOffset.ParseExact((string)spec["renewTime"]!, TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        SimulatedPod[] pods = [.. context.Cluster.PodsOf(component)];
        SimulatedPod? holder = Array.Find(pods, pod => pod.Name == (string?)spec["holderIdentity"] && Runs(pod));
        if (holder is null)
        {
            if (age < Duration || Array.Find(pods, Runs) is not { } next) return false;
            foreach (SimulatedPod pod in pods) context.Cluster.Lead(pod, pod == next);
            spec["holderIdentity"] = next.Name;
            spec["acquireTime"] = Format(now);
            spec["leaseTransitions"] = ((int?)spec["leaseTransitions"] ?? 0) + 1;
        }
        else if (age < Period)
        {
            return false;
        }

        spec["renewTime"] = Format(now);
        return true;
    }

    /// <summary>Whether a pod runs; of those that are not served nothing else is known.</summary>
    private bool Runs(SimulatedPod pod) => context.Host.Endpoints.FirstOrDefault(endpoint => endpoint.Pod.Name == pod.Name) is not { IsOpen: false };
}
