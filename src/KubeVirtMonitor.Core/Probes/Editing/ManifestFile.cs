using System.Text;

namespace KubeVirtMonitor;

/// <summary>The text of a manifest file, which is written back in the encoding it was read in.</summary>
public sealed class ManifestFile
{
    private static readonly Encoding[] Marked =
    [
        new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true),
        new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
        new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
    ];

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

    /// <summary>Reads a file: UTF-8, or UTF-16 with a byte order mark.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FormatException">The bytes are no text in these encodings.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static ManifestFile Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        Encoding? marked = Array.Find(Marked, encoding => bytes.AsSpan().StartsWith(encoding.Preamble));
        Encoding encoding = marked ?? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        try
        {
            return new ManifestFile(path, encoding.GetString(bytes.AsSpan(encoding.Preamble.Length)), encoding);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException("the file is no text in UTF-8, nor in UTF-16 with a byte order mark", exception);
        }
    }

    /// <summary>Writes another text to the file.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Write(string text) => File.WriteAllBytes(Path, [.. _encoding.GetPreamble(), .. _encoding.GetBytes(text)]);
}
