using System.Collections;
using System.Management.Automation;
using System.Text;
using KubeVirtMonitor.Alerts;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Files;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Evaluates the alerts of KubeVirt, and some of this module's own, from the endpoints of the components and the Kubernetes API, or from a server with stored values.</summary>
[Cmdlet(VerbsDiagnostic.Test, "KubeVirtAlert", DefaultParameterSetName = ParameterSets.Session)]
[OutputType(typeof(AlertResult), typeof(bool))]
public sealed class TestKubeVirtAlertCommand : ServerCommand
{
    private const long MostThresholds = 1 << 20;

    // Swap and page faults are counted every 10 seconds; over less than 20, their rates may be nothing or double.
    private const double UsualInterval = 20;

    // Below, the statistics of a machine may have been read once or not at all in between.
    private const double ShortInterval = 10;

    private readonly List<KubeVirtSession> _sessions = [];
    private readonly AlertThresholds _thresholds = new();
    private readonly List<AlertResult> _results = [];
    private WildcardPattern[] _rules = [];
    private ServerRun? _servers;
    private bool _isGiven;
    private bool _hasFailed;

    /// <summary>Names of alerts, with wildcards.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(AlertNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [Alias("Name")]
    public string[]? Rule { get; set; }

    /// <summary>How bad the alerts are.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public AlertSeverity[]? Severity { get; set; }

    /// <summary>The states that are written.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public AlertState[]? State { get; set; }

    /// <summary>What values are compared with in place of the usual, by name.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Threshold { get; set; }

    /// <summary>A JSON file of the same.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ThresholdPath { get; set; }

    /// <summary>The time between two looks; 0 = one look only.</summary>
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [DurationTransformation]
    [DurationRange(0, 86_400)]
    public TimeSpan SampleInterval { get; set; } = TimeSpan.FromSeconds(UsualInterval);

    /// <summary>Only whether all is well.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>What endpoints cannot tell is asked of the server of the session, and what its own rules have found is beside the results.</summary>
    [Parameter(ParameterSetName = ParameterSets.Session)]
    public SwitchParameter WithHistory { get; set; }

    // An alert is of one moment.
    /// <inheritdoc/>
    public override DateTimeOffset? Start { get; set; }

    /// <inheritdoc/>
    public override DateTimeOffset? End { get; set; }

    /// <inheritdoc/>
    public override TimeSpan? Step { get; set; }

    /// <inheritdoc/>
    public override TimeSpan? Last { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [ValidateRange(1, 10_000)]
    public override int ThrottleLimit { get => base.ThrottleLimit; set => base.ThrottleLimit = value; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Quiet) this.Refuse("-Quiet", "only True or False is written", nameof(State));
        try
        {
            _rules = NamePatterns.ToPatterns(Rule);
        }
        catch (WildcardPatternException error)
        {
            ThrowTerminatingError(ErrorRecords.BadAlertPattern(error));
        }

        if (ThresholdPath is not null) ReadThresholds(ThresholdPath);
        foreach (DictionaryEntry one in Threshold ?? new Hashtable()) SetThreshold($"{one.Key}", one.Value);
        VerifyThresholds();
        // Nothing of the pipeline is bound yet.
        _isGiven = Session is not null || Context is not null;
        if (Session is not null && Context is not null) ThrowTerminatingError(ErrorRecords.SessionAndContext());
        if (IsOfServer) this.Refuse(Time is null ? "-Match" : "-Time", "a server is asked that has stored what there was", nameof(SampleInterval));
        _servers = new ServerRun(this, this, CreateOptions, Fail);
        foreach (string name in (Rule ?? []).Where(static name => !WildcardPattern.ContainsWildcardCharacters(name) && !AlertCatalog.Default.Names.Contains(name, StringComparer.OrdinalIgnoreCase)))
            Fail(ErrorRecords.NoSuchAlert(name, AlertCatalog.Default.Names));
    }

    // A moment, and labels, mean a server.
    private bool IsOfServer => PrometheusUri is not null || (!WithHistory && ServerMoments.MeansServer(this));

