using System.Buffers;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>
/// Turns the bytes of one scrape into samples, window by window: ask for <see cref="GetMemory"/>, put bytes there,
/// call <see cref="Advance"/>, and <see cref="Complete"/> at the end of the body.
/// </summary>
internal sealed class ScrapeReader : IDisposable
{
    private const int SmallestWindow = 16 * 1024;
    private const int LargestWindow = 1 << 20;
    private const int LargestLookahead = 8 * 1024 * 1024;

    private readonly TargetInfo _target;
    private readonly MappingOptions _options;
    private readonly Action<MetricSample> _onSample;
    private readonly Action<ExpositionDefect>? _onDefect;
    private readonly TargetMemory _memory;
    private readonly DateTimeOffset _timestamp;
    private readonly CancellationToken _cancellationToken;
    private ExpositionFormat _format;
    private ExpositionReaderState _state;
    private SampleMapper? _mapper;
    private byte[] _buffer = [];
    private int _filled;
    private int _scanned;
    private int _searched;
    private long _bytes;
    private bool _skippingLine;

    /// <summary>Starts a reading.</summary>
    /// <param name="target">Whose scrape it is.</param>
    /// <param name="options">What to keep and how to name it.</param>
    /// <param name="onSample">Receives each sample as it is read, on the caller's thread.</param>
    /// <param name="onDefect">Receives each defect; null = only count them.</param>
    /// <param name="format">The format by the Content-Type, or <see cref="ExpositionFormat.Unknown"/> to decide by content.</param>
    /// <param name="memory">Label tables from the scrape before of the same target; null = none.</param>
    /// <param name="timestamp">The time of samples without one of their own; null = now.</param>
    /// <param name="cancellationToken">Ends each call with <see cref="OperationCanceledException"/>, however long a line it is in.</param>
    public ScrapeReader(
        TargetInfo target,
        MappingOptions options,
        Action<MetricSample> onSample,
        Action<ExpositionDefect>? onDefect = null,
        ExpositionFormat format = ExpositionFormat.Unknown,
        TargetMemory? memory = null,
        DateTimeOffset? timestamp = null,
        CancellationToken cancellationToken = default)
    {
        _target = target;
        _options = options;
        _onSample = onSample;
        _onDefect = onDefect;
        _format = format;
        _memory = memory ?? new TargetMemory();
        _cancellationToken = cancellationToken;
        _timestamp = timestamp ?? DateTimeOffset.UtcNow;
    }

