using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Probes;

/// <summary>Values of JSON nodes, where they are of the type that is asked for.</summary>
internal static class JsonText
{
    /// <summary>The text of a string; null for anything else.</summary>
    public static string? Of(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>The value of a whole number that fits 32 bits; null for anything else. 3.0 and 1e1 are whole, as the API server takes them.</summary>
    public static int? Whole(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.Number
        && double.TryParse(value.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out double number)
        && number == Math.Floor(number) && number is >= int.MinValue and <= int.MaxValue
            ? (int)number
            : null;

    /// <summary>Whether it is the truth value.</summary>
    public static bool Is(JsonNode? node, bool expected) => node is JsonValue value && value.TryGetValue(out bool flag) && flag == expected;
}
