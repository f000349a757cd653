using System.Text;

namespace KubeVirtMonitor.Files;

/// <summary>
/// Reads the small files that people and tools keep: kubeconfigs, manifests, conf.yaml, certificates, tokens. Text may be UTF-8 or UTF-16, as
/// editors and <c>&gt;</c> of older shells on Windows write it, and a pipe is read like a file.
/// </summary>
internal static class LocalFile
{
    /// <summary>All bytes of a file.</summary>
    /// <param name="path">The file, or a pipe.</param>
    /// <param name="maximum">The most bytes that are read.</param>
    /// <exception cref="FileTooLargeException">It holds more.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a folder.</exception>
    public static byte[] ReadBytes(string path, long maximum)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        using MemoryStream bytes = new();
        byte[] buffer = new byte[16 * 1024];
        // Not by the length: a pipe (a shell's <(...)) has none.
        while (file.Read(buffer) is > 0 and int count)
        {
            bytes.Write(buffer, 0, count);
            if (bytes.Length > maximum) throw new FileTooLargeException(maximum);
        }

        return bytes.ToArray();
    }

    /// <summary>The text that bytes stand for, and how they stand for it.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <returns>The text without a byte order mark; and the encoding, whose preamble is the mark if there was one, to write it back alike.</returns>
    /// <exception cref="NotTextException">They are no text in UTF-8, UTF-16 or UTF-32.</exception>
    public static (string Text, Encoding Encoding) Decode(ReadOnlySpan<byte> bytes)
    {
        Encoding encoding = Detect(bytes);
        ReadOnlySpan<byte> text = bytes[encoding.Preamble.Length..];
        try
        {
            return (encoding.GetString(text), encoding);
        }
        catch (DecoderFallbackException exception)
        {
            string[] before = Lenient(encoding, text[..Math.Clamp(exception.Index, 0, text.Length)]).ReplaceLineEndings("\n").Split('\n');
            throw new NotTextException(before.Length, before[^1].Length + 1, exception);
        }
    }

    /// <summary>The same where not all has to be text, such as around the blocks of a bundle: what is none becomes U+FFFD.</summary>
    public static string DecodeAny(ReadOnlySpan<byte> bytes)
    {
        Encoding encoding = Detect(bytes);
        return Lenient(encoding, bytes[encoding.Preamble.Length..]);
    }

    private static string Lenient(Encoding encoding, ReadOnlySpan<byte> text)
    {
        Encoding lenient = (Encoding)encoding.Clone();
        lenient.DecoderFallback = new DecoderReplacementFallback("\uFFFD");
        return lenient.GetString(text);
    }

    // Without a mark, what begins with an ASCII character and a zero is UTF-16, by the rule of the YAML specification (5.2).
    private static Encoding Detect(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xFE, 0, 0, ..] => new UTF32Encoding(bigEndian: false, byteOrderMark: true, throwOnInvalidCharacters: true),
        [0, 0, 0xFE, 0xFF, ..] => new UTF32Encoding(bigEndian: true, byteOrderMark: true, throwOnInvalidCharacters: true),
        [0xEF, 0xBB, 0xBF, ..] => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true),
        [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
        [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
        [not 0, 0, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true),
        [0, not 0, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true),
        _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true),
    };
}

/// <summary>A file holds more than is read of its kind.</summary>
/// <param name="maximum">The most bytes that are read.</param>
internal sealed class FileTooLargeException(long maximum) : IOException($"it is larger than {Shown(maximum)}")
{
    /// <summary>The most that is read, with its unit.</summary>
    public string Most { get; } = Shown(maximum);

    private static string Shown(long maximum) => maximum < 1 << 20 ? $"{maximum >> 10} KiB" : $"{maximum >> 20} MiB";
}

/// <summary>Bytes that are no text. The message shows none of them.</summary>
/// <param name="line">The line of the first that is none, from 1.</param>
/// <param name="column">Its column, from 1.</param>
/// <param name="inner">What the decoder said.</param>
internal sealed class NotTextException(int line, int column, Exception inner) : FormatException($"line {line}, column {column}: this is not text in UTF-8 or UTF-16", inner)
{
    /// <summary>The place, as in <c>line 3, column 7</c>.</summary>
    public string Place { get; } = $"line {line}, column {column}";
}
