using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Yaml;

/// <summary>What a scalar means by YAML 1.1 as kubectl's reader understands it: yes and on are true, 0777 is octal, dates stay text.</summary>
internal static partial class ScalarResolver
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    public static bool IsMergeKey(YamlNode key) =>
        key.Kind == YamlLayoutKind.Scalar && key.Text == "<<" && (key.Tag is null ? key.Style == YamlStyle.Plain : key.Tag == TagPrefix + "merge");

    public static bool IsSpecialFloat(string text) => SpecialFloat().IsMatch(text);

    public static JsonNode? Resolve(YamlNode scalar)
    {
        if (scalar.Tag is null) return scalar.Style == YamlStyle.Plain ? Plain(scalar, scalar.Text) : JsonValue.Create(scalar.Text);
        if (!scalar.Tag.StartsWith(TagPrefix, StringComparison.Ordinal)) return JsonValue.Create(scalar.Text);
        string tag = scalar.Tag[TagPrefix.Length..];
        JsonValue? plain = tag is "bool" or "int" or "float" or "null" ? Plain(scalar, scalar.Text) : null;
        return tag switch
        {
            "binary" => JsonValue.Create(Binary(scalar)),
            "bool" when plain?.GetValueKind() is JsonValueKind.True or JsonValueKind.False => plain,
            "int" when plain?.GetValueKind() is JsonValueKind.Number && plain.ToJsonString().AsSpan().IndexOfAny('.', 'E') < 0 => plain,
            "float" when plain?.GetValueKind() is JsonValueKind.Number => plain,
            "null" when plain is null => null,
            "bool" or "int" or "float" or "null" => throw Error(scalar, $"the value is not of the type {tag}, as its tag says"),
            _ => JsonValue.Create(scalar.Text),
        };
    }

    /// <summary>The key of a mapping as JSON knows it; null when it is none (null, a mapping, a sequence).</summary>
    public static string? KeyText(JsonNode? key) => key switch
    {
        JsonValue value when value.TryGetValue(out string? text) => text,
        JsonValue value => value.ToJsonString(),
        _ => null,
    };

    /// <summary>True when the text, written without quotes, is read as that very text.</summary>
    public static bool IsPlainText(string text) => PlainValue(text) is JsonValue value && value.TryGetValue(out string? same) && same == text && !IsSpecial(text);

    private static bool IsSpecial(string text) => text is "<<" or "=" || SpecialFloat().IsMatch(text);

    private static JsonValue? Plain(YamlNode scalar, string text) => SpecialFloat().IsMatch(text)
        ? throw Error(scalar, "infinity and not-a-number have no JSON equivalent; put quotes around it if it is text")
        : PlainValue(text);

    private static JsonValue? PlainValue(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "y" or "Y" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "true" or "True" or "TRUE" => JsonValue.Create(true),
        "n" or "N" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "false" or "False" or "FALSE" => JsonValue.Create(false),
        _ when text[0] is '+' or '-' or '.' || char.IsAsciiDigit(text[0]) => Number(text) ?? JsonValue.Create(text),
        _ => JsonValue.Create(text),
    };

    private static JsonValue? Number(string text)
    {
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        if (WholeNumber().Match(digits) is { Success: true } match && Whole(match) is { } whole)
        {
            if (whole >= long.MinValue && whole <= long.MaxValue) return JsonValue.Create((long)whole);
            if (whole > 0 && whole <= ulong.MaxValue) return JsonValue.Create((ulong)whole);
        }

        return Fraction().IsMatch(digits)
            && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && double.IsFinite(value)
                ? FromDouble(value)
                : null;
    }

    // A leading zero means octal, so 08 is none; it then counts as a decimal fraction without a fraction.
    private static BigInteger? Whole(Match match)
    {
        string digits = match.Groups["digits"].Value;
        int radix = match.Groups["radix"].Value switch
        {
            "0x" or "0X" => 16,
            "0b" or "0B" => 2,
            "0" or "0o" or "0O" => 8,
            _ => 10,
        };
        BigInteger value = BigInteger.Zero;
        foreach (char digit in digits)
        {
            int worth = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : int.MaxValue;
            if (worth >= radix) return null;
            value = (value * radix) + worth;
        }

        return match.Groups["sign"].Value == "-" ? -value : value;
    }

    private static JsonValue FromDouble(double value) =>
        value == Math.Floor(value) && Math.Abs(value) < 1e15 ? JsonValue.Create((long)value) : JsonValue.Create(value);

    private static string Binary(YamlNode scalar)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(scalar.Text));
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw Error(scalar, "the value is not base64 of UTF-8 text, as its tag says");
        }
    }

    private static YamlFormatException Error(YamlNode where, string what) => where.Start.Error(what);

    /// <summary>Whole numbers of any radix.</summary>
    [GeneratedRegex("^(?<sign>[-+]?)(?<radix>0[xX]|0[bB]|0[oO]|0(?=[0-9]))?(?<digits>[0-9a-fA-F]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex WholeNumber();

    /// <summary>Decimal fractions.</summary>
    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Fraction();

    /// <summary>Infinity and not-a-number.</summary>
    [GeneratedRegex(@"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$", RegexOptions.CultureInvariant)]
    private static partial Regex SpecialFloat();
}
