using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Json;

/// <summary>Quantities as Kubernetes writes them: <c>1536Mi</c>, <c>500m</c>, <c>1k</c>, <c>1e3</c>, <c>2</c>.</summary>
internal static class Quantity
{
    private static readonly SearchValues<byte> Digits = SearchValues.Create("+-.0123456789"u8);

    /// <summary>Reads a quantity, of bytes or of CPUs; null when it is absent.</summary>
    /// <exception cref="FormatException">It is no quantity.</exception>
    public static decimal? Read(ref JsonCursor reader, string field)
    {
        ReadOnlySpan<byte> raw = reader.ReadRaw();
        if (raw.SequenceEqual("null"u8)) return null;
        if (raw.Length >= 2 && raw[0] == '"') raw = raw[1..^1];
        return TryParse(raw, out decimal value) ? value : throw JsonFields.Wrong(field, "a quantity");
    }

    /// <summary>The value of a node, which may be a text or a number; null for anything else.</summary>
    public static decimal? Of(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number && TryParse(Encoding.UTF8.GetBytes(JsonText.Of(node) ?? node.ToJsonString()), out decimal number)
            ? number
            : null;

    /// <summary>Whole bytes, rounded up as Kubernetes does.</summary>
    public static long? Bytes(decimal? quantity) => quantity is { } value and >= 0 and <= long.MaxValue ? (long)Math.Ceiling(value) : null;

    /// <summary>Bytes as a quantity in the largest binary unit that holds them exactly, such as <c>1536Mi</c>.</summary>
    public static string Text(long bytes)
    {
        int shift = bytes == 0 ? 0 : Math.Min(60, BitOperations.TrailingZeroCount(bytes) / 10 * 10);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes >> shift}{(shift == 0 ? "" : $"{"KMGTPE"[(shift / 10) - 1]}i")}");
    }

    [MethodImpl(HotPath.Compile)]
    public static bool TryParse(ReadOnlySpan<byte> text, out decimal value)
    {
        // The parser would take the unit of 1E for an exponent.
        int end = text.IndexOfAnyExcept(Digits);
        ReadOnlySpan<byte> unit = end < 0 ? default : text[end..];
        if (!Utf8Parser.TryParse(text[..^unit.Length], out value, out int length) || length != text.Length - unit.Length) return false;
        if (unit.IsEmpty) return true;
        try
        {
            if (Factor(unit) is { } factor)
            {
                value *= factor;
                return true;
            }

            if ((unit[0] | 0x20) != 'e' || !Utf8Parser.TryParse(unit.Length > 1 && unit[1] == '+' ? unit[2..] : unit[1..], out int exponent, out int digits) || digits == 0 || Math.Abs(exponent) > 28) return false;
            for (int i = 0; i < Math.Abs(exponent); i++) value = exponent > 0 ? value * 10 : value / 10;
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static decimal? Factor(ReadOnlySpan<byte> unit) => unit.Length switch
    {
        1 => unit[0] switch
        {
            (byte)'n' => 0.000_000_001m,
            (byte)'u' => 0.000_001m,
            (byte)'m' => 0.001m,
            (byte)'k' => 1_000m,
            (byte)'M' => 1_000_000m,
            (byte)'G' => 1_000_000_000m,
            (byte)'T' => 1_000_000_000_000m,
            (byte)'P' => 1_000_000_000_000_000m,
            (byte)'E' => 1_000_000_000_000_000_000m,
            _ => null,
        },
        2 when unit[1] == 'i' => unit[0] switch
        {
            (byte)'K' => 1L << 10,
            (byte)'M' => 1L << 20,
            (byte)'G' => 1L << 30,
            (byte)'T' => 1L << 40,
            (byte)'P' => 1L << 50,
            (byte)'E' => 1L << 60,
            _ => null,
        },
        _ => null,
    };
}
