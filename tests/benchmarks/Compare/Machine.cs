using System.Globalization;
using System.Runtime.InteropServices;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>What the figures were measured on, without anything that names the machine.</summary>
internal static class Machine
{
    /// <summary>Lines of a Markdown list.</summary>
    public static IEnumerable<string> Describe()
    {
        yield return $"- CPU: {Field("/proc/cpuinfo", "model name", ':') ?? "unknown"}, {Environment.ProcessorCount} cores";
        double gigabytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        yield return string.Create(CultureInfo.InvariantCulture, $"- Memory: {gigabytes:F0} GB");
        yield return $"- System: {Field("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"') ?? RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}";
        yield return $"- Runtime: {RuntimeInformation.FrameworkDescription}";
        yield return $"- PowerShell {PowerShell.Version}";
        if (Command.Ask("kubectl", "version", "--client") is { } kubectl) yield return $"- kubectl: {kubectl.Split('\n')[0].Replace("Client Version: ", "", StringComparison.Ordinal)}";
        foreach ((string title, string package) in Packages)
        {
            if (Command.Ask("dpkg-query", "-W", "-f", "${Version}", package) is { Length: > 0 } version)
                yield return $"- {title}: {package} {version}";
        }
    }

    private static (string Title, string Package)[] Packages =>
    [
        ("Go", "golang-go"),
        ("expfmt", "golang-github-prometheus-common-dev"),
        ("prometheus_client", "python3-prometheus-client"),
        ("Prometheus", "prometheus"),
    ];

    private static string? Field(string file, string name, char separator) =>
        !File.Exists(file) ? null : File.ReadLines(file)
            .Select(line => line.Split(separator, 2))
            .FirstOrDefault(pair => pair.Length == 2 && pair[0].Trim() == name)?[1].Trim();
}
