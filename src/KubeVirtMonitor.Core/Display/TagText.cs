using System.Text;

namespace KubeVirtMonitor.Display;

/// <summary>Tags on one line, with those that distinguish series first.</summary>
public static class TagText
{
    private const string VmiLabelPrefix = "kubernetes_vmi_label_";
    private const string SessionNode = "kube_node";

    private static readonly string[] First = ["upper_bound", "quantile", "phase"];
    private static readonly string[] Namespaces = ["vm_namespace", "exported_namespace", "namespace"];
    private static readonly string[] Names = ["name", "vmi", "vm_name"];
    private static readonly string[] Last = ["node", "endpoint", "pod_name", "kube_namespace"];

    /// <summary>
    /// The name of a sample, with what tells it from others of its machine in braces: its own tags, its node or else its pod, and its cluster where that is not the default
    /// one or the server names it, since two clusters may have the same machines. Labels of the VMI, and whose it is, stand elsewhere.
    /// </summary>
    /// <param name="sample">The sample.</param>
    public static string NameOf(MetricSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        TagSet tags = sample.Tags;
        StringBuilder text = new();
        foreach (string key in First) Append(text, tags, key);
        foreach ((string key, string value) in tags)
        {
            bool isIdentity = sample.Vmi is not null && (value == sample.Vmi ? Array.IndexOf(Names, key) >= 0 : value == sample.Namespace && Array.IndexOf(Namespaces, key) >= 0);
            if (!IsPlaced(key) && !isIdentity && key != SessionNode && !key.StartsWith(VmiLabelPrefix, StringComparison.Ordinal)) Append(text, tags, key);
        }

        if (sample.Node is { } node) Separated(text).Append("node=").Append(node);
        else Append(text, tags, "pod_name");
        if (sample.Session is { IsDefault: false } other) Separated(text).Append("cluster=").Append(other);
        // The result of a query has it among its labels.
        else if (sample.Session is null && sample.Cluster is { } cluster && !tags.Values.Contains(cluster)) Separated(text).Append("cluster=").Append(cluster);
        return text.Length == 0 ? sample.Name : $"{sample.Name} {{{text}}}";
    }

    /// <summary>
    /// Bucket bounds or phase, the machine as <c>namespace/name</c>, then <c>key=value</c> pairs: the series' own in their order, its node,
    /// the target's, and the labels of the VMI.
    /// </summary>
    /// <param name="tags">The tags.</param>
    internal static string Of(TagSet tags)
    {
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