    private protected override void Process()
    {
        if (PrometheusUri is not null) return;
        foreach (KubeVirtSession session in SessionResolver.Resolve(this, Session, Context, Fail, isPiped: !_isGiven))
        {
            if (!_sessions.Contains(session)) _sessions.Add(session);
        }
    }

    private protected override void Finish()
    {
        if (IsOfServer)
        {
            foreach (OpenServer server in _servers!.Open(() => _sessions)) _results.AddRange(Ask(server, static _ => true) ?? []);
        }
        else
        {
            Look();
        }

        foreach (string line in _results.Select(OwnAlerts.Disagreement).OfType<string>()) _servers!.Warn(line);
        Write(AlertEvaluator.InOrder(AlertEvaluator.OnePerName(_results)));
        base.Finish();
    }

    /// <summary>Evaluates alerts from endpoints, and what they cannot tell from the server of the session where that is wanted.</summary>
    private void Look()
    {
        bool isOnce = SampleInterval == TimeSpan.Zero;
        List<AlertRun> open = [];
        foreach (KubeVirtSession session in _sessions)
        {
            In(session, _ =>
            {
                IReadOnlyList<AlertDefinition> alerts = Chosen(session);
                if (SampleInterval > TimeSpan.Zero && SampleInterval.TotalSeconds < ShortInterval && alerts.Any(static alert => alert.Scope == AlertScope.Machine && alert.Window > TimeSpan.Zero && (alert.Needs & AlertNeeds.VirtHandler) != 0))
                    _servers!.Warn($"KubeVirt reads the statistics of a VM every 3 to 6 seconds: over less than {ShortInterval} seconds, alerts about what grows are Unknown for VMs. Specify -SampleInterval {UsualInterval} or more.");
                AlertRun run = new(this, session, alerts, CreateOptions());
                bool isLast = isOnce || !run.NeedsAnother;
                run.Look(isLast);
                if (isLast) Take(run, session);
                else open.Add(run);
            });
        }

        // Counted from the end of the first looks, so that no two looks are closer than that.
        if (open.Count > 0) WaitWithProgress(DateTimeOffset.UtcNow + SampleInterval);
        foreach (AlertRun run in open)
        {
            run.LookAgain();
            Take(run, run.Session);
        }
    }

    private void Take(AlertRun run, KubeVirtSession session)
    {
        IReadOnlyList<AlertResult> results = run.Evaluate(_thresholds);
        if (WithHistory && _servers!.Open(session) is { } server && Ask(server, static _ => true) is { } stored) results = ServerAlerts.Merge(results, stored);
        _results.AddRange(results);
    }

    /// <summary>Evaluates alerts from a server; null, after an error, where it cannot be asked.</summary>
    private List<AlertResult>? Ask(OpenServer server, Func<AlertDefinition, bool> chosen)
    {
        if (_servers!.FactsOf(server) is not { } facts) return null;
        if (!facts.HasKubeVirt)
        {
            _servers.FailWithoutKubeVirt(server);
            return null;
        }

        if (_servers.NowOf(server, facts) is not { } now) return null;
        AlertQuestion question = new()
        {
            Matchers = server.Matchers,
            Time = _servers.Moments.Time ?? now,
            Filter = alert => chosen(alert) && IsChosen(alert),
            IsFiltered = _rules.Length > 0 || Severity is not null,
            Thresholds = _thresholds,
            Session = server.Session,
        };
        List<AlertResult> results = [];
        bool isWhole = _servers.Ask<AlertResult>(server, (give, cancellationToken) => ServerAlerts.EvaluateAsync(server.Server, facts, question, give, TimeProvider.System, cancellationToken), results.Add);
        return isWhole ? results : null;
    }

    private void In(KubeVirtSession session, Action<KubeVirtSession> work)
    {
        try
        {
            work(session);
        }
        catch (KubernetesException error)
        {
            Fail(ErrorRecords.Failed(error, session));
        }
    }

    private void Fail(ErrorRecord error)
    {
        _hasFailed = true;
        WriteError(error);
    }

