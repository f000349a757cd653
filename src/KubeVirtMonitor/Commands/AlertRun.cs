using KubeVirtMonitor.Alerts;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Reads for a cmdlet what alerts need of a cluster, in one look at its components or in two, and evaluates them.</summary>
/// <param name="command">The cmdlet.</param>
/// <param name="session">The session.</param>
/// <param name="alerts">The alerts.</param>
/// <param name="options">How patient scrapes are.</param>
internal sealed class AlertRun(CancellableCommand command, KubeVirtSession session, IReadOnlyList<AlertDefinition> alerts, ScrapeOptions options)
{
    private static readonly (ComponentKind Kind, AlertNeeds Need)[] Endpoints =
    [
        (ComponentKind.Api, AlertNeeds.VirtApi), (ComponentKind.Controller, AlertNeeds.VirtController), (ComponentKind.Handler, AlertNeeds.VirtHandler), (ComponentKind.Operator, AlertNeeds.VirtOperator),
    ];

    private readonly AlertNeeds _needs = alerts.Aggregate(AlertNeeds.None, static (all, alert) => all | alert.Needs);
    private AlertFacts _facts = new();

    /// <summary>The session.</summary>
    public KubeVirtSession Session => session;

    /// <summary>Whether a second look tells more: whether any of the alerts is about what grows.</summary>
    public bool NeedsAnother => alerts.Any(Grows);

    /// <summary>Reads what the Kubernetes API has, and scrapes the components.</summary>
    /// <param name="isLast">Whether there is no other look.</param>
    public void Look(bool isLast)
    {
        Task<AlertFacts> reading = Task.Run(() => new AlertReader(session, _needs).ReadAsync(command.CancelToken), command.CancelToken);
        AlertLooks looks = new();
        // Of the first of two looks only what grows counts; the rest is as it is at the second.
        Scrape(looks, isLast ? alerts : [.. alerts.Where(Grows)], !isLast);
        _facts = command.Await(_ => reading);
        _facts.Looks = looks;
        if (isLast) Complete();
        else looks.Turn();
    }

    /// <summary>Scrapes the components once more.</summary>
    public void LookAgain()
    {
        Task reading = Task.Run(() => new AlertReader(session, _needs).ReadAgainAsync(_facts, command.CancelToken), command.CancelToken);
        Scrape(_facts.Looks, alerts, withGrowth: true);
        command.Await(async _ =>
        {
            await reading.ConfigureAwait(false);
            return true;
        });
        Complete();
    }

    /// <summary>The results.</summary>
    public IReadOnlyList<AlertResult> Evaluate(AlertThresholds thresholds) => new AlertEvaluator(_facts, thresholds).Evaluate(alerts);

    private static bool Grows(AlertDefinition alert) => alert.Window > TimeSpan.Zero && alert.Rule is not (AlertRule.Panics or AlertRule.Migrations or AlertRule.ComponentCpu) || alert.Rule == AlertRule.SeveralLeaders;

    private void Complete() => _facts.Looks.Complete((space, name) => _facts.Instances.TryGetValue((space ?? "", name), out AlertInstance instance) ? instance.Node : null);

    private void Scrape(AlertLooks looks, IReadOnlyList<AlertDefinition> wanted, bool withGrowth)
    {
        AlertNeeds needs = wanted.Aggregate(AlertNeeds.None, static (all, alert) => all | alert.Needs);
        ComponentKind[] kinds = [.. Endpoints.Where(one => (needs & one.Need) != 0).Select(static one => one.Kind)];
        if (kinds.Length == 0) return;
        HashSet<string> names = AlertLooks.NamesFor(wanted, withGrowth);
        MappingOptions mapping = new() { NameFilter = (name, _) => names.Contains(name) };
        try
        {
            ComponentSurvey survey = command.Await(cancellationToken => session.FindComponentsAsync(kinds, withLeaders: false, cancellationToken));
            SessionScraper scraper = new(session, options, mapping) { IsRepeated = withGrowth };
            foreach (FanOutItem item in scraper.Run(survey.Components, command.CancelToken))
            {
                foreach (MetricSample sample in item.Samples.Span) looks.Take(sample);
                if (item.Result is not { } result) continue;
                looks.End(result);
                if (result.Error is { } error) command.WriteVerbose($"{session}: {error.Message}");
            }

            command.WriteRoute(session);
        }
        catch (KubernetesException error)
        {
            // The alerts that need it say so.
            command.WriteVerbose($"{session}: {error.Message}");
        }
        catch (OperationCanceledException) when (command.CancelToken.IsCancellationRequested)
        {
            throw new System.Management.Automation.PipelineStoppedException();
        }
    }
}
