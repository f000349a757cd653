using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet that reads scrapes: which, of what component and version, and how large they may be.</summary>
public abstract class ScrapeCommand : NetworkCommand
{
    private const string DefaultTextName = "(text)";

    private static readonly MappingOptions Defaults = new();

    private readonly List<ScrapeTarget> _endpoints = [];
    private readonly List<string> _lines = [];
    private readonly List<byte> _bytes = [];
    private string? _linesName;
    private readonly List<KubeVirtComponent> _components = [];
    private PathResolver? _paths;
    private ScrapeRunner? _runner;

    /// <summary>Paths of saved scrapes, with wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.Path, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public virtual string[] Path { get; set; } = [];

    /// <summary>Paths of saved scrapes, taken as they are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.LiteralPath, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public virtual string[] LiteralPath { get; set; } = [];

    /// <summary>Addresses of metrics endpoints.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.Uri, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("MetricsUri")]
    [ValidateNotNullOrEmpty]
    [UriTransformation]
    public Uri[] Uri { get; set; } = [];

    /// <summary>Text or bytes of scrapes.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Content")]
    [AllowNull]
    [ScrapeContentTransformation]
    public virtual ScrapeContent? InputObject { get; set; }

    /// <summary>The sessions of the clusters whose components are scraped, as objects or by their numbers.</summary>
    [Parameter(ParameterSetName = ParameterSets.Session, ValueFromPipeline = true)]
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateNotNullOrEmpty]
    public KubeVirtSession[]? Session { get; set; }

    /// <summary>Contexts of the kubeconfig, for the clusters whose components are scraped.</summary>
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string[]? Context { get; set; }

    /// <summary>Components of Get-KubeVirtComponent, or what Test-KubeVirtHealth says of them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.Component, ValueFromPipeline = true)]
    [ValidateNotNull]
    [AllowEmptyCollection]
    [ComponentTransformation]
    public KubeVirtComponent[] KubeVirtComponent { get; set; } = [];

    /// <summary>The component the scrapes are of; of a cluster, the components that are wanted.</summary>
    [Parameter(ParameterSetName = ParameterSets.Path, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.LiteralPath, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.Uri, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.InputObject, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [ValidateNotNullOrEmpty]
    public virtual ComponentKind[]? Component { get; set; }

    /// <summary>The KubeVirt version.</summary>
    [Parameter]
    [VersionTransformation]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public KubeVirtVersion? KubeVirtVersion { get; set; }

    /// <summary>Longest line in bytes.</summary>
    [Parameter]
    [ValidateRange(128, 1 << 30)]
    public int MaximumLineLength { get; set; } = Defaults.MaxLineLength;

    /// <summary>Most labels on one series.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaximumLabels { get; set; } = Defaults.MaxLabels;

    /// <summary>Most names of metrics in one scrape.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaximumNames { get; set; } = Defaults.MaxNames;

    /// <summary>Takes a last line without line end for a whole one.</summary>
    [Parameter]
    public SwitchParameter AllowMissingFinalNewline { get; set; }

    /// <summary>Most series in one scrape.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long MaximumSeries { get; set; } = Defaults.MaxSeries;

    /// <summary>The one component that scrapes other than those of a cluster can be of.</summary>
    private protected ComponentKind? OneComponent => Component is [var one] ? one : null;

    /// <summary>The machines, namespaces and nodes that the parameters name.</summary>
    private protected virtual MachineChoice Machines => MachineChoice.All;

    /// <summary>Runs the scrapes.</summary>
    private protected ScrapeRunner Runner => _runner!;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _paths = new PathResolver(SessionState, FileKind.Scrape, Fail);
        _runner = ScrapeRunner.Create(this);
    }

    private protected override void Process()
    {
        if (ParameterSetName is not (ParameterSets.Session or ParameterSets.Component or ParameterSets.Prometheus) && Component is { Length: > 1 } several) ThrowTerminatingError(ErrorRecords.ComponentCount(several.Length));
        switch (ParameterSetName)
        {
            case ParameterSets.Session:
                ScrapeSessions();
                break;
            case ParameterSets.Component:
                _components.AddRange(KubeVirtComponent.Where(component => Component?.Contains(component.Component) != false));
                break;
            case ParameterSets.Prometheus:
                AskServers();
                break;
            case ParameterSets.Path:
                ScrapeFiles(Path, isLiteral: false);
                break;
            case ParameterSets.LiteralPath:
                ScrapeFiles(LiteralPath, isLiteral: true);
                break;
            case ParameterSets.Uri:
                AddEndpoints(Uri);
                break;
            default:
                if (InputObject is not null) TakeContent(InputObject);
                break;
        }
    }

    private protected override void Finish()
    {
        ScrapeCollected();
        if (_components.Count > 0) ScrapeComponents(_components);
        base.Finish();
    }

    /// <summary>Scrapes components that were found before.</summary>
    private protected virtual void ScrapeComponents(IReadOnlyList<KubeVirtComponent> components) => new SessionRun(this, _runner!).Scrape(components, Machines);

    /// <summary>Scrapes endpoints, side by side.</summary>
    private protected virtual void ScrapeEndpoints(IReadOnlyList<ScrapeTarget> endpoints) => _runner!.ScrapeInParallel(endpoints);

    /// <summary>Asks the server whose address is given; only cmdlets that can ask one have a parameter for it.</summary>
    private protected virtual void AskServers()
    {
    }

    /// <summary>Scrapes the clusters that the parameters name.</summary>
    private protected virtual void ScrapeSessions() => ScrapeSessions(SessionResolver.Resolve(this, Session, Context), Machines);

    /// <summary>Scrapes clusters. One that fails does not hide the others.</summary>
    /// <param name="sessions">Their sessions.</param>
    /// <param name="machines">The machines, namespaces and nodes that are wanted.</param>
    private protected virtual void ScrapeSessions(IEnumerable<KubeVirtSession> sessions, MachineChoice machines)
    {
        foreach (KubeVirtSession session in sessions) ScrapeSession(session, [machines]);
    }

    /// <summary>Scrapes a cluster, for what any of several choices wants; what fails is an error.</summary>
    private protected void ScrapeSession(KubeVirtSession session, IReadOnlyList<MachineChoice> choices)
    {
        try
        {
            new SessionRun(this, _runner!).Scrape(session, Component, choices);
        }
        catch (KubernetesException error)
        {
            Fail(ErrorRecords.Failed(error, session));
        }
    }

    /// <summary>What to keep of a scrape.</summary>
    /// <exception cref="WildcardPatternException">A pattern is malformed.</exception>
    internal virtual MappingOptions CreateMapping() => new()
    {
        Version = KubeVirtVersion,
        MaxLineLength = MaximumLineLength,
        MaxLabels = MaximumLabels,
        MaxSeries = MaximumSeries,
        MaxNames = MaximumNames,
        AllowMissingFinalNewline = AllowMissingFinalNewline,
    };

    /// <summary>Takes a sample, on the pipeline's thread.</summary>
    internal abstract void TakeSample(MetricSample sample);

    /// <summary>Handles the end of a target, after all its samples; its errors are written already.</summary>
    internal abstract void TakeResult(ScrapeResult result);

    /// <summary>The health address that goes with an endpoint, or null.</summary>
    /// <param name="index">The position of the endpoint in -Uri.</param>
    private protected virtual Uri? HealthUriOf(int index) => null;

    /// <summary>Whether components of a cluster are asked for their health as well.</summary>
    /// <param name="machines">The machines, namespaces and nodes that are wanted.</param>
    internal virtual bool WantsHealth(MachineChoice machines) => false;

    /// <summary>Whether a component of a cluster can have anything that is asked for.</summary>
    /// <param name="component">The component.</param>
    /// <param name="machines">The machines, namespaces and nodes that are wanted.</param>
    internal virtual bool WantsScrapeOf(ComponentKind component, MachineChoice machines) => true;

    /// <summary>Whether targets are scraped more than once.</summary>
    internal virtual bool IsRepeated => false;

    /// <summary>Tags for every sample of a cluster.</summary>
    internal virtual IReadOnlyList<KeyValuePair<string, string>> SessionTags => [];

    /// <summary>Writes what no component of the cluster serves; called after the scrapes.</summary>
    /// <param name="session">The session.</param>
    /// <param name="components">The kinds of components that were asked for.</param>
    /// <param name="machines">The machines, namespaces and nodes that are wanted.</param>
    internal virtual void EndSession(KubeVirtSession session, IReadOnlyCollection<ComponentKind> components, MachineChoice machines)
    {
    }

    /// <summary>Takes where the machines run that were asked for by name; called after the scrapes.</summary>
    internal virtual void TakePlaces(KubeVirtSession session, IReadOnlyList<MachinePlace> places)
    {
    }

    /// <summary>Adds what the user says of a target.</summary>
    private protected virtual ScrapeTarget Describe(ScrapeTarget target) => target;

    /// <summary>Writes an error of a target that could not even be tried.</summary>
    internal virtual void Fail(ErrorRecord error) => WriteError(error);

    /// <summary>Takes a component whose pod has no address, so that it cannot be scraped.</summary>
    internal virtual void TakeUnstarted(KubeVirtComponent component) => Fail(ErrorRecords.Failed(SessionScraper.NoAddress(component)));

    /// <summary>Writes an error of something in a scrape that is not right, and does not make it fail.</summary>
    internal virtual void TakeDefect(ErrorRecord error) => WriteError(error);

    /// <summary>Writes a warning of a target.</summary>
    internal virtual void Warn(string text) => WriteWarning(text);

    /// <summary>The names of metrics that are asked for without wildcards.</summary>
    internal virtual IEnumerable<string> LiteralNames => [];

    /// <summary>Scrapes the lines, bytes and endpoints so far.</summary>
    private protected void ScrapeCollected()
    {
        if (_lines.Count > 0) _runner!.Scrape(Describe(ScrapeTarget.FromText([.. _lines], _linesName ?? DefaultTextName, OneComponent)));
        if (_bytes.Count > 0) _runner!.Scrape(Describe(ScrapeTarget.FromBytes(_bytes.ToArray(), component: OneComponent)));
        if (_endpoints.Count > 0) ScrapeEndpoints([.. _endpoints]);
        _lines.Clear();
        _bytes.Clear();
        _endpoints.Clear();
    }

    /// <summary>Scrapes files.</summary>
    private protected void ScrapeFiles(string[] paths, bool isLiteral)
    {
        foreach (string path in paths)
        {
            foreach (string file in _paths!.Resolve(path, isLiteral)) ScrapeFile(file);
        }
    }

    /// <summary>Scrapes a file.</summary>
    private protected virtual void ScrapeFile(string file)
    {
        ScrapeTarget target = Describe(ScrapeTarget.FromFile(file, OneComponent));
        // Pipes and devices have no length, and may let their reader wait: that is done on another thread, so that Ctrl+C works.
        if (new FileInfo(file) is { Exists: true, Length: 0 }) _runner!.ScrapeInParallel([target]);
        else _runner!.Scrape(target);
    }

    /// <summary>Adds endpoints, which are scraped side by side at the end.</summary>
    private protected void AddEndpoints(Uri[] addresses)
    {
        for (int i = 0; i < addresses.Length; i++)
        {
            try
            {
                _endpoints.Add(Describe(ScrapeTarget.FromUri(addresses[i], OneComponent, HealthUriOf(i))));
            }
            catch (ScrapeException e)
            {
                Fail(ErrorRecords.Failed(e));
            }
        }
    }

    /// <summary>Scrapes text and bytes, or adds them to those that are one scrape with what follows.</summary>
    private protected void TakeContent(ScrapeContent content)
    {
        if (content.IsWhole)
        {
            _runner!.Scrape(Describe(content.Bytes is { } bytes
                ? ScrapeTarget.FromBytes(bytes, component: OneComponent)
                : ScrapeTarget.FromText(content.Text, content.GetSource() ?? DefaultTextName, OneComponent)));
        }
        else if (content.Bytes is { } one)
        {
            _bytes.AddRange(one);
        }
        else
        {
            if (_lines.Count == 0) _linesName = content.GetSource();
            _lines.AddRange(content.Text);
        }
    }
}
