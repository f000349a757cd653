using System.Text;
using KubeVirtMonitor.Files;

namespace KubeVirtMonitor.Probes;

/// <summary>The text of a manifest file, which is written back in the encoding it was read in.</summary>
internal sealed class ManifestFile
{
    private const long MaximumSize = 64 << 20;

    private readonly Encoding _encoding;

    private ManifestFile(string path, string text, Encoding encoding)
    {
        Path = path;
        Text = text;
        _encoding = encoding;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The text, without a byte order mark.</summary>
    public string Text { get; }

    /// <summary>Reads a file in UTF-8 or UTF-16.</summary>
    /// <exception cref="FormatException">The bytes are no text in these encodings; the message names line and column.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static ManifestFile Read(string path)
    {
        (string text, Encoding encoding) = LocalFile.Decode(LocalFile.ReadBytes(path, MaximumSize));
        return new ManifestFile(path, text, encoding);
    }

    /// <summary>Writes another text to the file.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Write(string text) => File.WriteAllBytes(Path, [.. _encoding.GetPreamble(), .. _encoding.GetBytes(text)]);
}
