using KubeVirtMonitor.Files;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Reads the small files that a connection is made of, within bounds and with errors that name them.</summary>
internal static class ConfigFiles
{
    /// <summary>The largest certificate, key or token file, in bytes. The CA bundles of whole operating systems stay below it.</summary>
    public const long MaximumSize = 1024 * 1024;

    /// <summary>The bytes of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="maximum">The most bytes that are read.</param>
    /// <param name="entry">What names it, such as an entry of a kubeconfig; empty = nothing.</param>
    /// <param name="config">The kubeconfig of the entry; null = none.</param>
    /// <exception cref="KubernetesException">It cannot be read.</exception>
    public static byte[] ReadBytes(string path, string what, long maximum = MaximumSize, string entry = "", string? config = null)
    {
        try
        {
            return LocalFile.ReadBytes(path, maximum);
        }
        catch (FileTooLargeException exception)
        {
            throw Unreadable(path, what, entry, config, $"is larger than {exception.Most}", "Check that it is the file you mean.", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unreadable(path, what, entry, config, "does not exist", "Check the path; relative paths count from the folder of the kubeconfig.", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            bool isFolder = Directory.Exists(path);
            throw Unreadable(path, what, entry, config, isFolder ? "is a folder" : "may not be read by this user", isFolder ? "Name a file." : "Check its permissions.", exception);
        }
        catch (IOException exception)
        {
            throw Unreadable(path, what, entry, config, "cannot be read", "", exception);
        }
    }

    /// <summary>The text of a file, in UTF-8 or UTF-16.</summary>
    /// <inheritdoc cref="ReadBytes"/>
    public static string ReadText(string path, string what, long maximum = MaximumSize, string entry = "", string? config = null)
    {
        byte[] bytes = ReadBytes(path, what, maximum, entry, config);
        try
        {
            return LocalFile.Decode(bytes).Text;
        }
        catch (NotTextException exception)
        {
            throw Unreadable(path, what, entry, config, $"is no text in UTF-8 or UTF-16 ({exception.Place})", "Check that it is the file you mean, and save it as UTF-8.", exception);
        }
    }

    private static KubernetesException Unreadable(string path, string what, string entry, string? config, string problem, string advice, Exception? inner = null)
    {
        string named = entry.Length == 0 ? "" : config is null ? $", named by {entry}," : $", named by {entry} in {config},";
        return new KubernetesException(KubernetesError.FileUnreadable, $"the {what} {path}{named} {problem}", advice, inner)
        {
            File = path,
            Entry = entry.Length == 0 ? null : entry,
        };
    }
}
