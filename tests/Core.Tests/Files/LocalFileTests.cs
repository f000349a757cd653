using System.Text;
using KubeVirtMonitor.Files;
using Xunit;

namespace KubeVirtMonitor.Tests.Files;

/// <summary>Files as people's editors and shells save them.</summary>
public sealed class LocalFileTests
{
    private const string Text = "kind: Config\nname: höhe 日本\n";

    public static TheoryData<string, byte[]> Encodings => new()
    {
        { "UTF-8", [] },
        { "UTF-8", [0xEF, 0xBB, 0xBF] },
        { "UTF-16LE", [0xFF, 0xFE] },
        { "UTF-16LE", [] },
        { "UTF-16BE", [0xFE, 0xFF] },
        { "UTF-16BE", [] },
        { "UTF-32LE", [0xFF, 0xFE, 0, 0] },
        { "UTF-32BE", [0, 0, 0xFE, 0xFF] },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void TextIsReadInItsEncodingAndCanBeWrittenBackAlike(string name, byte[] mark)
    {
        Encoding plain = Unmarked(name);
        byte[] file = [.. mark, .. plain.GetBytes(Text)];
        (string text, Encoding encoding) = LocalFile.Decode(file);
        Assert.Equal(Text, text);
        Assert.Equal(file, (byte[])[.. encoding.GetPreamble(), .. encoding.GetBytes(text)]);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF }, "line 1, column 1")]
    [InlineData(new byte[] { 0x61, 0xFF }, "line 1, column 2")]
    // "a: b", a line end of Windows, then "é" and "é" as Latin-1 writes it.
    [InlineData(new byte[] { 0x61, 0x3A, 0x20, 0x62, 0x0D, 0x0A, 0xC3, 0xA9, 0xE9, 0x0A }, "line 2, column 2")]
    // A character of three bytes that is cut at the end of the file.
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 0x61, 0x0A, 0x0A, 0xE6, 0x97 }, "line 3, column 1")]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x00, 0xD8 }, "line 1, column 1")]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61 }, "line 1, column 1")]
    [InlineData(new byte[] { 0xFE, 0xFF, 0x00, 0x61, 0x00, 0x0A, 0x00, 0x62, 0xDC, 0x00, 0x00, 0x63 }, "line 2, column 2")]
    public void BytesThatAreNoTextAreAnErrorWithItsPlace(byte[] file, string place)
    {
        NotTextException error = Assert.Throws<NotTextException>(() => LocalFile.Decode(file));
        Assert.Equal($"{place}: this is not text in UTF-8 or UTF-16", error.Message);
        Assert.Equal(place, error.Place);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void WhereNotAllHasToBeTextTheRestIsRead(string name, byte[] mark)
    {
        Encoding plain = Unmarked(name);
        byte[] odd = name == "UTF-8" ? [0xE9] : name.StartsWith("UTF-16", StringComparison.Ordinal) ? (name[^2] == 'L' ? [0x00, 0xD8] : [0xD8, 0x00]) : [0xFF, 0xFF, 0xFF, 0xFF];
        Assert.Equal("a\uFFFDb", LocalFile.DecodeAny([.. mark, .. plain.GetBytes("a"), .. odd, .. plain.GetBytes("b")]));
    }

    [Fact]
    public void AnEmptyFileIsAnEmptyText() => Assert.Equal("", LocalFile.Decode([]).Text);

    [Fact]
    public void MoreThanTheMostIsAnErrorAndExactlyTheMostIsNot()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, new byte[20_000]);
            Assert.Equal(20_000, LocalFile.ReadBytes(path, 20_000).Length);
            Assert.Equal("it is larger than 19 KiB", Assert.Throws<FileTooLargeException>(() => LocalFile.ReadBytes(path, 19_999)).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Encoding Unmarked(string name) => name switch
    {
        "UTF-16LE" => new UnicodeEncoding(false, false),
        "UTF-16BE" => new UnicodeEncoding(true, false),
        "UTF-32LE" => new UTF32Encoding(false, false),
        "UTF-32BE" => new UTF32Encoding(true, false),
        _ => new UTF8Encoding(false),
    };
}