    private void Write(IReadOnlyList<AlertResult> results)
    {
        if (!Quiet)
        {
            WriteObject(results.Where(result => State?.Contains(result.State) != false).Select(result => Advice.In(result, WithHistory)), enumerateCollection: true);
            return;
        }

        // What cannot be told is no reason for an alarm, unless nothing can; but it is said.
        string[] open = [.. results.Where(static result => result.State == AlertState.Unknown).Select(static result => result.Name).Distinct(StringComparer.Ordinal)];
        int all = results.Select(static result => result.Name).Distinct(StringComparer.Ordinal).Count();
        if (open.Length > 0) _servers!.Warn($"{open.Length} of {AlertOutcome.Count(all, "alert")} could not be told, and {(open.Length == 1 ? "is" : "are")} left out of the answer: {string.Join(", ", open.Take(3))}{(open.Length > 3 ? " and others" : "")}. Without -Quiet, Missing says why.");
        WriteObject(!_hasFailed && open.Length < all && !results.Any(static result => result.State is AlertState.Firing or AlertState.Pending));
    }

    private IReadOnlyList<AlertDefinition> Chosen(KubeVirtSession session)
    {
        KubeVirtVersion? version = KubeVirtVersion.TryParse(session.KubeVirtVersion, out KubeVirtVersion known) ? known : null;
        IReadOnlyList<AlertDefinition> all = AlertCatalog.Default.For(version);
        foreach (string name in (Rule ?? []).Where(name => AlertCatalog.Default.Names.Contains(name, StringComparer.OrdinalIgnoreCase) && !all.Any(alert => alert.Name.Equals(name, StringComparison.OrdinalIgnoreCase))))
            Fail(ErrorRecords.AlertOfOtherVersion(name, session, AlertCatalog.Default.Definitions.Where(alert => alert.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).SelectMany(static alert => alert.Versions)));
        return [.. all.Where(IsChosen)];
    }

    private bool IsChosen(AlertDefinition alert) => (_rules.Length == 0 || NamePatterns.IsAnyMatch(_rules, alert.Name)) && Severity?.Contains(alert.Severity) != false;

    private void SetThreshold(string name, object? value)
    {
        try
        {
            if ((value is PSObject wrapped ? wrapped.BaseObject : value) is string text) _thresholds.Set(name, text);
            else _thresholds.Set(name, LanguagePrimitives.ConvertTo<double>(value));
        }
        catch (AlertThresholdException error)
        {
            ThrowTerminatingError(ErrorRecords.BadThreshold(error));
        }
        catch (PSInvalidCastException error)
        {
            ThrowTerminatingError(ErrorRecords.BadThreshold(new AlertThresholdException(name, $"the threshold '{name}' is not a number", []), error));
        }
    }

    private void VerifyThresholds()
    {
        try
        {
            _thresholds.Verify();
        }
        catch (AlertThresholdException error)
        {
            ThrowTerminatingError(ErrorRecords.BadThreshold(error));
        }
    }

    private void ReadThresholds(string path)
    {
        string file = GetUnresolvedProviderPathFromPSPath(path);
        try
        {
            _thresholds.SetAll(AwaitRead(() => Encoding.UTF8.GetBytes(LocalFile.Decode(LocalFile.ReadBytes(file, MostThresholds)).Text)));
        }
        catch (AlertThresholdException error)
        {
            ThrowTerminatingError(ErrorRecords.BadThreshold(error, file: file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            ThrowTerminatingError(ErrorRecords.ThresholdFile(file, error));
        }
    }

    private void WaitWithProgress(DateTimeOffset end)
    {
        TimeSpan whole = end - DateTimeOffset.UtcNow;
        ProgressRecord progress = new(1, "Alerts", "The second look follows.");
        while (end - DateTimeOffset.UtcNow is { } left && left > TimeSpan.Zero)
        {
            progress.SecondsRemaining = (int)Math.Ceiling(left.TotalSeconds);
            progress.PercentComplete = (int)(100 * (1 - (left / whole)));
            WriteProgress(progress);
            Await(async cancellationToken =>
            {
                await Task.Delay(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
                return true;
            });
        }

        progress.RecordType = ProgressRecordType.Completed;
        WriteProgress(progress);
    }
}
