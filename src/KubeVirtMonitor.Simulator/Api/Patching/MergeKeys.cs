namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// How lists of built-in objects merge: by a key, as sets, or not at all. From the patch strategies in the types of Kubernetes 1.32.
/// </summary>
internal static class MergeKeys
{
    private static readonly Dictionary<string, string> Keys = new(StringComparer.Ordinal)
    {
        ["containers"] = "name",
        ["initContainers"] = "name",
        ["ephemeralContainers"] = "name",
        ["volumes"] = "name",
        ["env"] = "name",
        ["volumeMounts"] = "mountPath",
        ["volumeDevices"] = "devicePath",
        ["conditions"] = "type",
        ["addresses"] = "type",
        ["taints"] = "key",
        ["imagePullSecrets"] = "name",
        ["secrets"] = "name",
        ["hostAliases"] = "ip",
        ["ownerReferences"] = "uid",
        ["podIPs"] = "ip",
        ["hostIPs"] = "ip",
        ["topologySpreadConstraints"] = "topologyKey",
        ["resourceClaims"] = "name",
    };

    private static readonly HashSet<string> Sets = new(StringComparer.Ordinal) { "finalizers", "podCIDRs" };

    /// <summary>The key of the elements of a list, or null when the list does not merge by key.</summary>
    /// <param name="field">The name of the field.</param>
    /// <param name="kind">The kind of the object; ports of a Service merge by <c>port</c>, those of a container by <c>containerPort</c>.</param>
    /// <param name="path">The path of the field.</param>
    public static string? Of(string field, string kind, string path)
    {
        // Addresses of Endpoints have no type, and their subsets are replaced as a whole.
        if (kind == "Endpoints") return field == "ownerReferences" ? "uid" : null;
        if (field == "ports") return path.Contains("ontainers", StringComparison.Ordinal) ? "containerPort" : "port";
        return Keys.GetValueOrDefault(field);
    }

    /// <summary>Whether a list of plain values merges as a set.</summary>
    public static bool IsSet(string field) => Sets.Contains(field);
}
