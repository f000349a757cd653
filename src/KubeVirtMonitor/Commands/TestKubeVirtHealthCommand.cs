using System.Management.Automation;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Tests the components of KubeVirt: whether they respond, can be scraped, have a leader and a certificate that does not expire soon.</summary>
[Cmdlet(VerbsDiagnostic.Test, "KubeVirtHealth", DefaultParameterSetName = SessionSet)]
[OutputType(typeof(HealthResult), typeof(bool))]
public sealed class TestKubeVirtHealthCommand : ClusterCommand
{
    private const string SessionSet = "Session";
    private const string InputObjectSet = "InputObject";

    private static readonly ScrapeOptions Defaults = new();

    private readonly List<(KubeVirtSession Session, KubeVirtComponent Component)> _given = [];
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private bool _isHealthy = true;
    private bool _any;

    /// <summary>The components to find.</summary>
    [Parameter(Position = 0, ParameterSetName = SessionSet)]
    [ValidateNotNullOrEmpty]
    public ComponentKind[]? Component { get; set; }

    /// <summary>Components of Get-KubeVirtComponent.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InputObjectSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public KubeVirtComponent[] InputObject { get; set; } = [];

    /// <summary>Only whether all is well.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>How long before a certificate expires there is a warning.</summary>
    [Parameter]
    public TimeSpan ExpiryWarning { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Longest a component may take, in seconds; 0 = no limit.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue / 1000)]
    public int TimeoutSec { get; set; } = (int)Defaults.Timeout.TotalSeconds;

    /// <summary>How often a busy component is asked again.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int MaximumRetryCount { get; set; } = Defaults.MaximumRetryCount;

    /// <summary>How many components are asked at the same time.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int ThrottleLimit { get; set; } = Defaults.ThrottleLimit;

    private protected override void Process()
    {
        if (ParameterSetName != InputObjectSet) base.Process();
        else foreach (KubeVirtComponent component in InputObject) _given.AddRange(SessionsFor(component.Session, component).Select(session => (session, component)));
    }

    private protected override void Process(KubeVirtSession session)
    {
        ComponentKind[] wanted = Component ?? Enum.GetValues<ComponentKind>();
        ComponentSurvey survey = Await(cancellationToken => session.FindComponentsAsync(wanted, withLeaders: true, cancellationToken));
        foreach (KubernetesException defect in survey.Defects) Fail(ErrorRecords.Failed(defect, session));
        Test(session, survey.Components, wanted);
    }

    private protected override void Finish()
    {
        foreach (IGrouping<KubeVirtSession, KubeVirtComponent> group in _given.GroupBy(static one => one.Session, static one => one.Component))
            In(group.Key, session => Test(session, [.. group], []));
        if (Quiet) WriteObject(_any && _isHealthy);
        base.Finish();
    }

    private protected override void TakeFailure() => _isHealthy = false;

    private void Test(KubeVirtSession session, IReadOnlyList<KubeVirtComponent> components, ComponentKind[] expected)
    {
        ScrapeOptions options = new()
        {
            Timeout = TimeoutSec == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(TimeoutSec),
            MaximumRetryCount = MaximumRetryCount,
            ThrottleLimit = ThrottleLimit,
        };
        try
        {
            foreach (HealthResult result in new SessionHealth(session, options, ExpiryWarning).Run(components, expected, CancelToken)) Take(result);
            this.WriteRoute(session);
        }
        catch (OperationCanceledException) when (CancelToken.IsCancellationRequested)
        {
            // Ctrl+C: there is nothing more to write.
        }
    }

    private void Take(HealthResult result)
    {
        _any = true;
        _isHealthy &= result.Healthy;
        foreach (string warning in result.Warnings.Where(_told.Add)) WriteWarning(warning);
        if (!Quiet) WriteObject(Advice.In(result));
    }
}
