using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public sealed class LocalSourceTests : IDisposable
{
    private static readonly string Long = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"m{{i=\"{i}\"}} {i}\n"));

    private readonly TempFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private static byte[] Pack(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_is_read_plain_or_packed_whatever_its_name(bool packed)
    {
        string path = _folder.Write("virt-handler.prom", packed ? Reply.Pack(Long) : Encoding.UTF8.GetBytes(Long));

        Scraped scraped = await Scraped.FromAsync(ScrapeTarget.FromFile(path), cancellationToken: Stop);

        Assert.Null(scraped.Result.Error);
        Assert.Equal(100_000, scraped.Samples.Count);
        Assert.Equal(Enumerable.Range(0, 100_000).Sum(i => (double)i), scraped.Samples.Sum(sample => sample.Value));
        Assert.Equal(path, scraped.Samples[0].Target);
        Assert.Equal("i=0", scraped.Samples[0].Tags.ToString());
        Assert.Equal(new FileInfo(path).Length, scraped.Result.WireBytes);
        Assert.Equal(Long.Length, scraped.Result.BodyBytes);
        Assert.Null(scraped.Result.StatusCode);
    }

    [Fact]
    public async Task The_end_of_a_file_tells_OpenMetrics_before_its_first_line_is_read()
    {
        string body = Long + "t 1 1.5\n# EOF\n";
        Scraped file = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("a", body)), cancellationToken: Stop);
        Scraped bytes = await Scraped.FromAsync(ScrapeTarget.FromBytes(Encoding.UTF8.GetBytes(body)), cancellationToken: Stop);
        Scraped plain = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("b", Long + "t 1 1500\n")), cancellationToken: Stop);

        Each.Of([file, bytes], scraped => Assert.Equal(ExpositionFormat.OpenMetrics, scraped.Result.Summary!.Format));
        Assert.Equal(ExpositionFormat.PrometheusText, plain.Result.Summary!.Format);
        Each.Of([file, bytes, plain], scraped => Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1500), scraped.Samples[^1].Timestamp));
    }

    [Fact]
    public async Task A_file_that_is_missing_or_a_folder_is_told()
    {
        Scraped missing = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.At("none")), cancellationToken: Stop);
        Scraped folder = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.At(".")), cancellationToken: Stop);

        Assert.Equal(ScrapeError.FileNotFound, missing.Error);
        Assert.Equal($"{_folder.At("none")}: there is no such file.", missing.Result.Error!.Message);
        Assert.Equal(ScrapeError.FileUnreadable, folder.Error);
        Assert.Equal((Setting.File, Setting.File), (missing.Result.Error.Setting, folder.Result.Error!.Setting));
    }

    [Theory]
    [InlineData("<html></html>", "web page")]
    [InlineData("{\"kind\": \"PodList\"}", "JSON")]
    public async Task What_is_no_exposition_is_named(string content, string what)
    {
        Scraped scraped = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("a", content)), cancellationToken: Stop);
        Assert.Equal(ScrapeError.NotExposition, scraped.Error);
        Assert.Contains(what, scraped.Result.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(Setting.File, scraped.Result.Error.Setting);
    }

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    public async Task UTF_16_is_read_with_its_mark_and_without(string name, bool marked)
    {
        string text = "# HELP größe Größe.\r\na{b=\"世界 🌍\"} 17\r\n" + Long;
        Encoding encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. marked ? encoding.GetPreamble() : [], .. encoding.GetBytes(text)];
        byte[] packed = Pack(bytes);
        string wide = Encoding.Latin1.GetString(encoding.GetBytes("a{b=\"x\"} 17\n" + Long));

        Scraped[] all =
        [
            await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("a", bytes)), cancellationToken: Stop),
            await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("b", packed)), cancellationToken: Stop),
            await Scraped.FromAsync(ScrapeTarget.FromBytes(bytes), cancellationToken: Stop),
        ];
        // As a shell gives it that took it for UTF-8.
        Scraped asText = await Scraped.FromAsync(ScrapeTarget.FromText(wide.Split('\n')), cancellationToken: Stop);

        Each.Of([.. all, asText], scraped => Assert.Null(scraped.Result.Error));
        Each.Of([.. all, asText], scraped => Assert.Equal(100_001, scraped.Samples.Count));
        Each.Of(all, scraped => Assert.Equal(("b=世界 🌍", 17d), (scraped.Samples[0].Tags.ToString(), scraped.Samples[0].Value)));
        Assert.Equal(("b=x", 17d), (asText.Samples[0].Tags.ToString(), asText.Samples[0].Value));
    }

    [Fact]
    public async Task Lines_that_end_in_CR_alone_are_lines()
    {
        string old = ("# HELP a Text.\n# TYPE a counter\na 5\n" + Long).Replace('\n', '\r');

        Scraped file = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("a", old)), cancellationToken: Stop);
        Scraped cut = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("b", "a 1\rb 12")), cancellationToken: Stop);

        Assert.Empty(file.Result.Defects);
        Assert.Equal(100_001, file.Samples.Count);
        Assert.Equal((5d, MetricKind.Count, "Text."), (file.Samples[0].Value, file.Samples[0].Kind, file.Samples[0].Description));
        Assert.Equal("a", Assert.Single(cut.Samples).Name);
        Assert.Single(cut.Result.Defects);
    }

    [Fact]
    public async Task Control_characters_make_comments_not_binary_and_all_else_they_do()
    {
        Scraped comment = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("a", "# HELP a he\0lp\na 1\n")), cancellationToken: Stop);
        Scraped binary = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("b", "U\n\u0017go_goroutines\u0012\u0004Text\u0018\u0001")), cancellationToken: Stop);

        Assert.Equal(1, Assert.Single(comment.Samples).Value);
        Assert.Equal(ScrapeError.NotExposition, binary.Error);
    }

    [Theory]
    [InlineData("file", 1)]
    [InlineData("bytes", 1)]
    [InlineData("packed", 2)]
    [InlineData("text", 2)]
    [InlineData("allowed", 2)]
    public async Task A_last_line_without_its_end_is_trusted_where_something_proves_the_rest(string kind, int samples)
    {
        const string Text = "a 1\nb 12";
        ScrapeTarget target = kind switch
        {
            "bytes" => ScrapeTarget.FromBytes(Encoding.UTF8.GetBytes(Text)),
            "packed" => ScrapeTarget.FromFile(_folder.Write("a", Reply.Pack(Text))),
            "text" => ScrapeTarget.FromText([Text]),
            _ => ScrapeTarget.FromFile(_folder.Write("a", Text)),
        };

        Scraped scraped = await Scraped.FromAsync(target, mapping: new MappingOptions { IncludeUnmapped = true, AllowMissingFinalNewline = kind == "allowed" }, cancellationToken: Stop);

        Assert.Equal(samples, scraped.Samples.Count);
        Assert.Equal(2 - samples, scraped.Result.Defects.Count);
        if (samples == 1) Assert.Equal(("the last line has no line end, so it may be truncated", DefectCause.NoLineEnd), (scraped.Result.Defects[0].Reason, scraped.Result.Defects[0].Cause));
    }

    [Fact]
    public async Task OpenMetrics_that_nothing_announces_keeps_its_seconds_in_a_packed_file()
    {
        string body = Long + "# TYPE c counter\nc_total 5 1795176000\nt 1 1795176000.5\n# EOF\n";

        Scraped scraped = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("a", Reply.Pack(body))), cancellationToken: Stop);

        Assert.Empty(scraped.Result.Defects);
        Assert.Equal(ExpositionFormat.OpenMetrics, scraped.Result.Summary!.Format);
        Assert.Equal([1795176000000, 1795176000500], scraped.Samples.TakeLast(2).Select(sample => sample.Timestamp.ToUnixTimeMilliseconds()));
    }

    [Fact]
    public async Task A_line_of_a_hundred_megabytes_is_read_in_linear_time_and_can_be_stopped()
    {
        byte[] line = new byte[100 << 20];
        line.AsSpan().Fill((byte)'y');
        "x{a=\""u8.CopyTo(line);
        "\"} 1\n"u8.CopyTo(line.AsSpan(line.Length - 5));
        ScrapeOptions large = new() { MaximumBodySize = long.MaxValue };
        MappingOptions mapping = new() { IncludeUnmapped = true, MaxLineLength = 1 << 30 };
        Stopwatch watch = Stopwatch.StartNew();

        Scraped scraped = await Scraped.FromAsync(ScrapeTarget.FromBytes(line), large, mapping, cancellationToken: Stop);

        Assert.Single(scraped.Samples);
        TimeSpan whole = watch.Elapsed;
        Assert.True(whole < TimeSpan.FromSeconds(60), $"{whole} for one line");
        using CancellationTokenSource stop = new();
        stop.CancelAfter(50);
        watch.Restart();
        try
        {
            await Scraped.FromAsync(ScrapeTarget.FromText(Enumerable.Repeat(new string('y', 1 << 20), int.MaxValue)), large, mapping with { MaxLineLength = 4096 }, cancellationToken: stop.Token);
            Assert.Fail("It ended by itself.");
        }
        catch (OperationCanceledException)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed} to stop");
        }
    }

    [Fact]
    public async Task An_empty_file_is_a_scrape_without_samples()
    {
        Scraped scraped = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("a", "")), cancellationToken: Stop);
        Assert.Null(scraped.Result.Error);
        Assert.Equal(0, scraped.Result.Summary!.Series);
    }

    [Fact]
    public async Task A_file_larger_than_allowed_is_refused_before_it_is_read()
    {
        string path = _folder.Write("a", Long);
        Scraped scraped = await Scraped.FromAsync(ScrapeTarget.FromFile(path), new ScrapeOptions { MaximumBodySize = 1000 }, cancellationToken: Stop);
        Assert.Equal(ScrapeError.BodyTooLarge, scraped.Error);
        Assert.Equal(0, scraped.Result.WireBytes);
    }

    [Fact]
    public async Task A_packed_file_is_limited_by_its_text()
    {
        Scraped scraped = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("a", Reply.Pack(Long))), new ScrapeOptions { MaximumBodySize = 1_000_000 }, cancellationToken: Stop);
        Assert.Equal(ScrapeError.BodyTooLarge, scraped.Error);
        Assert.Equal(1_000_000, scraped.Result.BodyBytes);
        Assert.NotEmpty(scraped.Samples);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_named_pipe_is_read_to_its_end(bool packed)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Named pipes in the file system are made with mkfifo.");
        string path = _folder.At("pipe");
        using (Process made = Process.Start("mkfifo", path)) await made.WaitForExitAsync(Stop);
        Task writing = Task.Run(() => File.WriteAllBytes(path, packed ? Reply.Pack(Long) : Encoding.UTF8.GetBytes(Long)), Stop);

        Scraped scraped = await Scraped.FromAsync(ScrapeTarget.FromFile(path), cancellationToken: Stop);

        await writing;
        Assert.Null(scraped.Result.Error);
        Assert.Equal(100_000, scraped.Samples.Count);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("packed")]
    [InlineData("pipe")]
    [InlineData("bytes")]
    [InlineData("text")]
    public async Task Everything_happens_on_the_thread_of_the_caller(string kind)
    {
        Assert.SkipUnless(kind != "pipe" || OperatingSystem.IsLinux(), "Named pipes in the file system are made with mkfifo.");
        string path = _folder.At("a");
        Task writing = Task.CompletedTask;
        if (kind == "pipe")
        {
            using Process made = Process.Start("mkfifo", path);
            await made.WaitForExitAsync(Stop);
            writing = Task.Run(() => File.WriteAllText(path, Long), Stop);
        }
        else
        {
            _folder.Write("a", kind == "packed" ? Reply.Pack(Long) : Encoding.UTF8.GetBytes(Long));
        }

        ScrapeTarget target = kind switch
        {
            "bytes" => ScrapeTarget.FromBytes(Encoding.UTF8.GetBytes(Long)),
            "text" => ScrapeTarget.FromText([Long]),
            _ => ScrapeTarget.FromFile(path),
        };
        HashSet<int> threads = [];
        Task<ScrapeResult> scraping = Scraped.Scraper().ScrapeAsync(
            target,
            (batch, _) =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                batch.Return();
                return ValueTask.CompletedTask;
            },
            Stop);

        Assert.True(scraping.IsCompletedSuccessfully);
        Assert.Equal([Environment.CurrentManagedThreadId], threads);
        await writing;
    }

    [Fact]
    public async Task Text_of_any_characters_is_read_in_one_piece_or_line_by_line()
    {
        string[] lines = [.. Enumerable.Range(0, 20_000).Select(i => $"m{{i=\"{i}ä€😀\"}} {i}")];
        Scraped whole = await Scraped.FromAsync(ScrapeTarget.FromText([string.Join("\r\n", lines)]), cancellationToken: Stop);
        Scraped byLine = await Scraped.FromAsync(ScrapeTarget.FromText(lines), cancellationToken: Stop);

        foreach (Scraped scraped in new[] { whole, byLine })
        {
            Assert.Null(scraped.Result.Error);
            Assert.Equal(0, scraped.Result.Summary!.Defects);
            Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"{i}ä€😀"), scraped.Samples.Select(sample => sample.Tags["i"]));
        }
    }

    [Fact]
    public async Task Bytes_at_hand_carry_no_endpoint()
    {
        Scraped scraped = await Scraped.FromAsync(ScrapeTarget.FromBytes(Reply.Pack("a 1\n"), "(pipeline)"), cancellationToken: Stop);
        MetricSample sample = Assert.Single(scraped.Samples);
        Assert.Equal("(pipeline)", sample.Target);
        Assert.Empty(sample.Tags);
    }

    [Fact]
    public async Task A_real_scrape_is_read_the_same_from_a_file_a_packed_file_and_a_server()
    {
        string path = SharedFiles.Require("scrapes/virt-handler-v1.2.2.prom");
        string text = await File.ReadAllTextAsync(path, Stop);
        await using LoopbackServer server = new(_ => Reply.Gzip(text));

        Scraped file = await Scraped.FromAsync(ScrapeTarget.FromFile(path), mapping: new(), cancellationToken: Stop);
        Scraped packed = await Scraped.FromAsync(ScrapeTarget.FromFile(_folder.Write("a.gz", Reply.Pack(text))), mapping: new(), cancellationToken: Stop);
        Scraped served = await Scraped.FromAsync(server.Uri(), mapping: new(), cancellationToken: Stop);

        Assert.Null(file.Result.Error);
        Assert.Equal(ComponentKind.Handler, file.Result.Summary!.Component);
        Assert.NotEmpty(file.Samples);
        Assert.Equal(file.Lines, packed.Lines);
        Assert.Equal(file.Samples.Select(sample => (sample.Name, sample.Value)), served.Samples.Select(sample => (sample.Name, sample.Value)));
    }
}
