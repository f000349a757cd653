using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Files;

namespace KubeVirtMonitor.Scraping;

/// <summary>
/// Reads saved scrapes: files, and bytes or text in memory. gzip is recognised by its first two bytes. Nothing here waits asynchronously, so
/// all of it happens on the thread of the caller, which may be the only one that may write.
/// </summary>
internal static class LocalSource
{
    private const int Tail = 64;

    public static Task RunAsync(ScrapeRun run) =>
        run.Target.Path is { } path ? ReadFileAsync(run, path)
        : run.Target.Lines is { } lines ? run.ReadAsync(new TextStream(lines), gzip: false, ExpositionFormat.Unknown, contentType: null, length: null, isFramed: true)
        : ReadBytesAsync(run, run.Target.Bytes);

    public static ScrapeException Unreadable(string path, Exception e) =>
        new(ScrapeError.FileUnreadable, path, $"the file cannot be read ({Net.ForeignText.OfStranger.Line(e.Message).TrimEnd('.')})", e) { Setting = Setting.File };

    private static async Task ReadFileAsync(ScrapeRun run, string path)
    {
        FileStream file = Open(path, run.CancellationToken);
        await using (file.ConfigureAwait(false))
        {
            if (!file.CanSeek)
            {
                await ReadPipeAsync(run, new PipeStream(file, run.CancellationToken)).ConfigureAwait(false);
                return;
            }

            // When it was saved is when its values were read, as near as can be known.
            run.Progress.Sent = new DateTimeOffset(File.GetLastWriteTimeUtc(file.SafeFileHandle));
            byte[] peek = new byte[Tail];
            long length = file.Length;
            int head = RandomAccess.Read(file.SafeFileHandle, peek.AsSpan(0, 2), 0);
            bool gzip = IsGzip(peek.AsSpan(0, head));
            int tail = gzip ? 0 : RandomAccess.Read(file.SafeFileHandle, peek, Math.Max(0, length - Tail));
            await run.ReadAsync(file, gzip, FormatByTail(peek.AsSpan(0, tail)), contentType: null, length, isFramed: false).ConfigureAwait(false);
        }
    }

    // A pipe gives its bytes only once, so those that were looked at are put in front again.
    private static async Task ReadPipeAsync(ScrapeRun run, PipeStream pipe)
    {
        byte[] head = new byte[2];
        int count = pipe.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        PrefixedStream whole = new(head.AsMemory(0, count), pipe);
        await using (whole.ConfigureAwait(false))
            await run.ReadAsync(whole, IsGzip(head.AsSpan(0, count)), ExpositionFormat.Unknown, contentType: null, length: null, isFramed: false).ConfigureAwait(false);
    }

    private static Task ReadBytesAsync(ScrapeRun run, ReadOnlyMemory<byte> bytes)
    {
        bool gzip = IsGzip(bytes.Span);
        ExpositionFormat format = gzip ? ExpositionFormat.Unknown : FormatByTail(bytes.Span[^Math.Min(bytes.Length, Tail)..]);
        return run.ReadAsync(new PrefixedStream(bytes, Stream.Null), gzip, format, contentType: null, bytes.Length, isFramed: false);
    }

    // To open a pipe is to wait for its writer.
    private static FileStream Open(string path, CancellationToken cancellationToken)
    {
        try
        {
            return Abandonable.Wait(() => new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.SequentialScan,
            }), cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ScrapeException(ScrapeError.FileNotFound, path, "there is no such file", e) { Setting = Setting.File };
        }
        catch (UnauthorizedAccessException e) when (Directory.Exists(path))
        {
            throw new ScrapeException(ScrapeError.FileUnreadable, path, "this is a folder", e) { Setting = Setting.File };
        }
    }

    private static ExpositionFormat FormatByTail(ReadOnlySpan<byte> tail) =>
        FormatDetector.EndsWithEof(tail) ? ExpositionFormat.OpenMetrics : ExpositionFormat.Unknown;

    private static bool IsGzip(ReadOnlySpan<byte> head) => head is [0x1F, 0x8B, ..];
}
