using CsCheck;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Yaml;
using Xunit;

namespace KubeVirtMonitor.Tests.Yaml;

/// <summary>Whatever a text is, reading it gives documents, or defects with line and column, and nothing else.</summary>
public sealed class AnyTextTests
{
    private static readonly string[] Seeds =
    [
        "apiVersion: v1\nkind: Config\nclusters:\n- name: a\n  cluster: {server: \"https://a:6443\", certificate-authority-data: !!binary aGk=}\nusers: []\n",
        "# check\ninstances:\n  - kubevirt_api_metrics_endpoint: 'https://%%host%%:443/metrics'\n    tags: [a:b, \"c\"]\n    x: &d {e: 1}\n    y:\n      <<: *d\n      z: |+\n        text\n\n",
        "kind: VirtualMachine\nspec:\n  template:\n    spec:\n      readinessProbe:\n        exec:\n          command: [cat, /tmp/healthy]\n        periodSeconds: 20\n      domain: {devices: {}}\n---\n? k\n: v\n--- # c\n>-\n  folded\n  text\n...\n%TAG !e! tag:x,2000:\n---\n- !e!f g\n- - h\n",
        "{\"kind\": \"List\", \"items\": [{\"a\": \"\\u00e9\\n\", \"b\": [1, 2.5e3, null, true]}]}\n",
    ];

    private static readonly string[] Pieces =
    [
        "[", "]", "{", "}", ",", ":", ": ", "- ", "-", "\t", " ", "\n", "\"", "'", "#", " #", "&a ", "*a", "!", "!!str ", "!<", "|", ">", "|-\n", "%", "@", "`", "? ", "<<: ", "---\n", "...\n", "\r", "\r\n", "\n\n",
        "\uFEFF", "\u0085", "\u2028", "\0", "\u0007", "😀", "\ud83d", "\ude00", "~", "=", "%YAML 1.2\n", "\\", "\\x4", "\\U00110000", "{{", "}}", "|9", ">1+", "!!int ", ".inf", "0x", "\uFFFF",
    ];

    // Takes out a few characters, puts a piece in, or says the beginning again, at some part of the length.
    private static readonly Gen<Func<string, string>> Edits = Gen.Double.Unit.SelectMany(at => Gen.Frequency<Func<string, string>>(
        (6, Gen.Int[1, 11].Select(length => new Func<string, string>(text => text.Remove(Place(text, at), Math.Min(length, text.Length - Place(text, at)))))),
        (2, Gen.Const(new Func<string, string>(text => text + text[..Place(text, at)]))),
        (10, Gen.OneOf(Pieces).Select(piece => new Func<string, string>(text => text.Insert(Place(text, at), piece))))));

    [Fact]
    public void EveryBeginningOfATextIsReadOrRefused()
    {
        foreach (string seed in Seeds)
        {
            for (int length = 0; length <= seed.Length; length++) Read(seed[..length]);
        }
    }

    [Fact]
    public void EveryMutationOfATextIsReadOrRefused() => Gen.Select(Gen.OneOf(Seeds), Edits.Array[1, 3]).Sample(
        (seed, edits) => Read(edits.Aggregate(seed, (text, edit) => edit(text))),
        iter: 20_000,
        print: mutation => mutation.Item2.Aggregate(mutation.Item1, (text, edit) => edit(text)));

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{a: ", "}")]
    [InlineData("- ", "")]
    [InlineData("? ", "")]
    [InlineData("[{", "")]
    [InlineData("&a ", "")]
    [InlineData("!!a ", "")]
    [InlineData("'", "")]
    [InlineData("\n", "")]
    [InlineData(" ", "x")]
    [InlineData("x ", "")]
    [InlineData("a: b\n", "")]
    [InlineData("---\n", "")]
    [InlineData("\"\\\n", "")]
    [InlineData("|\n", "")]
    [InlineData("a: |\n  x\n", "")]
    [InlineData("#", "")]
    public void ManyOfAKindAreReadInTimeThatGrowsWithThem(string piece, string behind)
    {
        string text = string.Concat(Enumerable.Repeat(piece, 100_000)) + string.Concat(Enumerable.Repeat(behind, 100_000));
        System.Diagnostics.Stopwatch time = System.Diagnostics.Stopwatch.StartNew();
        Read(text);
        // Quadratic work on as many takes minutes.
        Assert.True(time.Elapsed < TimeSpan.FromSeconds(30), $"{time.Elapsed} for {text.Length} characters");
    }

    [Theory]
    [InlineData("a: [b, c\nd: e\n", 2, 2, "between [ of line 1, column 4 and its ] a comma or ]")]
    [InlineData("a: {b: c\n", 2, 1, "between { of line 1, column 4 and its } a comma or }")]
    [InlineData("a: {path: /x?y}\n", 1, 13, "a question mark needs quotes")]
    [InlineData("a: \"open\n", 1, 4, "the quote that opens here")]
    [InlineData("a: b: c\n", 1, 5, "a colon with a value is not allowed here")]
    [InlineData("a:\n\t- b\n", 2, 1, "a tab is used for indentation")]
    [InlineData("a: |\n\tb\n", 2, 1, "a tab is used for indentation")]
    [InlineData("a: b\n c: d\n", 2, 3, "a colon with a value is not allowed here")]
    [InlineData("a:\n  b: c\n d: e\n", 3, 2, "in the mapping that starts at line 1")]
    [InlineData("a: [b]c\n", 1, 7, "text after a closing quote or bracket")]
    [InlineData("a: \"\\q\"\n", 1, 5, "a backslash starts an escape")]
    [InlineData("a: x\u0001\n", 1, 5, "U+0001")]
    [InlineData("a: &b.c d\n", 1, 6, "name of an anchor")]
    [InlineData("a: @b\n", 1, 4, "cannot start with @")]
    [InlineData("- a\nb: c\n", 2, 1, "")]
    [InlineData("%YAML 1.2\n---\na: b\n", 1, 1, "YAML 1.1")]
    [InlineData("a: !e!b c\n", 1, 4, "no %TAG line")]
    [InlineData("a: !!str%2 b\n", 1, 9, "two hexadecimal digits")]
    public void DefectsSayWhatAndWhere(string text, int line, int column, string what)
    {
        YamlFormatException error = Assert.Throws<YamlFormatException>(() => new YamlReader().ReadAll(text));
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    private static int Place(string text, double at) => (int)(at * text.Length);

    private static void Read(string text)
    {
        int lines = text.Count(c => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') + 1;
        IReadOnlyList<YamlDocument> documents = new YamlReader().ReadEach(text);
        IReadOnlyList<YamlLayout?> layouts = new YamlLayoutReader().ReadAll(text);
        Assert.Equal(documents.Count, layouts.Count);
        for (int i = 0; i < documents.Count; i++)
        {
            if (documents[i].Error is { } error)
            {
                Assert.InRange(error.Line, 1, lines);
                Assert.True(error.Column >= 1);
            }
            else if (layouts[i] is { } layout)
            {
                Assert.InRange(layout.Start, 0, text.Length);
                Assert.InRange(layout.End, layout.Start, text.Length);
            }
        }
    }
}
