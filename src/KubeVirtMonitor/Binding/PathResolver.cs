using System.Management.Automation;
using KubeVirtMonitor.Errors;

namespace KubeVirtMonitor.Binding;

/// <summary>Paths of PowerShell, with wildcards and drives, into paths of files.</summary>
/// <param name="session">The session whose location and drives count.</param>
/// <param name="onError">Receives an error for each path that leads to no file.</param>
internal sealed class PathResolver(SessionState session, Action<ErrorRecord> onError)
{
    /// <summary>The files a path stands for; what leads to none gives an error and nothing else.</summary>
    /// <param name="path">The path.</param>
    /// <param name="isLiteral">Whether wildcard characters in it stand for themselves.</param>
    public IEnumerable<string> Resolve(string path, bool isLiteral)
    {
        if (IsAddress(path))
        {
            onError(ErrorRecords.PathIsAddress(path));
            yield break;
        }

        if (Expand(path, isLiteral) is not { } files) yield break;
        if (files.Count == 0) onError(ErrorRecords.NoMatch(path));
        foreach (string file in files)
        {
            if (Directory.Exists(file)) onError(ErrorRecords.IsDirectory(file));
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
            onError(ErrorRecords.NoFileSystem(path, provider.Name));
        }
        catch (ItemNotFoundException e)
        {
            onError(ErrorRecords.FileNotFound(path, e));
        }
        catch (WildcardPatternException e)
        {
            onError(ErrorRecords.BadPattern(path, e));
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
