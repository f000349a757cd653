namespace KubeVirtMonitor.AgentConfig;

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
