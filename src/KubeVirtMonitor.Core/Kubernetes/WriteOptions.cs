namespace KubeVirtMonitor;

/// <summary>How a change is made.</summary>
public sealed record WriteOptions
{
    /// <summary>Everything is checked and answered as if it were done, and nothing is.</summary>
    public bool DryRun { get; init; }

    /// <summary>Who owns the fields that are set; required for <see cref="PatchKind.Apply"/>.</summary>
    public string? FieldManager { get; init; }

    /// <summary>For <see cref="PatchKind.Apply"/>: takes over fields that somebody else owns.</summary>
    public bool Force { get; init; }

    /// <summary>What happens to fields that the server does not know: <c>Strict</c> refuses them, <c>Warn</c>, <c>Ignore</c>; null = the server's way.</summary>
    public string? FieldValidation { get; init; }

    internal string ToQuery(PatchKind? patch)
    {
        List<string> parts = [];
        if (DryRun) parts.Add("dryRun=All");
        if (FieldManager is { } manager) parts.Add("fieldManager=" + Uri.EscapeDataString(manager));
        if (Force && patch == PatchKind.Apply) parts.Add("force=true");
        if (FieldValidation is { } validation) parts.Add("fieldValidation=" + Uri.EscapeDataString(validation));
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }
}
