using System.Text;
using KubeVirtMonitor.Alerts;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Tests.Alerts;

/// <summary>A cluster that is written down in a test: what the Kubernetes API says, and the scrapes of its components.</summary>
internal sealed class AlertCase
{
    private readonly string[] _rules;
    private readonly Dictionary<string, TargetMemory> _memories = [];

    /// <summary>A cluster of a KubeVirt version, for which some alerts are wanted.</summary>
    public AlertCase(string version, params string[] rules)
    {
        _rules = rules;
        Facts = new AlertFacts { Version = KubeVirtVersion.Parse(version), Now = Now };
    }

    /// <summary>The moment of the evaluation.</summary>
    public static DateTimeOffset Now { get; } = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    public AlertFacts Facts { get; }

    public AlertThresholds Thresholds { get; } = new();

    private IReadOnlyList<AlertDefinition> Definitions => [.. AlertCatalog.Default.For(Facts.Version).Where(one => _rules.Contains(one.Name))];

    /// <summary>A moment before the evaluation.</summary>
    public static DateTimeOffset Ago(double minutes) => Now.AddMinutes(-minutes);

    /// <summary>Adds a pod of a component.</summary>
    public AlertCase Pod(ComponentKind component, string name, string phase = "Running", bool ready = true, double sinceMinutes = 60, double createdMinutes = 60, string? node = null)
    {
        Facts.Pods.Add(new AlertPod(name, component, phase, ready) { Namespace = "kubevirt", Node = node, ReadySince = Ago(sinceMinutes), Created = Ago(createdMinutes), ReadyNote = ready ? null : "Not Ready: it waits." });
        return this;
    }

    /// <summary>Adds the scrape of a pod, some seconds before the evaluation; without text, it failed.</summary>
    public AlertCase Scrape(ComponentKind component, string pod, string? text, double seconds = 0, DateTimeOffset? expires = null, ScrapeError error = ScrapeError.ConnectionRefused)
    {
        ScrapeTarget target = ScrapeTarget.FromUri(new Uri($"https://{pod}.test:8443/metrics"), component) with { PodName = pod };
        HashSet<string> names = AlertLooks.NamesFor(Definitions, withGrowth: true);
        if (text is not null)
        {
            if (!_memories.TryGetValue(pod, out TargetMemory? memory)) _memories.Add(pod, memory = new TargetMemory());
            MappingOptions options = new() { Version = Facts.Version, NameFilter = (name, _) => names.Contains(name) };
            using ScrapeReader reader = new(new TargetInfo { Target = target.Name, Component = component }, options, Facts.Looks.Take, memory: memory, timestamp: Now.AddSeconds(-seconds));
            reader.ReadWhole(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n"));
        }

        ScrapeException? failure = text is null ? new ScrapeException(error, target.Name, "it does not answer") : null;
        Facts.Looks.End(new ScrapeResult { Target = target, Error = failure, CertificateExpires = expires });
        return this;
    }

    /// <summary>Ends the first of two looks.</summary>
    public AlertCase Turn()
    {
        Facts.Looks.Turn();
        return this;
    }

    /// <summary>Sets a threshold.</summary>
    public AlertCase Set(string name, double value)
    {
        Thresholds.Set(name, value);
        return this;
    }

    /// <summary>Changes the facts.</summary>
    public AlertCase With(Action<AlertFacts> change)
    {
        change(Facts);
        return this;
    }

    /// <summary>The results.</summary>
    public IReadOnlyList<AlertResult> All()
    {
        Facts.Looks.Complete((space, name) => Facts.Instances.TryGetValue((space ?? "", name), out AlertInstance instance) ? instance.Node : null);
        return new AlertEvaluator(Facts, Thresholds).Evaluate(Definitions);
    }

    /// <summary>The only result.</summary>
    public AlertResult One() => All().Single();
}
