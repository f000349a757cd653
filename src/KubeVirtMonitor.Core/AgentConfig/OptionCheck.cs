using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Names the options that are not applied here, and those that nobody knows.</summary>
internal static class OptionCheck
{
    public static void File(JsonObject root, OptionWarnings warnings)
    {
        foreach ((string name, JsonNode? value) in root)
        {
            if (value is null) continue;
            AgentOption? option = AgentOptions.Find(name);
            if (option is null) warnings.Add(Unknown(name), 0);
            else if (option.Place != AgentOptionPlace.File) warnings.Add($"{name} stands at the top of the file, where the Agent does not read it. Put it into the instance.", 0);
            else Judge(option, value, text => warnings.Add(text, 0));
        }
    }

    public static void Init(JsonObject init, OptionWarnings warnings)
    {
        foreach ((string name, JsonNode? value) in init)
        {
            if (value is null) continue;
            AgentOption? option = AgentOptions.Find(name);
            if (option is null) warnings.Add(Unknown("init_config." + name), 0);
            else if (option.Place != AgentOptionPlace.InstanceOrInit) warnings.Add($"{name} stands in init_config, where the Agent does not read it. Put it into the instance.", 0);
        }
    }

    public static void Instance(JsonObject options, InstanceScope scope)
    {
        foreach ((string name, JsonNode? value) in options)
        {
            if (value is null) continue;
            AgentOption? option = AgentOptions.Find(name);
            if (option is null) scope.Warn(Unknown(name));
            else if (option.Place == AgentOptionPlace.File) scope.Warn($"{name} stands in an instance, where the Agent does not read it. Put it at the top of the file.");
            else Judge(option, value, scope.Warn);
        }
    }

    private static void Judge(AgentOption option, JsonNode value, Action<string> warn)
    {
        if (!option.IsHonoured && !option.IsIdle(value)) warn($"{option.Name} is not applied: in the Agent it {option.Text}. {option.Instead}");
    }

    private static string Unknown(string name) => $"{(name.Length <= 60 ? name : name[..60] + "...")} is unknown, and not applied. Check its spelling; docs/agent-config.md lists the options.";
}

/// <summary>What a user should know of the options of a file: each thing once, with the instances it is true of.</summary>
/// <param name="path">The file.</param>
internal sealed class OptionWarnings(string path)
{
    private readonly List<(string Text, SortedSet<int> Instances)> _all = [];

    /// <summary>Adds one.</summary>
    /// <param name="text">A sentence or two.</param>
    /// <param name="instance">The instance, from 1; 0 for the file.</param>
    public void Add(string text, int instance)
    {
        int known = _all.FindIndex(other => other.Text == text);
        if (known < 0) _all.Add((text, [instance]));
        else _all[known].Instances.Add(instance);
    }

    public IReadOnlyList<string> ToSentences() => [.. _all.Select(warning => $"{path}{Place(warning.Instances)}: {warning.Text}")];

    private static string Place(SortedSet<int> instances) => instances switch
    {
        _ when instances.Contains(0) => "",
        { Count: 1 } => $", instance {instances.Min}",
        _ => $", instances {string.Join(", ", instances)}",
    };
}