    /// <summary>Room for the next bytes of the body.</summary>
    /// <param name="sizeHint">Bytes the caller would like; it gets at least 16 KiB, and what it gets is worth filling.</param>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        int wanted = Math.Max(sizeHint, SmallestWindow);
        if (_buffer.Length - _filled < wanted) Grow(_filled + wanted);
        return _buffer.AsMemory(_filled);
    }

    /// <summary>Says how many bytes were put there, and reads the whole lines among them.</summary>
    /// <exception cref="ScrapeLimitException">The scrape has more series than <see cref="MappingOptions.MaxSeries"/>.</exception>
    public void Advance(int count)
    {
        _filled += count;
        _bytes += count;
        Read();
    }

    /// <summary>Reads a body that is in memory as a whole, without copying it.</summary>
    /// <exception cref="ScrapeLimitException">The scrape has more series than <see cref="MappingOptions.MaxSeries"/>.</exception>
    public ScrapeSummary ReadWhole(ReadOnlySpan<byte> body)
    {
        if (_format == ExpositionFormat.Unknown && FormatDetector.EndsWithEof(body)) _format = ExpositionFormat.OpenMetrics;
        if (_mapper is null) Begin(_target.Component ?? ComponentRecogniser.Recognise(body, isWhole: true));
        _bytes = body.Length;
        int position = 0;
        while (position < body.Length)
        {
            // A window that fits the cache is looked at several times at no cost.
            int length = Math.Min(LargestWindow, body.Length - position);
            int lineEnd = body.Slice(position, length).LastIndexOf((byte)'\n');
            if (lineEnd < 0) lineEnd = body[position..].IndexOf((byte)'\n');
            if (lineEnd < 0) break;
            Map(body.Slice(position, lineEnd + 1), isFinal: false);
            position += lineEnd + 1;
        }

        return Finish(body[position..], BodyEnd.Whole);
    }

    /// <summary>Says that the body ended, reads what is left, and sums up.</summary>
    /// <param name="end">What is known of the end. It decides whether a last line that has no line end is trusted: half a number is a number too.</param>
    /// <exception cref="ScrapeLimitException">The scrape has more series than <see cref="MappingOptions.MaxSeries"/>.</exception>
    public ScrapeSummary Complete(BodyEnd end = BodyEnd.Whole)
    {
        if (_skippingLine) SkipLongLine(isFinal: true);
        if (_mapper is null) TryBegin(isFinal: true);
        int consumed = Map(_buffer.AsSpan(0, _filled), isFinal: false);
        return Finish(_buffer.AsSpan(consumed, _filled - consumed), end);
    }

    private ScrapeSummary Finish(ReadOnlySpan<byte> lastLine, BodyEnd end)
    {
        SampleMapper mapper = _mapper!;
        bool isCut = !TakeLastLine(lastLine, end);
        bool ended = _format == ExpositionFormat.OpenMetrics ? _state.Ended : mapper.EndedByEof;
        ExpositionFormat format = FormatSoFar();
        if (format == ExpositionFormat.OpenMetrics && !ended && end != BodyEnd.Broken)
            mapper.Report(new ExpositionDefect(_state.Line + 1, 1, "the closing '# EOF' is missing: the scrape may be incomplete", "") { IsKept = true });
        ReportContradiction();
        IReadOnlyList<FamilyObservation> families = mapper.Complete(isCut || end == BodyEnd.Broken, format == ExpositionFormat.OpenMetrics);
        return new ScrapeSummary
        {
            Target = _target.Target,
            Bytes = _bytes,
            Series = mapper.Series,
            Samples = mapper.Samples,
            Defects = mapper.Defects,
            Format = format,
            Component = mapper.Component,
            Version = mapper.Version.Version,
            VersionSource = mapper.Version.Source,
            Timestamp = _timestamp,
            ProcessStart = mapper.ProcessStart,
            Families = families,
        };
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _filled = 0;
    }

    private void Read()
    {
        if (_skippingLine && !SkipLongLine(isFinal: false)) return;

        // Where the new bytes end no line, there is nothing to do, however long the line has become.
        bool hasLine = _buffer.AsSpan(_searched, _filled - _searched).Contains((byte)'\n');
        _searched = _filled;
        if (!hasLine && _filled <= _options.MaxLineLength) return;
        if (_mapper is null && !TryBegin(isFinal: false)) return;
        Keep(Map(_buffer.AsSpan(0, _filled), isFinal: false));
        if (_filled > _options.MaxLineLength) StartSkipping();
    }

    // Whether the line was taken, or there was none.
    private bool TakeLastLine(ReadOnlySpan<byte> line, BodyEnd end)
    {
        if (line.Trim(" \t\r\n"u8).IsEmpty) return true;
        bool isTrusted = end switch
        {
            BodyEnd.Broken => false,
            _ when _options.AllowMissingFinalNewline || FormatDetector.EndsWithEof(line) => true,
            _ => end == BodyEnd.Whole && FormatSoFar() != ExpositionFormat.OpenMetrics,
        };
        if (isTrusted)
        {
            Map(line, isFinal: true);
        }
        else if (end != BodyEnd.Broken)
        {
            string text = LabelText.Unescape(line[..Math.Min(line.Length, 320)]);
            _mapper!.Report(new ExpositionDefect(
                _state.Line + 1,
                1,
                "the last line has no line end, so it may be truncated",
                text.Length > 80 ? text[..79] + "…" : text)
            { Cause = DefectCause.NoLineEnd });
        }

        return isTrusted;
    }

    private ExpositionFormat FormatSoFar()
    {
        if (_format != ExpositionFormat.Unknown) return _format;
        bool shows = _mapper!.EndedByEof || (_state.TextLine == 0 && (_state.OpenMetricsLine > 0 || _mapper.ShowsOpenMetrics));
        return shows ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText;
    }

    // Every line was read as what it shows itself to be; that they are not of one kind, or not of the kind that was announced, is told once.
    private void ReportContradiction()
    {
        (long line, string reason) = (_format, _state.TextLine, _state.OpenMetricsLine) switch
        {
            (ExpositionFormat.OpenMetrics, > 0, _) => (_state.TextLine, "the scrape is declared as OpenMetrics, but this timestamp is in milliseconds, as in the Prometheus text format; it was read as milliseconds"),
            (ExpositionFormat.PrometheusText, _, > 0) => (_state.OpenMetricsLine, "the scrape is declared as Prometheus text format, but this line is OpenMetrics; it was read as OpenMetrics"),
            (ExpositionFormat.Unknown, > 0, > 0) => (Math.Max(_state.TextLine, _state.OpenMetricsLine), "lines of OpenMetrics and of the Prometheus text format in one scrape; each was read in its own format"),
            _ => default,
        };
        if (line > 0) _mapper!.Report(new ExpositionDefect(line, 1, reason, "") { IsKept = true });
    }

    private int Map(ReadOnlySpan<byte> data, bool isFinal)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        ExpositionReader reader = new(data, isFinal, _format, _state, _options.MaxLabels, _options.MaxLineLength, _cancellationToken);
        _mapper!.Map(ref reader);
        _state = reader.State;
        return reader.BytesConsumed;
    }

    private void Begin(ComponentKind? component) =>
        _mapper = new SampleMapper(_target, _options, component, _timestamp, _memory, _onSample, _onDefect);

    // What a name means depends on the component, and the component shows only in the names.
    private bool TryBegin(bool isFinal)
    {
        ReadOnlySpan<byte> data = _buffer.AsSpan(0, _filled);
        ReadOnlySpan<byte> lines = isFinal ? data : data[..(data.LastIndexOf((byte)'\n') + 1)];
        if (lines.IsEmpty && !isFinal && _filled <= _options.MaxLineLength) return false;
        ComponentKind? component = _target.Component ?? ComponentRecogniser.Recognise(lines[(isFinal ? 0 : _scanned)..], isFinal);
        _scanned = lines.Length;
        if (component is null && !isFinal && _filled < LargestLookahead) return false;
        Begin(component);
        return true;
    }

    private void Keep(int consumed)
    {
        if (consumed > 0) _buffer.AsSpan(consumed, _filled - consumed).CopyTo(_buffer);
        _filled -= consumed;
        _searched = _filled;
    }

    private void StartSkipping()
    {
        string text = LabelText.Unescape(_buffer.AsSpan(0, Math.Min(_filled, 79)));
        _mapper!.Report(new ExpositionDefect(
            _state.Line + 1,
            1,
            $"a line longer than {_options.MaxLineLength} bytes is skipped",
            text + "…")
        { Cause = DefectCause.LineTooLong });
        _state = _state with { Line = _state.Line + 1 };
        _skippingLine = true;
        _filled = _searched = 0;
    }

    private bool SkipLongLine(bool isFinal)
    {
        int end = _buffer.AsSpan(0, _filled).IndexOf((byte)'\n');
        if (end < 0 && !isFinal)
        {
            _filled = _searched = 0;
            return false;
        }

        Keep(end < 0 ? _filled : end + 1);
        _skippingLine = false;
        return true;
    }

    private void Grow(int atLeast)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(atLeast, Math.Min(_buffer.Length * 2, 1 << 20)));
        _buffer.AsSpan(0, _filled).CopyTo(larger);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

