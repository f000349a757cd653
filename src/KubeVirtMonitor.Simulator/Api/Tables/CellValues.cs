using System.Globalization;
using System.Text.Json;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Values of table cells, and of the fields that selectors look at.</summary>
internal static class CellValues
{
    /// <summary>The element at a path of names and indexes such as <c>status.interfaces.0.ipAddress</c>, or null.</summary>
    public static JsonElement? At(JsonElement item, string path)
    {
        JsonElement at = item;
        foreach (string part in path.Split('.'))
        {
            if (at.ValueKind == JsonValueKind.Array)
            {
                if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index >= at.GetArrayLength()) return null;
                at = at[index];
            }
            else if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(part, out at))
            {
                return null;
            }
        }

        return at.ValueKind == JsonValueKind.Null ? null : at;
    }

    public static string? Text(JsonElement item, string path) => At(item, path) is { } found ? found.ToString() : null;

    public static long Number(JsonElement item, string path) => At(item, path) is { ValueKind: JsonValueKind.Number } found ? found.GetInt64() : 0;

    public static IEnumerable<JsonElement> Items(JsonElement item, string path) => At(item, path) is { ValueKind: JsonValueKind.Array } found ? found.EnumerateArray() : [];

    public static string? Condition(JsonElement item, string type)
    {
        foreach (JsonElement condition in Items(item, "status.conditions"))
        {
            if (Text(condition, "type") == type) return Text(condition, "status");
        }

        return null;
    }

    public static string Age(JsonElement item, DateTimeOffset now) =>
        At(item, "metadata.creationTimestamp") is { } created && created.TryGetDateTimeOffset(out DateTimeOffset time) ? Duration(now - time) : "<unknown>";

    /// <summary>A duration as kubectl and the API server abbreviate it: <c>45s</c>, <c>5m12s</c>, <c>3h4m</c>, <c>2d3h</c>, <c>400d</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        long seconds = (long)time.TotalSeconds;
        if (seconds < -1) return "<invalid>";
        if (seconds < 0) return "0s";
        if (seconds < 120) return Invariant($"{seconds}s");
        long minutes = seconds / 60;
        if (minutes < 10) return Two(minutes, "m", seconds % 60, "s");
        if (minutes < 180) return Invariant($"{minutes}m");
        long hours = minutes / 60;
        if (hours < 8) return Two(hours, "h", minutes % 60, "m");
        if (hours < 48) return Invariant($"{hours}h");
        long days = hours / 24;
        if (days < 8) return Two(days, "d", hours % 24, "h");
        if (days < 730) return Invariant($"{days}d");
        return days < 2920 ? Two(days / 365, "y", days % 365, "d") : Invariant($"{days / 365}y");
    }

    private static string Two(long first, string firstUnit, long second, string secondUnit) =>
        second == 0 ? Invariant($"{first}{firstUnit}") : Invariant($"{first}{firstUnit}{second}{secondUnit}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
