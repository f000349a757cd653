using System.Globalization;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Display;

/// <summary>How the scrape of a target went, on one line.</summary>
internal static class ResultText
{

    /// <summary>Bytes, series, samples, component, version and how it is known, and how long it took.</summary>
    /// <param name="result">The result.</param>
    public static string Of(ScrapeResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        List<string> parts = [Bytes(result), .. OfSummary(result)];
        if (result.Attempts > 1) parts.Add(Counted(result.Attempts, "attempt"));
        if (result.RedirectedTo is { } other) parts.Add($"redirected to {other}");
        if (result.Error is { } error) parts.Add($"failed: {error.Id}");
        parts.Add(ValueText.Of(result.Latency.TotalSeconds, "second", CultureInfo.InvariantCulture));
        return $"{result.Target.Name}: {string.Join("; ", parts)}";
    }

    private static string Bytes(ScrapeResult result)
    {
        string text = ValueText.Of(result.BodyBytes, "byte", CultureInfo.InvariantCulture);
        return result.WireBytes == result.BodyBytes ? text : $"{text} ({ValueText.Of(result.WireBytes, "byte", CultureInfo.InvariantCulture)} compressed)";
    }

    private static IEnumerable<string> OfSummary(ScrapeResult result)
    {
        if (result.Summary is not { } summary) yield break;
        yield return $"{Number(summary.Series)} series";
        yield return Counted(result.Samples, "sample");
        if (summary.Defects > 0) yield return Counted(summary.Defects, "defect");
        yield return summary.Component is { } component ? ComponentFacts.NameOf(component) : "component not recognised";
        yield return OfVersion(summary);
    }

    private static string OfVersion(ScrapeSummary summary) => summary.VersionSource switch
    {
        VersionSource.Scrape => $"KubeVirt {summary.Version}, from the scrape",
        VersionSource.User => $"KubeVirt {summary.Version}, from the caller",
        VersionSource.Inferred => $"KubeVirt {summary.Version} or later, inferred from its names",
        _ => "KubeVirt version unknown",
    };

    private static string Counted(long count, string noun) => $"{Number(count)} {(count == 1 ? noun : noun + "s")}";

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
