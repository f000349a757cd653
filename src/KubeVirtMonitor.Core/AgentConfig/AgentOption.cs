using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>One option of the Agent's configuration, and how it is handled here.</summary>
internal sealed class AgentOption
{
    internal AgentOption(string name, AgentOptionPlace place, string text, string? instead = null, Func<JsonNode, bool>? unless = null)
    {
        Name = name;
        Place = place;
        Text = text;
        Instead = instead;
        IsIdle = unless ?? (static _ => false);
    }

    /// <summary>The Agent's name of it.</summary>
    public string Name { get; }

    /// <summary>Where it may stand.</summary>
    public AgentOptionPlace Place { get; }

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
