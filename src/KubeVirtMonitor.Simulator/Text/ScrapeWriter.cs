using System.Buffers;

namespace KubeVirtMonitor.Simulator;

/// <summary>
/// Writes the scrape of one pod at one moment as Prometheus text 0.0.4, piece by piece, so that the reader's pace can be followed
/// and no scrape is ever whole in memory.
/// </summary>
public sealed class ScrapeWriter
{
    private const int ChunkSize = 32 * 1024;
    private const int LineOverhead = GoNumber.MaxLength + 32;

    private readonly IReadOnlyList<MetricFamily> _families;
    private readonly ScrapeLook _look;
    private readonly long _seconds;
    private int _family;
    private int _series = -1;

    internal ScrapeWriter(ScrapePlan plan, ScrapeLook look)
    {
        _families = plan.Families;
        _look = look;
        _seconds = look.Ticks / TimeSpan.TicksPerSecond;
    }

    /// <summary>The families in the order in which they are written.</summary>
    public IReadOnlyList<MetricFamily> Families => _families;

    /// <summary>Number of series lines in the whole scrape.</summary>
    public long SeriesCount => _families.Sum(family => (long)family.Series.Count(series => series.Meter?.TryRead(series.Value, _look, out _, out _) ?? true));

    /// <summary>Writes on, until about so many bytes are written or the scrape ends.</summary>
    /// <returns>False once the scrape is complete.</returns>
    public bool WriteSome(IBufferWriter<byte> output, int bytes)
    {
        ArgumentNullException.ThrowIfNull(output);
        while (bytes > 0 && _family < _families.Count)
        {
            MetricFamily family = _families[_family];
            Span<byte> span = output.GetSpan(Math.Max(ChunkSize, NextLength(family)));
            int written = Fill(family, span);
            output.Advance(written);
            bytes -= written;
        }

        return _family < _families.Count;
    }

    /// <summary>Writes all that is left.</summary>
    public void WriteAll(IBufferWriter<byte> output)
    {
        while (WriteSome(output, int.MaxValue))
        {
        }
    }

    /// <summary>Writes all that is left to a stream and returns the number of bytes.</summary>
    public long WriteAll(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArrayBufferWriter<byte> buffer = new(1 << 20);
        long total = 0;
        bool more = true;
        while (more)
        {
            more = WriteSome(buffer, (1 << 20) - ChunkSize);
            output.Write(buffer.WrittenSpan);
            total += buffer.WrittenCount;
            buffer.ResetWrittenCount();
        }

        return total;
    }

    private int NextLength(MetricFamily family) =>
        _series < 0 ? family.Header.Length : family.NameBytes.Length + family.Series[_series].Labels.Length + LineOverhead;

    private int Fill(MetricFamily family, Span<byte> span)
    {
        int at = 0;
        if (_series < 0)
        {
            family.Header.CopyTo(span);
            at = family.Header.Length;
            _series = 0;
        }

        Series[] series = family.Series;
        while (_series < series.Length && NextLength(family) <= span.Length - at)
        {
            at += WriteLine(family.NameBytes, in series[_series], span[at..]);
            _series++;
        }

        if (_series == series.Length)
        {
            _family++;
            _series = -1;
        }

        return at;
    }

    private int WriteLine(ReadOnlySpan<byte> name, in Series series, Span<byte> span)
    {
        long reading = 0;
        long? own = null;
        if (series.Meter is { } meter && !meter.TryRead(series.Value, _look, out reading, out own)) return 0;
        name.CopyTo(span);
        int at = name.Length;
        ReadOnlySpan<byte> suffix = series.Suffix switch
        {
            SeriesSuffix.Bucket => "_bucket"u8,
            SeriesSuffix.Sum => "_sum"u8,
            SeriesSuffix.Count => "_count"u8,
            _ => default,
        };
        suffix.CopyTo(span[at..]);
        at += suffix.Length;
        series.Labels.CopyTo(span[at..]);
        at += series.Labels.Length;
        span[at++] = (byte)' ';
        if (series.Meter is null)
        {
            long moment = series.AgeSeconds is { } age ? _seconds - (_seconds % 5) - age : _seconds;
            reading = series.AgeSeconds is null ? series.Value.AtTicks(_look.Ticks) : series.Value.At(moment);
            if (series.AgeSeconds is not null) own = (_look.Start.ToUnixTimeSeconds() + moment) * 1000;
        }

        at += series.Value.Wave == Wave.Literal
            ? GoNumber.Write(BitConverter.Int64BitsToDouble(series.Value.Start), span[at..])
            : GoNumber.Write(reading, series.Value.Decimals, span[at..]);
        if (own is { } milliseconds)
        {
            span[at++] = (byte)' ';
            milliseconds.TryFormat(span[at..], out int length, provider: System.Globalization.CultureInfo.InvariantCulture);
            at += length;
        }

        span[at++] = (byte)'\n';
        return at;
    }
}
