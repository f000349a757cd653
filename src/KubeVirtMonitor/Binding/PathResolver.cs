using System.Management.Automation;
using KubeVirtMonitor.Errors;

namespace KubeVirtMonitor.Binding;

/// <summary>Paths of PowerShell, with wildcards and drives, into paths of files.</summary>
/// <param name="session">The session whose location and drives count.</param>
/// <param name="kind">What the files are, for errors.</param>
/// <param name="onError">Receives an error for each path that leads to no file.</param>
internal sealed class PathResolver(SessionState session, FileKind kind, Action<ErrorRecord> onError)
{
    /// <summary>The files a path stands for; what leads to none gives an error and nothing else.</summary>
    /// <param name="path">The path.</param>
    /// <param name="isLiteral">Whether wildcard characters in it stand for themselves.</param>
    public IEnumerable<string> Resolve(string path, bool isLiteral)
    {
        if (IsAddress(path))
        {
            onError(ErrorRecords.PathIsAddress(path, kind));
            yield break;
        }

        if (Expand(path, isLiteral) is not { } files) yield break;
        if (files.Count == 0) onError(ErrorRecords.NoMatch(path, kind));
        foreach (string file in files)
        {
            if (Directory.Exists(file)) onError(ErrorRecords.IsDirectory(file, kind));
            else yield return file;
        }
    }

    private IReadOnlyCollection<string>? Expand(string path, bool isLiteral)
    {
        try
        {
            ProviderInfo provider;
            IReadOnlyCollection<string> files = isLiteral
                ? [session.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _)]
                : session.Path.GetResolvedProviderPathFromPSPath(path, out provider);
            if (provider.Name == "FileSystem") return files;
            onError(ErrorRecords.NoFileSystem(path, provider.Name, kind));
        }
        catch (ItemNotFoundException e)
        {
            onError(ErrorRecords.FileNotFound(path, kind, e));
        }
        catch (WildcardPatternException e)
        {
            onError(ErrorRecords.BadPattern(path, e, kind));
        }
        catch (SessionStateException e)
        {
            onError(ErrorRecords.BadPath(path, e));
        }

        return null;
    }

    private static bool IsAddress(string path) =>
        path.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || path.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}

/// <summary>What files are to a cmdlet.</summary>
/// <param name="One">One of them, such as <c>a saved scrape</c>.</param>
/// <param name="Many">Many of them, such as <c>scrapes</c>.</param>
/// <param name="Pattern">A wildcard for them.</param>
/// <param name="Parameter">The parameter that takes their paths.</param>
/// <param name="Advice">What else than a file can be given.</param>
internal sealed record FileKind(string One, string Many, string Pattern, string Parameter, string Advice)
{
    /// <summary>Saved scrapes.</summary>
    public static FileKind Scrape { get; } = new("a saved scrape", "scrapes", "*.prom", "-Path", "pipe the text to the cmdlet");

    /// <summary>Manifests with probes.</summary>
    public static FileKind Manifest { get; } = new("a manifest", "manifests", "*.yaml", "-Path", "name machines of a cluster with -Name");

    /// <summary>Configurations of the Datadog Agent.</summary>
    public static FileKind AgentConfig { get; } = new("a configuration of the Datadog Agent", "configurations", "*.yaml", "-AgentConfig", "copy the file first");
}
