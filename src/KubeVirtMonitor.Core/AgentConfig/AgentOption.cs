using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>One option of the Agent's configuration, and how it is handled here.</summary>
internal sealed class AgentOption
{
    internal AgentOption(string name, AgentOptionPlace place, AgentOptionReach reach, string text, string? instead = null, Func<JsonNode, bool>? unless = null)
    {
        Name = name;
        Place = place;
        Reach = reach;
        Text = text;
        Instead = instead;
        IsIdle = unless ?? (static _ => false);
    }

    /// <summary>The Agent's name of it.</summary>
    public string Name { get; }

    /// <summary>Where it may stand.</summary>
    public AgentOptionPlace Place { get; }

    /// <summary>Which of the Agent's checks read it, and for what.</summary>
    public AgentOptionReach Reach { get; }

    /// <summary>Whether a check of the Agent reads it at all.</summary>
    public bool IsReadBy(AgentCheck check) => Reach switch
    {
        AgentOptionReach.Both or AgentOptionReach.Health => true,
        AgentOptionReach.OpenMetrics => check == AgentCheck.OpenMetrics,
        AgentOptionReach.KubeVirt => check == AgentCheck.KubeVirt,
        _ => false,
    };

    /// <summary>Whether the scrape of the KubeVirt checks changes with it where it stands in an instance.</summary>
    public bool ReachesKubeVirtScrape => Reach is AgentOptionReach.Both or AgentOptionReach.KubeVirt;

    /// <summary>Whether it does here what it does in the Agent.</summary>
    public bool IsHonoured => Instead is null;

    /// <summary>What it does; of an option that is not honoured, what it would do in the Agent.</summary>
    public string Text { get; }

    /// <summary>What to use instead; null for what is honoured.</summary>
    public string? Instead { get; }

    /// <summary>Whether a value asks for nothing that would be missed here.</summary>
    internal Func<JsonNode, bool> IsIdle { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Where an option of the Agent is allowed.</summary>
internal enum AgentOptionPlace
{
    /// <summary>At the top of the file.</summary>
    File,

    /// <summary>In an instance.</summary>
    Instance,

    /// <summary>In an instance, or in <c>init_config</c> for all instances that do not say otherwise.</summary>
    InstanceOrInit,
}

/// <summary>Which checks of the Agent read an option. The three KubeVirt checks build the configuration of their scrape anew, out of a few options.</summary>
internal enum AgentOptionReach
{
    /// <summary>The check openmetrics and the KubeVirt checks.</summary>
    Both,

    /// <summary>The check openmetrics alone; the KubeVirt checks do not hand it on.</summary>
    OpenMetrics,

    /// <summary>The check openmetrics for the scrape, and the KubeVirt checks for the health request alone; those hand on to the scrape what is in <c>init_config</c>.</summary>
    Health,

    /// <summary>The KubeVirt checks alone.</summary>
    KubeVirt,

    /// <summary>None of them.</summary>
    None,
}
