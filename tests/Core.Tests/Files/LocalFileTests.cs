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
        Encoding plain = name switch
        {
            "UTF-16LE" => new UnicodeEncoding(false, false),
            "UTF-16BE" => new UnicodeEncoding(true, false),
            "UTF-32LE" => new UTF32Encoding(false, false),
            "UTF-32BE" => new UTF32Encoding(true, false),
            _ => new UTF8Encoding(false),
        };
        byte[] file = [.. mark, .. plain.GetBytes(Text)];
        (string text, Encoding encoding) = LocalFile.Decode(file);
        Assert.Equal(Text, text);
        Assert.Equal(file, (byte[])[.. encoding.GetPreamble(), .. encoding.GetBytes(text)]);
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0xFF })]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x00, 0xD8 })]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61 })]
    public void BytesThatAreNoTextAreAnError(byte[] file) =>
        Assert.Contains("UTF-8 or UTF-16", Assert.Throws<FormatException>(() => LocalFile.Decode(file)).Message, StringComparison.Ordinal);

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
}
