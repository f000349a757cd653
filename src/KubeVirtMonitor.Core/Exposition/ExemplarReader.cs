namespace KubeVirtMonitor.Exposition;

/// <summary>Checks the exemplar at the end of an OpenMetrics line.</summary>
internal static class ExemplarReader
{
    /// <summary>Whether the text is <c>{labels} value [timestamp]</c>.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        if (text.Length == 0 || text[0] != '{') return false;
        // An exemplar has the grammar of a sample line without its name and without an exemplar of its own.
        Span<byte> line = text.Length < 512 ? stackalloc byte[text.Length + 1] : new byte[text.Length + 1];
        line[0] = (byte)'x';
        text.CopyTo(line[1..]);
        int close = text.LastIndexOf((byte)'}');
        if (close < 0 || text[close..].Contains((byte)'#')) return false;
        ExpositionReader reader = new(line, isFinalBlock: true, ExpositionFormat.OpenMetrics, new ExpositionReaderState(1, Ended: false));
        return reader.Read() && reader.Token == ExpositionToken.Sample;
    }
}
