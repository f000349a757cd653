using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>A family of one target: what the HELP and TYPE lines of the current scrape say of it.</summary>
internal sealed class MetricFamily(byte[] name)
{
    private byte[] _help = [];
    private string? _helpText;

    /// <summary>The name as the scrape has it, escaped.</summary>
    public byte[] Bytes { get; } = name;

    /// <summary>The name as text.</summary>
    public string Name { get; } = LabelText.Unescape(name);

    /// <summary>The type; untyped without a TYPE line.</summary>
    public MetricType Type { get; private set; }

    /// <summary>The help as text; null without a HELP line.</summary>
    public string? Help => _help.Length == 0 ? null : _helpText ??= LabelText.Unescape(_help);

    /// <summary>The scrape for which type and help hold.</summary>
    public long Scrape { get; private set; }

    /// <summary>Whether lines of other families came behind samples of this one.</summary>
    public bool IsLeft { get; set; }

    /// <summary>Whether there are samples of it.</summary>
    public bool HasSamples { get; set; }

    /// <summary>Whether some of its samples are not looked at, so that nothing is known of it as a whole.</summary>
    public bool IsSkipped { get; set; }

    /// <summary>What has been reported of it once, and is not again.</summary>
    public bool IsReported { get; set; }

    private bool IsTyped { get; set; }

    private bool HasHelp { get; set; }

    private bool HasUnit { get; set; }

    /// <summary>Forgets what an earlier scrape said, except for the help, which seldom changes.</summary>
    /// <returns>Whether the family is new in the scrape.</returns>
    public bool Enter(long scrape)
    {
        if (Scrape == scrape) return false;
        Scrape = scrape;
        Type = MetricType.Untyped;
        IsTyped = HasHelp = HasUnit = IsLeft = HasSamples = IsSkipped = IsReported = false;
        return true;
    }

    /// <summary>Takes the text of a HELP line.</summary>
    /// <returns>False when the scrape has said one already, which stays.</returns>
    public bool SetHelp(ReadOnlySpan<byte> text)
    {
        if (HasHelp) return false;
        HasHelp = true;
        if (text.SequenceEqual(_help)) return true;
        _help = text.ToArray();
        _helpText = null;
        return true;
    }

    /// <summary>Takes a UNIT line.</summary>
    /// <returns>False when the scrape has said one already.</returns>
    public bool SetUnit() => !HasUnit && (HasUnit = true);

    /// <summary>Takes the type of a TYPE line.</summary>
    /// <returns>False when the scrape has said one already, which stays.</returns>
    public bool SetType(MetricType type)
    {
        if (IsTyped) return false;
        Type = type;
        return IsTyped = true;
    }

    /// <summary>Whether samples of a name belong to the family.</summary>
    public bool Holds(ReadOnlySpan<byte> sample) =>
        sample.StartsWith(Bytes) && (sample.Length == Bytes.Length || IsSuffix(sample[Bytes.Length..]));

    private bool IsSuffix(ReadOnlySpan<byte> suffix)
    {
        bool created = suffix.SequenceEqual("_created"u8);
        bool sum = suffix.SequenceEqual("_sum"u8) || suffix.SequenceEqual("_count"u8);
        return Type switch
        {
            MetricType.Histogram => created || sum || suffix.SequenceEqual("_bucket"u8),
            MetricType.Summary => created || sum,
            MetricType.Counter => created || suffix.SequenceEqual("_total"u8),
            MetricType.GaugeHistogram => suffix.SequenceEqual("_bucket"u8) || suffix.SequenceEqual("_gsum"u8) || suffix.SequenceEqual("_gcount"u8),
            MetricType.Info => suffix.SequenceEqual("_info"u8),
            _ => false,
        };
    }
}
