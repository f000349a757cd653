using System.Buffers.Text;
using System.Globalization;
using System.Text;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.History;

/// <summary>A pod whose metrics a server has stored. Its series are read as the lines of a scrape.</summary>
internal sealed class ServerTarget : IDisposable
{
    private const int Window = 8 * 1024;

    private readonly ScrapeReader _reader;
    private readonly HashSet<string> _typed = new(StringComparer.Ordinal);
    private readonly ComponentKind? _component;
    private readonly KubeVirtVersion? _version;
    private readonly bool _isStamped;
    private byte[] _lines = new byte[Window];
    private byte[] _series = new byte[512];
    private int _filled;
    private string? _typedName;

    /// <summary>Starts to read.</summary>
    /// <param name="info">Whose metrics they are.</param>
    /// <param name="mapping">What to keep of them.</param>
    /// <param name="source">How the server came to its first series.</param>
    /// <param name="time">The time of values that have none of their own.</param>
    /// <param name="isStamped">Whether each value has its own time.</param>
    /// <param name="onSample">Takes the samples.</param>
    public ServerTarget(TargetInfo info, MappingOptions mapping, string source, DateTimeOffset time, bool isStamped, Action<MetricSample> onSample)
    {
        _component = info.Component;
        _version = mapping.Version;
        _isStamped = isStamped;
        Source = source;
        _reader = new ScrapeReader(info, mapping, onSample, null, Exposition.ExpositionFormat.PrometheusText, timestamp: time);
    }

    /// <summary>How the server came to the series: another one's are the same, scraped by another server or under another job.</summary>
    public string Source { get; }

    /// <summary>Whether it has series of <c>kubevirt_vmi_phase_count</c>, which need not be counted then.</summary>
    public bool HasPhases { get; set; }

    /// <summary>Adds a series.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="points">Its values.</param>
    public void Add(string name, IReadOnlyList<KeyValuePair<string, string>> labels, ReadOnlySpan<Prometheus.QueryPoint> points)
    {
        WriteType(name);
        int length = WriteSeries(name, labels);
        foreach (Prometheus.QueryPoint point in points)
        {
            if (_lines.Length - _filled < length + 64) Flush(length + 64);
            _series.AsSpan(0, length).CopyTo(_lines.AsSpan(_filled));
            _filled += length;
            WriteNumber(point.Value);
            if (_isStamped)
            {
                _lines[_filled++] = (byte)' ';
                Utf8Formatter.TryFormat(point.Milliseconds, _lines.AsSpan(_filled), out int written);
                _filled += written;
            }

            _lines[_filled++] = (byte)'\n';
        }
    }

    /// <summary>Ends it.</summary>
    /// <param name="isWhole">Whether all series have come.</param>
    public ScrapeSummary Complete(bool isWhole)
    {
        Flush(0);
        return _reader.Complete(isWhole ? BodyEnd.Whole : BodyEnd.Broken);
    }

    /// <summary>Reads what was added so far.</summary>
    public void Flush() => Flush(0);

    public void Dispose() => _reader.Dispose();

    private void Flush(int room)
    {
        if (_filled > 0)
        {
            _lines.AsSpan(0, _filled).CopyTo(_reader.GetMemory(_filled).Span);
            _reader.Advance(_filled);
            _filled = 0;
        }

        if (_lines.Length < room) _lines = new byte[room * 2];
    }

    // A server has no types beside its series, and the catalogue has.
    private void WriteType(string name)
    {
        if (name == _typedName) return;
        _typedName = name;
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (_component is not { } component || MetricCatalog.Default.Find(component, bytes) is not { } entry) return;
        RawMetric raw = entry.For(_version).RawFor(_version);
        if (!_typed.Add(raw.Name)) return;
        byte[] line = Encoding.UTF8.GetBytes($"# TYPE {raw.Name} {raw.Type}\n");
        if (_lines.Length - _filled < line.Length) Flush(line.Length);
        line.CopyTo(_lines, _filled);
        _filled += line.Length;
    }

    // A name or a label that is no plain word stands in quotes, as servers since version 3 have them.
    private int WriteSeries(string name, IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        StringBuilder text = new(256);
        bool isBare = Prometheus.Selector.IsName(name);
        text.Append(isBare ? name : "");
        if (labels.Count > 0 || !isBare)
        {
            text.Append('{');
            if (!isBare) AppendQuoted(text, name);
            foreach ((string label, string value) in labels)
            {
                if (text[^1] != '{') text.Append(',');
                if (Prometheus.Selector.IsLabel(label)) text.Append(label);
                else AppendQuoted(text, label);
                text.Append('=');
                AppendQuoted(text, label == "le" ? Bound(value) : value);
            }

            text.Append('}');
        }

        text.Append(' ');
        string line = text.ToString();
        int most = Encoding.UTF8.GetMaxByteCount(line.Length);
        if (_series.Length < most) _series = new byte[most];
        return Encoding.UTF8.GetBytes(line, _series);
    }

    private static void AppendQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        if (value.AsSpan().IndexOfAny('\\', '"', '\n') < 0) text.Append(value);
        else text.Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
        text.Append('"');
    }

    // Servers since version 3 write 1.0 where KubeVirt has 1.
    private static string Bound(string value) => value.EndsWith(".0", StringComparison.Ordinal) ? value[..^2] : value;

    private void WriteNumber(double value)
    {
        ReadOnlySpan<byte> special = double.IsNaN(value) ? "NaN"u8 : double.IsPositiveInfinity(value) ? "+Inf"u8 : double.IsNegativeInfinity(value) ? "-Inf"u8 : default;
        if (special.IsEmpty)
        {
            value.TryFormat(_lines.AsSpan(_filled), out int written, "R", CultureInfo.InvariantCulture);
            _filled += written;
        }
        else
        {
            special.CopyTo(_lines.AsSpan(_filled));
            _filled += special.Length;
        }
    }
}

