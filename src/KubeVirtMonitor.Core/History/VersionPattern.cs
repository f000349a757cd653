using System.Globalization;
using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.History;

/// <summary>Regular expressions, in RE2, that fit the texts of KubeVirt versions.</summary>
internal static class VersionPattern
{
    private const int Digits = 10;

    /// <summary>Fits the versions that use a name for something, among the versions that are known.</summary>
    /// <param name="raws">The name, once for each span of versions.</param>
    public static string Of(IEnumerable<RawMetric> raws)
    {
        string[] minors = [.. raws.SelectMany(static raw => MetricCatalog.KnownVersions.Select(known => MinorOf(known, raw)).OfType<string>()).Distinct()];
        return $"v?(?:{string.Join('|', minors)})(?:[-+].*)?";
    }

    private static string? MinorOf(KubeVirtVersion minor, RawMetric raw)
    {
        int first = raw.Since is { } since ? PatchOf(since, minor) : 0;
        int end = raw.Until is { } until ? PatchOf(until, minor) : int.MaxValue;
        if (first >= end) return null;
        // Patches that tell names apart have one digit; a test keeps that so.
        if (first >= Digits || end is > Digits and < int.MaxValue) throw new InvalidOperationException($"{raw.Name} changes its meaning at a patch of two digits.");
        string patch = (first, end) switch
        {
            (0, int.MaxValue) => "\\d+",
            (_, int.MaxValue) => string.Create(CultureInfo.InvariantCulture, $"(?:[{first}-9]|\\d\\d+)"),
            _ => string.Create(CultureInfo.InvariantCulture, $"[{first}-{end - 1}]"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{minor.Major}\\.{minor.Minor}\\.{patch}");
    }

    // The patch of a minor version at which another version stands: before all of them, after all of them, or between.
    private static int PatchOf(KubeVirtVersion version, KubeVirtVersion minor) =>
        (version.Major, version.Minor).CompareTo((minor.Major, minor.Minor)) switch
        {
            < 0 => 0,
            > 0 => int.MaxValue,
            _ => version.Patch,
        };
}
