namespace KubeVirtMonitor.Kubernetes;

/// <summary>Reads the small files that a connection is made of, within bounds and with errors that name them.</summary>
internal static class ConfigFiles
{
    /// <summary>The largest certificate, key or token file, in bytes. The CA bundles of whole operating systems stay below it.</summary>
    public const long MaximumSize = 1024 * 1024;

    public static byte[] ReadBytes(string path, string what, long maximum = MaximumSize, string entry = "", string? config = null)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            using MemoryStream bytes = new();
            byte[] buffer = new byte[16 * 1024];
            // Not by the length: a pipe (a shell's <(...)) has none.
            while (file.Read(buffer) is > 0 and int count)
            {
                bytes.Write(buffer, 0, count);
                if (bytes.Length > maximum)
                    throw Unreadable(path, what, entry, config, $"is larger than {maximum / 1024} KiB", "Check that it is the file you mean.");
            }

            return bytes.ToArray();
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