/// <summary>What is known of the end of a body.</summary>
internal enum BodyEnd
{
    /// <summary>All of it came: its framing says so (Content-Length, chunks, the trailer of gzip), or it is text at hand.</summary>
    Whole,

    /// <summary>It ended, and nothing says that it ended where it should: a file, a pipe, a connection that was closed.</summary>
    Unproven,

    /// <summary>It broke off.</summary>
    Broken,
}

/// <summary>What one reading of one scrape amounted to.</summary>
internal sealed record ScrapeSummary
{
    /// <summary>The address or the file.</summary>
    public required string Target { get; init; }

    /// <summary>Bytes of exposition text, uncompressed.</summary>
    public long Bytes { get; init; }

    /// <summary>Sample lines, wanted or not.</summary>
    public long Series { get; init; }

    /// <summary>Samples handed on.</summary>
    public long Samples { get; init; }

    /// <summary>Defects found in what was read.</summary>
    public long Defects { get; init; }

    /// <summary>The format it was read as.</summary>
    public ExpositionFormat Format { get; init; }

    /// <summary>The component, given or recognised; null where neither.</summary>
    public ComponentKind? Component { get; init; }

    /// <summary>The KubeVirt version, where it is known.</summary>
    public KubeVirtVersion? Version { get; init; }

    /// <summary>How the version is known.</summary>
    public VersionSource VersionSource { get; init; }

    /// <summary>The start of the scrape: the time of samples without one of their own.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>
    /// When the process that was scraped started, in seconds since 1970 by its own clock (<c>process_start_time_seconds</c>), wanted or not; null where the
    /// scrape does not have it exactly once.
    /// </summary>
    public double? ProcessStart { get; init; }

    /// <summary>Every sample name that occurred, in order of appearance.</summary>
    public IReadOnlyList<FamilyObservation> Families { get; init; } = [];
}

/// <summary>A scrape went over one of the limits that protect the reader.</summary>
/// <param name="limit">The option of <see cref="MappingOptions"/> that is the limit.</param>
/// <param name="message">What was exceeded, and where.</param>
internal sealed class ScrapeLimitException(string limit, string message) : Exception(message)
{
    /// <summary>The option of <see cref="MappingOptions"/> that is the limit.</summary>
    public string Limit { get; } = limit;
}
