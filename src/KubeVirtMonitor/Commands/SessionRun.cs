using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Scrapes the components of clusters for a cmdlet.</summary>
/// <param name="command">The cmdlet.</param>
/// <param name="runner">Writes what comes.</param>
internal sealed class SessionRun(ScrapeCommand command, ScrapeRunner runner)
{
    /// <summary>Scrapes all components of a cluster, or those of some kinds; of virt-handler, those where the machines run that are wanted.</summary>
    /// <param name="session">The session.</param>
    /// <param name="wanted">The kinds; null = all.</param>
    /// <param name="choices">The machines, namespaces and nodes that are wanted: what any of the choices wants. Each component is scraped once for all of them.</param>
    public void Scrape(KubeVirtSession session, ComponentKind[]? wanted, IReadOnlyList<MachineChoice> choices)
    {
        List<KubeVirtComponent> found = [];
        List<Action> afterwards = [];
        foreach (MachineChoice machines in choices) Plan(session, wanted, machines, found, afterwards);
        if (found.Count > 0) Scrape(session, [.. found.DistinctBy(static component => (component.Namespace, component.Name))], choices);
        foreach (Action after in afterwards) after();
    }

    private void Plan(KubeVirtSession session, ComponentKind[]? wanted, MachineChoice machines, List<KubeVirtComponent> found, List<Action> afterwards)
    {
        ComponentKind[] kinds = wanted ?? Enum.GetValues<ComponentKind>();
        // What only counts machines needs no component, and no permission to list them.
        ComponentKind[] scraped = [.. kinds.Where(kind => command.WantsScrapeOf(kind, machines))];
        // A machine and a node are those of virt-handler, which has nearly all there is of them: the others are scraped for what it has not.
        bool isNarrow = wanted is null && (machines.NamesMachines || machines.NamesNodes) && scraped.Contains(ComponentKind.Handler);
        if (isNarrow) kinds = scraped = [.. scraped.Where(kind => kind == ComponentKind.Handler || command.LiteralNames.Any(name => Serves(kind, name) && !Serves(ComponentKind.Handler, name)))];
        bool ofHandler = scraped.Contains(ComponentKind.Handler);
        MachineNodes places = new(command, session, machines);
        HashSet<string>? nodes = places.Find(ofHandler);
        if (scraped.Length > 0 && !(scraped is [ComponentKind.Handler] && nodes is { Count: 0 }))
            found.AddRange(Find(session, scraped, wanted is not null, machines, nodes, places).Where(component => command.WantsScrapeOf(component.Component, machines)));
        afterwards.Add(() =>
        {
            if (ofHandler && machines.Exact.Count > 0) command.TakePlaces(session, places.Found);
            command.EndSession(session, kinds, machines);
        });
    }

    private static bool Serves(ComponentKind component, string name) =>
        MetricCatalog.Default.Entries(component).Any(entry => name.Equals(entry.Definition.Name, StringComparison.OrdinalIgnoreCase) || name.Equals(entry.SampleName, StringComparison.OrdinalIgnoreCase));

    /// <summary>Scrapes components that were found before, each by the session that found it.</summary>
    public void Scrape(IReadOnlyList<KubeVirtComponent> components, MachineChoice machines)
    {
        foreach (IGrouping<KubeVirtSession?, KubeVirtComponent> group in components.GroupBy(component => component.Session))
        {
            if (group.Key is { IsOpen: false } closed)
            {
                foreach (KubeVirtComponent component in group) command.Fail(ErrorRecords.OriginClosed(closed, component));
                continue;
            }

            foreach (KubeVirtSession session in SessionResolver.Resolve(command, group.Key is { } own ? [own] : null, contexts: null))
            {
                // One that comes twice is one all the same.
                KubeVirtComponent[] distinct = [.. group.DistinctBy(component => (component.Namespace, component.Name))];
                Scrape(session, [.. distinct.Where(component => command.WantsScrapeOf(component.Component, machines))], [machines]);
                command.EndSession(session, [.. distinct.Select(component => component.Component)], machines);
            }
        }
    }

    private IEnumerable<KubeVirtComponent> Find(KubeVirtSession session, ComponentKind[] kinds, bool isChoice, MachineChoice machines, HashSet<string>? nodes, MachineNodes places)
    {
        ComponentSurvey survey = command.Await(cancellationToken => session.FindComponentsAsync(kinds, withLeaders: false, cancellationToken));
        foreach (KubernetesException defect in survey.Defects) command.Fail(ErrorRecords.Failed(defect, session));
        // Which of all components a cluster has is its own affair; one that was named has to be there.
        if (survey.Components.Count == 0 && !isChoice) command.Fail(ErrorRecords.NoComponent(session));
        foreach (ComponentKind kind in isChoice ? kinds.Except(survey.Components.Select(component => component.Component)) : [])
            command.Fail(ErrorRecords.NoComponent(session, kind));
        if (!kinds.Contains(ComponentKind.Handler)) return survey.Components;

        HashSet<string> served = [.. survey.Components.Where(component => component.Component == ComponentKind.Handler).Select(component => component.Node ?? "")];
        if (served.Count > 0)
        {
            // Which nodes there are, the virt-handlers say.
            foreach (string node in machines.ExactNodes.Where(node => !served.Contains(node, StringComparer.OrdinalIgnoreCase)))
                command.Fail(ErrorRecords.NoHandlerOn(node, served, session));
            foreach (string node in (nodes ?? []).Except(served).Where(node => machines.IncludesNode(node) && !machines.ExactNodes.Contains(node)))
                command.Fail(ErrorRecords.NoHandlerFor(places.On(node), node, session));
        }

        return survey.Components.Where(component => component.Component != ComponentKind.Handler
            || (machines.IncludesNode(component.Node) && nodes?.Contains(component.Node ?? "") != false));
    }

    private void Scrape(KubeVirtSession session, IReadOnlyList<KubeVirtComponent> components, IReadOnlyList<MachineChoice> choices)
    {
        foreach (KubeVirtComponent component in components)
        {
            if (component.MetricsUri is null) command.TakeUnstarted(component);
        }

        try
        {
            SessionScraper scraper = new(session, command.CreateOptions(), command.CreateMapping() with { MachineFilter = FilterOf(choices) })
            {
                WithHealth = choices.Any(command.WantsHealth),
                AddTags = command.SessionTags,
                IsRepeated = command.IsRepeated,
            };
            runner.Take(scraper.Run(components, command.CancelToken));
        }
        catch (KubernetesException error)
        {
            command.Fail(ErrorRecords.Failed(error, session));
        }

        if (components.Count > 0) command.WriteRoute(session);
    }

    private static Func<MachineIdentity, bool>? FilterOf(IReadOnlyList<MachineChoice> choices)
    {
        if (choices is [var one]) return one.Filter;
        Func<MachineIdentity, bool>?[] filters = [.. choices.Select(static choice => choice.Filter)];
        return Array.Exists(filters, static filter => filter is null) ? null : machine => Array.Exists(filters, filter => filter!(machine));
    }
}
