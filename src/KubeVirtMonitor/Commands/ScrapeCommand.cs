using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

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
    private PathResolver? _paths;
    private ScrapeRunner? _runner;

    /// <summary>Paths of saved scrapes, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ParameterSets.Path, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Paths of saved scrapes, taken as they are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.LiteralPath, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Addresses of metrics endpoints.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.Uri, ValueFromPipelineByPropertyName = true)]
    [Alias("MetricsUri")]
    [ValidateNotNullOrEmpty]
    [UriTransformation]
    public Uri[] Uri { get; set; } = [];

    /// <summary>Text or bytes of scrapes.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Content")]
    [AllowNull]
    [ScrapeContentTransformation]
    public ScrapeContent? InputObject { get; set; }

    /// <summary>The component the scrapes are of.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public ComponentKind? Component { get; set; }

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

    /// <summary>Most series in one scrape.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long MaximumSeries { get; set; } = Defaults.MaxSeries;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _paths = new PathResolver(SessionState, WriteError);
        _runner = ScrapeRunner.Create(this);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case ParameterSets.Path:
                ScrapeFiles(Path, isLiteral: false);
                break;
            case ParameterSets.LiteralPath:
                ScrapeFiles(LiteralPath, isLiteral: true);
                break;
            case ParameterSets.Uri:
                AddEndpoints();
                break;
            default:
                if (InputObject is not null) TakeContent(InputObject);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_lines.Count > 0) _runner!.Scrape(Describe(ScrapeTarget.FromText(_lines, _linesName ?? DefaultTextName, Component)));
        if (_bytes.Count > 0) _runner!.Scrape(Describe(ScrapeTarget.FromBytes(_bytes.ToArray(), component: Component)));
        if (_endpoints.Count > 0) _runner!.ScrapeInParallel(_endpoints);
    }

    /// <summary>What to keep of a scrape.</summary>
    /// <exception cref="WildcardPatternException">A pattern is malformed.</exception>
    internal virtual MappingOptions CreateMapping() => new()
    {
        Version = KubeVirtVersion,
        MaxLineLength = MaximumLineLength,
        MaxLabels = MaximumLabels,
        MaxSeries = MaximumSeries,
    };

    /// <summary>Takes a sample, on the pipeline's thread.</summary>
    internal abstract void TakeSample(MetricSample sample);

    /// <summary>Takes the end of a target, behind all its samples; its errors are written already.</summary>
    internal abstract void TakeResult(ScrapeResult result);

    /// <summary>The health address that goes with an endpoint, or null.</summary>
    /// <param name="index">The position of the endpoint in -Uri.</param>
    private protected virtual Uri? HealthUriOf(int index) => null;

    /// <summary>Adds what the user says of a target.</summary>
    private protected virtual ScrapeTarget Describe(ScrapeTarget target) => target;

    private void ScrapeFiles(string[] paths, bool isLiteral)
    {
        foreach (string path in paths)
        {
            foreach (string file in _paths!.Resolve(path, isLiteral)) ScrapeFile(file);
        }
    }

    private void ScrapeFile(string file)
    {
        ScrapeTarget target = Describe(ScrapeTarget.FromFile(file, Component));
        // Pipes and devices have no length, and may let their reader wait: that is done on another thread, so that Ctrl+C works.
        if (new FileInfo(file) is { Exists: true, Length: 0 }) _runner!.ScrapeInParallel([target]);
        else _runner!.Scrape(target);
    }

    private void AddEndpoints()
    {
        for (int i = 0; i < Uri.Length; i++)
        {
            try
            {
                _endpoints.Add(Describe(ScrapeTarget.FromUri(Uri[i], Component, HealthUriOf(i))));
            }
            catch (ScrapeException e)
            {
                WriteError(ErrorRecords.Failed(e));
            }
        }
    }

    private void TakeContent(ScrapeContent content)
    {
        if (content.IsWhole)
        {
            _runner!.Scrape(Describe(content.Bytes is { } bytes
                ? ScrapeTarget.FromBytes(bytes, component: Component)
                : ScrapeTarget.FromText(content.Text, content.GetSource() ?? DefaultTextName, Component)));
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