/// <summary>
/// What the labels of a series say of the target that it was scraped from, told apart from those that the component wrote itself. Source of the labels: KubeVirt's
/// ServiceMonitor (<c>pkg/virt-operator/resource/generate/components/prometheus.go</c>), the operators of Prometheus and VictoriaMetrics, and the documentation of
/// <c>honor_labels</c>.
/// </summary>
internal readonly record struct SeriesOrigin(string Cluster, string Instance, string Container, string Pod, string Namespace, string Source)
{
    /// <summary>What a server puts before a label of a scrape for which it has one of its own.</summary>
    public const string Exported = "exported_";

    /// <summary>The labels that tell clusters apart on servers of several, the best first: those of Thanos, Mimir, Open Cluster Management and OpenShift.</summary>
    public static readonly string[] ClusterLabels = Prometheus.ServerFacts.ClusterLabels;

    /// <summary>The labels of a target that say how it was scraped, and not what it is: two series that differ in nothing else are one.</summary>
    public static readonly string[] SourceLabels =
        ["job", "service", "endpoint", "prometheus", "prometheus_replica", "thanos_ruler_replica", "replica", "__replica__", "receive_replica", "tenant_id", "monitor", "metrics_path"];

    // Before 1.3, these name a machine and not its namespace.
    private static readonly string[] WithoutNamespace = ["kubevirt_migrate_vmi_succeeded", "kubevirt_migrate_vmi_failed", "kubevirt_vmi_migration_succeeded", "kubevirt_vmi_migration_failed"];

    private static readonly KubeVirtVersion FirstWithNamespace = new(1, 3, 0);

    // The only family with a pod of its own, of a virt-launcher.
    private const string WithPod = "kubevirt_vmi_gpu_info";

    /// <summary>Whether a component wrote the series, or else a rule of the server.</summary>
    public bool IsScraped => Instance.Length > 0 || Pod.Length > 0 || Container.Length > 0;

    /// <summary>Takes the labels of a series apart.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="own">Takes the labels that the component wrote, under the names that it gave them, in the order of their names.</param>
    public static SeriesOrigin Read(string name, IReadOnlyList<KeyValuePair<string, string>> labels, List<KeyValuePair<string, string>> own)
    {
        own.Clear();
        string cluster = "", instance = "", container = "", pod = "", space = "", source = "";
        int clusterRank = int.MaxValue;
        foreach ((string label, string value) in labels)
        {
            if (label == "__name__") continue;
            if (label.StartsWith(Exported, StringComparison.Ordinal) && label.Length > Exported.Length)
            {
                own.Add(new(label[Exported.Length..], value));
                continue;
            }

            if (!Has(labels, label) && IsOwn(name, label, labels))
            {
                own.Add(new(label, value));
                continue;
            }

            switch (label)
            {
                case "instance": instance = value; break;
                case "container": container = value; break;
                case "pod": pod = value; break;
                case "namespace": space = value; break;
                default:
                    int rank = Array.IndexOf(ClusterLabels, label);
                    if (rank >= 0 && rank < clusterRank) (cluster, clusterRank) = (value, rank);
                    else if (rank < 0 && Array.IndexOf(SourceLabels, label) >= 0) source = $"{source}{label}={value},";
                    else if (rank < 0) own.Add(new(label, value));
                    break;
            }
        }

        own.Sort(static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        return new SeriesOrigin(cluster, instance, container, pod, space, source);
    }

    /// <summary>Takes the namespace of the target from the labels of a series that had none when it was scraped, which shows in the version only.</summary>
    /// <param name="name">The name of the series.</param>
    /// <param name="own">The labels that the component seems to have written.</param>
    /// <param name="pod">Where it was scraped.</param>
    public static void Correct(string name, List<KeyValuePair<string, string>> own, ServerPod pod)
    {
        if (Array.IndexOf(WithoutNamespace, name) >= 0 && !(pod.Version >= FirstWithNamespace)) own.RemoveAll(label => label.Key == "namespace" && label.Value == pod.Namespace);
    }

    /// <summary>Whether a series may need <see cref="Correct"/>.</summary>
    public static bool IsDoubtful(string name) => Array.IndexOf(WithoutNamespace, name) >= 0;

    // Without honor_labels, what a component writes under one of these names is exported_.
    private static bool IsOwn(string name, string label, IReadOnlyList<KeyValuePair<string, string>> labels) => label switch
    {
        // What is counted over all machines, such as the time between phases, has no namespace.
        "namespace" => MachineFacts.Of(name) switch
        {
            MachineLabels.Namespace => true,
            MachineLabels.Machine => labels.Any(static other => other.Key is "name" or "vmi" or "vm_name"),
            _ => false,
        },
        "pod" => name == WithPod,
        _ => false,
    };

    private static bool Has(IReadOnlyList<KeyValuePair<string, string>> labels, string label)
    {
        for (int i = 0; i < labels.Count; i++)
        {
            string other = labels[i].Key;
            if (other.Length == Exported.Length + label.Length && other.StartsWith(Exported, StringComparison.Ordinal) && other.AsSpan(Exported.Length).SequenceEqual(label)) return true;
        }

        return false;
    }
}
