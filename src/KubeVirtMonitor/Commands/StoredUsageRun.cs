using System.Globalization;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.History;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.Commands;

/// <summary>Asks servers for the usage that a cmdlet wants.</summary>
/// <param name="command">The cmdlet.</param>
/// <param name="servers">Opens servers, and reports what they say.</param>
internal sealed class StoredUsageRun(CancellableCommand command, ServerRun servers)
{
    /// <summary>What is wanted.</summary>
    public required UsageNeeds Needs { get; init; }

    /// <summary>The parts of machines that are wanted in place of machines; null = machines.</summary>
    public IReadOnlyCollection<UsageDevice>? Devices { get; init; }

    /// <summary>Whether a machine that moved has an object for each of its nodes.</summary>
    public bool ByNode { get; init; }

    /// <summary>Asks a server. What fails is an error, and what is not there a warning.</summary>
    /// <param name="server">The server.</param>
    /// <param name="machines">The machines, namespaces and nodes that are wanted.</param>
    /// <param name="take">Takes the usage of each moment, on the pipeline's thread.</param>
    public void Ask(OpenServer server, MachineChoice machines, Action<UsageLook> take)
    {
        if (servers.FactsOf(server) is not { } facts) return;
        if (!facts.HasKubeVirt)
        {
            servers.FailWithoutKubeVirt(server);
            return;
        }

        if (servers.NowOf(server, facts) is not { } now) return;
        UsageRequest request = RequestOf(server, machines, now);
        string name = ServerRun.NameOf(server);
        SayShort(name, facts, request);
        StoredUsage history = new(server.Server, facts, request);
        List<MachineReference> missing = [.. machines.Exact];
        bool hasAny = false;
        bool isWhole = servers.Ask<UsageLook>(server, history.ReadAsync, look =>
        {
            hasAny = true;
            if (missing.Count > 0) missing.RemoveAll(machine => look.Machines.Exists(usage => IsIt(machine, usage.Namespace, usage.Vmi)) || look.Details.Exists(detail => IsIt(machine, detail.Namespace, detail.Vmi)));
            take(look);
        });
        command.WriteVerbose(FormattableString.Invariant($"{name}: {history.Queries} {(history.Queries == 1 ? "query" : "queries")}, rates over {history.Window.TotalSeconds:0.###} seconds, scraped every {(facts.ScrapeInterval is { } interval ? $"{interval.TotalSeconds:0.###} seconds" : "?")}."));
        if (!isWhole) return;
        SayCovered(name, facts, request, history.Covered);
        if (missing.Count > 0) SayMissing(name, history, machines, missing);
        else if (!hasAny && machines.Exact.Count == 0) servers.Warn($"{name}: the server has values of KubeVirt, but no usage of what was asked for{(servers.Moments.IsRange || servers.Moments.Time is not null ? " at that time" : "")}. Usage is what virt-handler serves of the VMs on its node.");
    }

    private static bool IsIt(MachineReference machine, string? space, string? vmi) =>
        machine.Name.Equals(vmi, StringComparison.OrdinalIgnoreCase) && machine.Namespace?.Equals(space, StringComparison.OrdinalIgnoreCase) != false;

    // Over less than four scrapes there may be one sample or none.
    private void SayShort(string name, ServerFacts facts, UsageRequest request)
    {
        if (facts.ScrapeInterval is not { } interval || request.Whole is not { } whole || whole >= StoredUsage.LeastScrapes * interval) return;
        TimeSpan least = StoredUsage.LeastScrapes * interval;
        servers.Warn($"{name}: KubeVirt is scraped every {ServerRun.Text(interval)}, so within {ServerRun.Text(whole)} rates are rough or missing. Specify a range of at least {ServerRun.Text(least)}, such as -Last {Math.Ceiling(least.TotalSeconds).ToString(CultureInfo.InvariantCulture)}.");
    }

    private void SayCovered(string name, ServerFacts facts, UsageRequest request, IReadOnlyDictionary<string, double> covered)
    {
        TimeSpan length = request.Whole ?? (request.Range is { } range ? range.End - range.Start : TimeSpan.Zero);
        if (facts.ScrapeInterval is not { } interval) return;
        // Scrapes at the edges, and some that failed, are no reason to worry.
        TimeSpan most = Longest(StoredUsage.LeastScrapes * interval, length / 50);
        string[] parts = [.. covered.Where(part => length * (1 - part.Value) > most).OrderBy(static part => part.Key, StringComparer.Ordinal)
            .Select(part => $"{ServerRun.Text(length * part.Value)}{(part.Key.Length > 0 ? $" of cluster {part.Key}" : "")}")];
        if (parts.Length > 0) servers.Warn($"{name}: of the {ServerRun.Text(length)} that were asked for, the server has values of KubeVirt for about {string.Join(", ", parts)}. Figures are those of the time for which it has values, and IntervalSeconds tells how long that is.");
    }

    private static TimeSpan Longest(TimeSpan one, TimeSpan other) => one > other ? one : other;

    // What runs at another time, or is misspelt.
    private void SayMissing(string name, StoredUsage history, MachineChoice machines, List<MachineReference> missing)
    {
        IReadOnlyList<SeenMachine> seen = [];
        try
        {
            seen = command.Await(history.SeenAsync);
        }
        catch (ScrapeException error)
        {
            servers.Fail(error);
        }

        foreach (MachineReference machine in missing)
        {
            string? space = machine.Namespace ?? (machines.NamespaceTexts is { Count: 1 } && machines.ExactNamespaces.Count == 1 ? machines.ExactNamespaces.First() : null);
            string wanted = space is null ? machine.Name : $"{space}/{machine.Name}";
            if (seen.LastOrDefault(one => IsIt(machine, one.Namespace, one.Name) && (space is null || space.Equals(one.Namespace, StringComparison.OrdinalIgnoreCase))) is { } there)
                servers.Warn($"{name}: the server has no usage of {there.Namespace}/{there.Name} {(servers.Moments.IsNow ? "now" : "at that time")}; the last before that is of {there.Last.LocalDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}. It did not run, is on another node than those that were asked for, or its virt-launcher did not answer virt-handler.");
            else
                command.WriteError(ErrorRecords.NoValuesOf(name, wanted, [.. seen.Select(one => space is null ? one.Name : $"{one.Namespace}/{one.Name}")]));
        }
    }

    private UsageRequest RequestOf(OpenServer server, MachineChoice machines, DateTimeOffset now)
    {
        ServerMoments moments = servers.Moments;
        (DateTimeOffset Start, DateTimeOffset End)? range = moments.IsRange ? moments.RangeAt(now) : null;
        return new UsageRequest
        {
            Time = Whole(range is { End: var end } ? end : moments.Time ?? now),
            Range = range is { } regular && moments.Step is { } step ? RangeOf(Whole(regular.Start), Whole(regular.End), step) : null,
            Whole = range is { } whole && moments.Step is null ? whole.End - whole.Start : null,
            Needs = Needs,
            Devices = Devices,
            ByNode = ByNode,
            Matchers = server.Matchers,
            Namespaces = machines.NamespaceTexts,
            Machines = machines.MachineTexts,
            Filter = machines.Filter,
            Session = server.Session,
        };
    }

    // Each moment is the end of a step, so the last one is the end of the range: what is left over, if the steps do not fill the range, is at its beginning.
    private static QueryRange RangeOf(DateTimeOffset start, DateTimeOffset end, TimeSpan step) => new(end - (Math.Floor((end - start) / step) * step), end, step);

    // Servers know no shorter time.
    private static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
