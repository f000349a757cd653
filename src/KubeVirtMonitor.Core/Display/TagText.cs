using System.Text;

namespace KubeVirtMonitor.Display;

/// <summary>Tags on one line, with those that distinguish series first.</summary>
public static class TagText
{
    private const string VmiLabelPrefix = "kubernetes_vmi_label_";

    private static readonly string[] First = ["upper_bound", "quantile", "phase"];
    private static readonly string[] Namespaces = ["vm_namespace", "namespace"];
    private static readonly string[] Names = ["name", "vmi"];
    private static readonly string[] Last = ["node", "endpoint", "pod_name", "kube_namespace"];

    /// <summary>
    /// Bucket bounds or phase, the machine as <c>namespace/name</c>, then <c>key=value</c> pairs: the series' own in their order, its node,
    /// the target's, and the labels of the VMI.
    /// </summary>
    /// <param name="tags">The tags.</param>
    public static string Of(TagSet tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        StringBuilder text = new();
        foreach (string key in First) Append(text, tags, key);
        string? ns = Array.Find(Namespaces, tags.ContainsKey);
        string? name = Array.Find(Names, tags.ContainsKey);
        bool isMachine = ns is not null && name is not null;
        if (isMachine) Separated(text).Append(tags[ns!]).Append('/').Append(tags[name!]);
        foreach (string key in tags.Keys)
        {
            if (!IsPlaced(key) && !key.StartsWith(VmiLabelPrefix, StringComparison.Ordinal) && !(isMachine && (key == ns || key == name))) Append(text, tags, key);
        }

        foreach (string key in Last) Append(text, tags, key);
        foreach (string key in tags.Keys)
        {
            if (key.StartsWith(VmiLabelPrefix, StringComparison.Ordinal)) Append(text, tags, key);
        }

        return text.ToString();
    }

    private static bool IsPlaced(string key) => Array.IndexOf(First, key) >= 0 || Array.IndexOf(Last, key) >= 0;

    private static void Append(StringBuilder text, TagSet tags, string key)
    {
        if (tags.TryGetValue(key, out string? value)) Separated(text).Append(key).Append('=').Append(value);
    }

    private static StringBuilder Separated(StringBuilder text) => text.Length == 0 ? text : text.Append(", ");
}
