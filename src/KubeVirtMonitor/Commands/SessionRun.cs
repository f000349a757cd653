using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Scrapes the components of clusters for a cmdlet.</summary>
/// <param name="command">The cmdlet.</param>
/// <param name="runner">Writes what comes.</param>
internal sealed class SessionRun(ScrapeCommand command, ScrapeRunner runner)
{
    /// <summary>Scrapes all components of a cluster, or those of some kinds.</summary>
    public void Scrape(KubeVirtSession session, ComponentKind[]? wanted)
    {
        ComponentKind[] kinds = wanted ?? Enum.GetValues<ComponentKind>();
        // What only counts machines needs no component, and no permission to list them.
        ComponentKind[] scraped = [.. kinds.Where(command.WantsScrapeOf)];
        if (scraped.Length > 0) Scrape(session, Find(session, scraped, isChoice: wanted is not null));
        command.EndSession(session, kinds);
    }

    /// <summary>Scrapes components that were found before, each by the session that found it.</summary>
    public void Scrape(IReadOnlyList<KubeVirtComponent> components)
    {
        foreach (IGrouping<KubeVirtSession?, KubeVirtComponent> group in components.GroupBy(component => component.Session))
        {
            if (group.Key is { IsOpen: false } closed)
            {
                command.WriteError(ErrorRecords.SessionClosed(closed));
                continue;
            }

            KubeVirtSession session = SessionResolver.Resolve(command, group.Key, context: null);
            Scrape(session, [.. group]);
            command.EndSession(session, [.. group.Select(component => component.Component)]);
        }
    }

    private IReadOnlyList<KubeVirtComponent> Find(KubeVirtSession session, ComponentKind[] kinds, bool isChoice)
    {
        ComponentSurvey survey = command.Await(cancellationToken => session.FindComponentsAsync(kinds, withLeaders: false, cancellationToken));
        foreach (KubernetesException defect in survey.Defects) command.WriteError(ErrorRecords.Failed(defect, session));
        // Which of all components a cluster has is its own affair; one that was named has to be there.
        if (survey.Components.Count == 0 && !isChoice) command.WriteError(ErrorRecords.NoComponent(session));
        foreach (ComponentKind kind in isChoice ? kinds.Except(survey.Components.Select(component => component.Component)) : [])
            command.WriteError(ErrorRecords.NoComponent(session, kind));
        return survey.Components;
    }

    private void Scrape(KubeVirtSession session, IReadOnlyList<KubeVirtComponent> found)
    {
        KubeVirtComponent[] components = [.. found.Where(component => command.WantsScrapeOf(component.Component))];
        foreach (KubeVirtComponent component in components)
        {
            if (component.MetricsUri is null) command.WriteError(ErrorRecords.Failed(SessionScraper.NoAddress(component)));
        }

        try
        {
            SessionScraper scraper = new(session, command.CreateOptions(), command.CreateMapping()) { WithHealth = command.WantsHealth, AddTags = command.SessionTags };
            runner.Take(scraper.Run(components, command.CancelToken));
        }
        catch (KubernetesException error)
        {
            command.WriteError(ErrorRecords.Failed(error, session));
        }

        command.WriteRoute(session);
    }
}
