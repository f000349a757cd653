using System.Text;
using KubeVirtMonitor.Files;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Puts new values in the place of old ones in the text of a kubeconfig, and leaves every other character as it is.</summary>
internal static class KubeConfigText
{
    private const int Attempts = 20;

    /// <summary>Replaces values wherever they stand in the file of an entry; under kubectl's lock, and by a new file that takes the place of the old one.</summary>
    /// <param name="entry">The entry, for its file and for messages.</param>
    /// <param name="values">Key, old value and new value. Tokens are long and random, so that an old one stands nowhere by chance.</param>
    /// <exception cref="KubernetesException">The file cannot be written, or no longer holds the old values.</exception>
    public static void Replace(KubeConfigEntry entry, params (string Key, string? Old, string New)[] values)
    {
        try
        {
            // A link stays a link: what it leads to is replaced.
            string file = File.ResolveLinkTarget(entry.File, returnFinalTarget: true)?.FullName ?? entry.File;
            using FileStream lockFile = Lock(entry.File + ".lock");
            (string text, Encoding encoding) = LocalFile.Decode(LocalFile.ReadBytes(file, KubeConfigFile.MaximumSize));
            foreach ((string key, string? old, string value) in values)
            {
                if (old is null) continue;
                if (!text.Contains(old, StringComparison.Ordinal)) throw new IOException($"{key} has changed there in the meantime");
                if (!value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~' or '+' or '/' or '=')) throw new IOException($"the new {key} holds characters that would need quoting");
                text = text.Replace(old, value, StringComparison.Ordinal);
            }

            string replacement = $"{file}.{Environment.ProcessId}.new";
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = File.GetUnixFileMode(file);
            using (FileStream target = new(replacement, options))
            {
                target.Write(encoding.Preamble);
                target.Write(encoding.GetBytes(text));
            }

            File.Move(replacement, file, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new KubernetesException(
                KubernetesError.CredentialInvalid,
                $"the issuer replaced the refresh-token of {entry.Place}, and the new one could not be written to {entry.File} ({exception.Message.TrimEnd('.')})",
                "The old one no longer works: make the file writable and log in again.",
                exception)
            { File = entry.File, Entry = entry.Place };
        }
    }

    // client-go creates the same file, exclusively, for as long as it writes.
    private static FileStream Lock(string path)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
            }
            catch (IOException) when (attempt < Attempts && File.Exists(path))
            {
                Thread.Sleep(50);
            }
        }
    }
}
