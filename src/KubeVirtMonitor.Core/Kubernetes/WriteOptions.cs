namespace KubeVirtMonitor;

/// <summary>How a change is made.</summary>
public sealed record WriteOptions
{
    /// <summary>Everything is checked and answered as if it were done, and nothing is.</summary>
    public bool DryRun { get; init; }

    /// <summary>Who owns the fields that are set; required for <see cref="PatchKind.Apply"/>. A delete sets none, and goes without.</summary>
    public string? FieldManager { get; init; }

    /// <summary>For <see cref="PatchKind.Apply"/>: takes over fields that somebody else owns.</summary>
    public bool Force { get; init; }

    /// <summary>What happens to fields that the server does not know: <c>Strict</c> refuses them, <c>Warn</c>, <c>Ignore</c>; null = the server's way. A delete brings none.</summary>
    public string? FieldValidation { get; init; }

    internal string ToQuery(HttpMethod method, PatchKind? patch)
    {
        List<string> parts = [];
        bool hasFields = method != HttpMethod.Delete;
        if (DryRun) parts.Add("dryRun=All");
        if (hasFields && FieldManager is { } manager) parts.Add("fieldManager=" + Uri.EscapeDataString(manager));
        if (Force && patch == PatchKind.Apply) parts.Add("force=true");
        if (hasFields && FieldValidation is { } validation) parts.Add("fieldValidation=" + Uri.EscapeDataString(validation));
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }
}
