namespace KubeVirtMonitor.Usage;

/// <summary>
/// What rows had in the last looks, for their sparklines. It is bounded: a row has <see cref="Length"/> values of each topic, and is forgotten when it was in none of as many looks.
/// </summary>
internal sealed class UsageHistory
{
    /// <summary>How many looks are remembered.</summary>
    public const int Length = 60;

    private static readonly int Topics = Enum.GetValues<UsageTopic>().Length;

    private readonly Dictionary<ScreenKey, Entry> _entries = [];
    private long _look;

    /// <summary>How many rows are remembered.</summary>
    public int Count => _entries.Count;

    /// <summary>Begins a look: what was not in the last ones is forgotten.</summary>
    public void Begin()
    {
        _look++;
        foreach ((ScreenKey key, Entry entry) in _entries)
        {
            if (_look - entry.Look >= Length) _entries.Remove(key);
        }
    }

    /// <summary>Takes the figures of a row in this look.</summary>
    public void Add(ScreenKey key, KubeVirtUsage usage)
    {
        if (!_entries.TryGetValue(key, out Entry? entry)) _entries.Add(key, entry = new Entry { Look = _look - 1 });
        // Looks in which it was not there are gaps.
        for (long look = entry.Look + 1; look < _look; look++) entry.Clear(look);
        for (int topic = 0; topic < Topics; topic++) entry[topic, _look] = (float)(ScreenColumn.HistoryOf((UsageTopic)topic)(usage) ?? double.NaN);
        entry.Look = _look;
    }

    /// <summary>The values of a row in the last looks, the newest last; NaN where there was none.</summary>
    /// <param name="count">How many.</param>
    public float[] Last(ScreenKey key, UsageTopic topic, int count)
    {
        count = Math.Min(count, Length);
        float[] values = new float[count];
        Array.Fill(values, float.NaN);
        if (!_entries.TryGetValue(key, out Entry? entry)) return values;
        for (int i = 0; i < count; i++)
        {
            long look = _look - count + 1 + i;
            if (look > 0 && look <= entry.Look) values[i] = entry[(int)topic, look];
        }

        return values;
    }

    private sealed class Entry
    {
        private readonly float[] _values = Filled();

        public long Look { get; set; }

        public float this[int topic, long look]
        {
            get => _values[(topic * Length) + (int)(look % Length)];
            set => _values[(topic * Length) + (int)(look % Length)] = value;
        }

        public void Clear(long look)
        {
            for (int topic = 0; topic < Topics; topic++) this[topic, look] = float.NaN;
        }

        private static float[] Filled()
        {
            float[] values = new float[Topics * Length];
            Array.Fill(values, float.NaN);
            return values;
        }
    }
}

/// <summary>Which row of the screen something is of, from look to look.</summary>
/// <param name="Session">The session; null for addresses.</param>
/// <param name="Scope">What the row is.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The machine or the node.</param>
internal readonly record struct ScreenKey(KubeVirtSession? Session, UsageScope Scope, string? Namespace, string? Name)
{
    /// <summary>The key of a row.</summary>
    public static ScreenKey Of(KubeVirtUsage usage) => Of(usage, usage.Scope);

    /// <summary>The key of the row that a machine is in.</summary>
    public static ScreenKey Of(KubeVirtUsage usage, UsageScope scope) => new(
        usage.Session,
        scope,
        scope is UsageScope.Vmi or UsageScope.Namespace ? usage.Namespace : null,
        scope switch { UsageScope.Vmi => usage.Vmi, UsageScope.Node => usage.Node, _ => null });
}

/// <summary>Draws values as a line of small bars.</summary>
internal static class Sparkline
{
    private const string Blocks = "▁▂▃▄▅▆▇█";
    private const string Ascii = "_.-=+*%#";

    /// <summary>One character for each value; blank where there is none.</summary>
    /// <param name="values">The values.</param>
    /// <param name="isPercent">Whether the scale is 0 to 100; else it is 0 to the largest value.</param>
    /// <param name="isUnicode">Whether the terminal can show more than ASCII.</param>
    public static string Of(ReadOnlySpan<float> values, bool isPercent, bool isUnicode)
    {
        string bars = isUnicode ? Blocks : Ascii;
        float top = 0;
        foreach (float value in values) top = Math.Max(top, float.IsNaN(value) ? 0 : value);
        if (isPercent) top = 100;
        Span<char> line = values.Length <= 256 ? stackalloc char[values.Length] : new char[values.Length];
        for (int i = 0; i < values.Length; i++)
            line[i] = float.IsNaN(values[i]) ? ' ' : top == 0 ? bars[0] : bars[Math.Clamp((int)(values[i] / top * bars.Length), 0, bars.Length - 1)];
        return line.ToString();
    }
}
