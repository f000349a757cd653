using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>What Python makes of values.</summary>
internal static class Python
{
    /// <summary>JSON without escapes that are not needed.</summary>
    public static JsonSerializerOptions Relaxed { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A text as JSON.</summary>
    public static string Json(string text) => JsonSerializer.Serialize(text, Relaxed);

    /// <summary>Whether a setting is on: <c>is_affirmative</c> of the checks.</summary>
    public static bool IsAffirmative(JsonNode? value, bool absent = false) => value switch
    {
        null => absent,
        JsonValue text when text.GetValueKind() == JsonValueKind.String => ((string)text!).ToLowerInvariant() is "yes" or "true" or "1" or "y" or "on",
        JsonValue flag when flag.GetValueKind() is JsonValueKind.True or JsonValueKind.False => (bool)flag,
        JsonValue number => double.Parse(number.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture) != 0,
        JsonArray list => list.Count > 0,
        JsonObject map => map.Count > 0,
        _ => true,
    };

    /// <summary>A regular expression that is searched for.</summary>
    /// <exception cref="CheckFailure">It is none.</exception>
    public static Regex Pattern(string text)
    {
        try
        {
            return new Regex(text, RegexOptions.CultureInvariant);
        }
        catch (ArgumentException failure)
        {
            throw new CheckFailure("re.PatternError", failure.Message);
        }
    }

    /// <summary>A text in quotes, as <c>repr()</c> writes it.</summary>
    public static string Repr(string text) => text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal)
        ? $"\"{text}\""
        : $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    /// <summary>The text of a value when it is one.</summary>
    public static string? Text(JsonNode? value) => value is JsonValue text && text.GetValueKind() == JsonValueKind.String ? (string)text! : null;
}
