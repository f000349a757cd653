using KubeVirtMonitor.Errors;
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
        ComponentSurvey survey = command.Await(session.FindComponentsAsync);
        foreach (KubernetesException defect in survey.Defects) command.WriteError(ErrorRecords.Failed(defect, session));
        KubeVirtComponent[] components = [.. survey.Components.Where(component => wanted?.Contains(component.Component) != false)];
        if (components.Length == 0) command.WriteError(ErrorRecords.NoComponent(session));
        Scrape(session, components);
        command.EndSession(session, wanted ?? Enum.GetValues<ComponentKind>());
    }

    /// <summary>Scrapes components that were found before, each by the session that found it.</summary>
    public void Scrape(IReadOnlyList<KubeVirtComponent> components)
    {
        foreach (IGrouping<KubeVirtSession?, KubeVirtComponent> group in components.GroupBy(component => component.Session))
        {
            KubeVirtSession session = SessionResolver.Resolve(command, group.Key, context: null);
            Scrape(session, [.. group]);
            command.EndSession(session, [.. group.Select(component => component.Component)]);
        }
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

        if (session.ActiveRoute is { } route) command.WriteVerbose($"{session}: components are reached by {route} ({session.RouteReason}).");
    }
}
