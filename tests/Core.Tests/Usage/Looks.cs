using System.Text;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.Tests.Usage;

/// <summary>Feeds a tracker with scrapes that are written down in a test.</summary>
internal sealed class Looks(UsageTracker? tracker = null)
{
    private readonly Dictionary<string, TargetMemory> _memories = [];

    /// <summary>The moment from which looks are counted.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public UsageTracker Tracker { get; } = tracker ?? new UsageTracker();

    /// <summary>Scrapes a target.</summary>
    /// <param name="seconds">When, after <see cref="Start"/>.</param>
    /// <param name="text">The scrape; <c>{web}</c> stands for the labels of machine shop/web on node alpha.</param>
    /// <param name="target">The target.</param>
    /// <param name="isWhole">Whether the scrape comes to its end.</param>
    /// <param name="hasAll">Whether all machines are wanted.</param>
    /// <param name="version">The KubeVirt version.</param>
    /// <param name="component">The component.</param>
    /// <param name="keepsTable">Whether label tables are kept from scrape to scrape.</param>
    public Looks Scrape(double seconds, string text, string target = "handler", bool isWhole = true, bool hasAll = true, string? version = "1.9.0", ComponentKind component = ComponentKind.Handler, bool keepsTable = true)
    {
        if (!keepsTable || !_memories.TryGetValue(target, out TargetMemory? memory)) _memories[target] = memory = new TargetMemory();
        MappingOptions options = new() { Version = version is null ? null : KubeVirtVersion.Parse(version), NameFilter = static (name, _) => UsageTracker.Wants(name) };
        using ScrapeReader reader = new(new TargetInfo { Target = target, Component = component }, options, sample => Tracker.Add(sample), memory: memory, timestamp: Start.AddSeconds(seconds));
        reader.ReadWhole(Encoding.UTF8.GetBytes(text.Replace("{web}", "{node=\"alpha\",namespace=\"shop\",name=\"web\"}", StringComparison.Ordinal).ReplaceLineEndings("\n")));
        Tracker.EndTarget(target, isWhole, hasAll);
        return this;
    }

    /// <summary>Makes the look that goes on the one before.</summary>
    public Looks Turned()
    {
        Tracker.Turn();
        return this;
    }

    /// <summary>The usage of the only machine.</summary>
    public KubeVirtUsage One() => Tracker.Complete().Machines.Single();
}
