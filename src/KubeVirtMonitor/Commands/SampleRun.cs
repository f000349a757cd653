using KubeVirtMonitor.Binding;
using KubeVirtMonitor.History;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Commands;

/// <summary>Asks servers for the samples that a cmdlet wants.</summary>
/// <param name="command">The cmdlet.</param>
/// <param name="servers">Opens servers, and reports what they say.</param>
internal sealed class SampleRun(CancellableCommand command, ServerRun servers)
{
    /// <summary>The components that are wanted; null = all.</summary>
    public IReadOnlyCollection<ComponentKind>? Components { get; init; }

    /// <summary>Wildcards on names, as they are given; null = all.</summary>
    public string[]? Names { get; init; }

    /// <summary>Tags for every sample.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> AddTags { get; init; } = [];

    /// <summary>Asks a server. What fails is an error, and what is not there a warning.</summary>
    /// <param name="server">The server.</param>
    /// <param name="mapping">What to keep, and how to name it.</param>
    /// <param name="machines">The machines, namespaces and nodes that are wanted.</param>
    /// <param name="take">Takes each sample, on the pipeline's thread.</param>
    /// <returns>The names that came; null where the server could not be asked.</returns>
    public IReadOnlyList<FamilyObservation>? Ask(OpenServer server, MappingOptions mapping, MachineChoice machines, Action<MetricSample> take)
    {
        if (servers.FactsOf(server) is not { } facts) return null;
        if (!facts.HasKubeVirt)
        {
            servers.FailWithoutKubeVirt(server);
            return null;
        }

        if (servers.NowOf(server, facts) is not { } now) return null;
        ServerMoments moments = servers.Moments;
        (DateTimeOffset Start, DateTimeOffset End)? range = moments.IsRange ? moments.RangeAt(now) : null;
        ServerMetrics metrics = new(server.Server, facts, new SampleQuest
        {
            Matchers = server.Matchers,
            Session = server.Session,
            Time = moments.Time,
            Start = range?.Start,
            End = range?.End ?? default,
            Step = moments.Step,
            Mapping = mapping with { MachineFilter = machines.Filter },
            Components = Components,
            MayHave = machines.MayHave,
            Names = Names,
            Namespaces = machines.NamespaceTexts,
            Machines = machines.MachineTexts,
            Nodes = machines.NodeTexts,
            AddTags = AddTags,
        });
        HashSet<string>? missing = machines.Exact.Count == 0 ? null : machines.Exact.Select(static machine => machine.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        bool isWhole = servers.Ask<IReadOnlyList<MetricSample>>(server, metrics.RunAsync, samples =>
        {
            foreach (MetricSample sample in samples)
            {
                if (missing is { Count: > 0 } && sample.Vmi is { } name) missing.Remove(name);
                take(sample);
            }
        });
        string name = ServerRun.NameOf(server);
        command.WriteVerbose($"{name}: {metrics.Samples} samples.{(facts.Versions.Count > 0 ? $" KubeVirt {string.Join(", ", facts.Versions)}." : "")}");
        if (metrics.Repeated > 0) servers.Warn($"{name}: {metrics.Repeated} series are there twice, scraped by several servers or under several jobs. They are written once. To choose one of them, use -Match, for example prometheus_replica=prometheus-k8s-0.");
        if (!isWhole) return metrics.Families;
        servers.ReportMissing(server, facts, now, [.. machines.Exact.Where(machine => missing?.Contains(machine.Name) == true)]);
        if (metrics.Samples == 0 && missing is null) servers.Warn($"{name}: the server has values of KubeVirt, but none of what was asked for{(moments.IsRange || moments.Time is not null ? " at that time" : "")}.");
        return metrics.Families;
    }
}
