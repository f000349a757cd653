namespace KubeVirtMonitor.AgentConfig;

/// <summary>The labels that the series of one scrape share.</summary>
internal sealed class SharedLabels(IReadOnlyList<SharedLabelRule> rules)
{
    private readonly List<KeyValuePair<string, string>> _forAll = [];
    private readonly List<(KeyValuePair<string, string>[] Match, KeyValuePair<string, string>[] Labels)> _forSome = [];

    /// <summary>Takes what a series shares.</summary>
    public void Collect(string family, IReadOnlyList<KeyValuePair<string, string>> labels, double value)
    {
        foreach (SharedLabelRule rule in rules)
        {
            if (rule.Family != family || (rule.Values.Count > 0 && !rule.Values.Contains(value))) continue;
            KeyValuePair<string, string>[] shared = [.. labels.Where(label => rule.Labels.Count == 0 || rule.Labels.Contains(label.Key))];
            if (rule.Match.Count == 0)
            {
                _forAll.AddRange(shared);
                continue;
            }

            KeyValuePair<string, string>[] match = [.. labels.Where(label => rule.Match.Contains(label.Key))];
            if (match.Length == rule.Match.Count) _forSome.Add((match, shared));
        }
    }

    /// <summary>Adds to a series what others share with it; a shared label goes before its own of that name, and a later one before an earlier.</summary>
    public void Populate(List<KeyValuePair<string, string>> labels)
    {
        KeyValuePair<string, string>[] own = [.. labels];
        foreach (KeyValuePair<string, string> label in _forAll) Set(labels, label);
        foreach ((KeyValuePair<string, string>[] match, KeyValuePair<string, string>[] shared) in _forSome)
        {
            if (!Array.TrueForAll(match, own.Contains)) continue;
            foreach (KeyValuePair<string, string> label in shared) Set(labels, label);
        }
    }

    private static void Set(List<KeyValuePair<string, string>> labels, KeyValuePair<string, string> label)
    {
        int place = labels.FindIndex(other => other.Key == label.Key);
        if (place < 0) labels.Add(label);
        else labels[place] = label;
    }
}
