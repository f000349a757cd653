using System.Buffers.Text;
using System.Globalization;
using System.IO.Enumeration;
using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Alerts;

/// <summary>
/// What alerts are compared with, where it is not the usual: by names such as <c>GuestVCPUQueueHighWarning</c> for the only threshold of an alert, <c>KubeVirtVMGuestMemoryPressure.Headroom</c>
/// for one of several, and <c>VirtAPIDown.HoldSeconds</c> for the time that the condition has to hold. <c>*</c> and <c>?</c> stand for any text and any letter; case does not count.
/// </summary>
internal sealed class AlertThresholds
{
    private const string HoldName = "HoldSeconds";

    private readonly Dictionary<string, double> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The usual ones.</summary>
    public static AlertThresholds Usual { get; } = new();

    /// <summary>Every full name that can be set.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. AlertCatalog.Default.Definitions.SelectMany(static definition => NamesOf(definition).Append($"{definition.Name}.{HoldName}")).Distinct(StringComparer.Ordinal)];

    /// <summary>Sets one.</summary>
    /// <param name="name">Its name, or a pattern for several; what is set later counts.</param>
    /// <param name="value">The value, in the unit of the threshold.</param>
    /// <exception cref="AlertThresholdException">No alert has a threshold of the name, or the value cannot be one.</exception>
    public void Set(string name, double value)
    {
        string[] found = [.. Names.Where(full => Matches(name, full))];
        if (found.Length == 0) throw new AlertThresholdException(name, $"no alert has a threshold '{name}'", Nearest(name));
        if (double.IsNaN(value)) throw new AlertThresholdException(name, $"the threshold '{name}' is not a number", []);
        if (value < 0 && found.Any(static full => full.EndsWith(HoldName, StringComparison.Ordinal))) throw new AlertThresholdException(name, $"the time '{name}' is less than zero", []);
        foreach (string full in found) _values[full] = value;
    }

    /// <summary>Sets those of a JSON object, such as <c>{"LowVirtAPICount.Share": 0.5}</c>.</summary>
    /// <param name="json">The text as UTF-8.</param>
    /// <exception cref="FormatException">It is not an object of numbers.</exception>
    /// <exception cref="AlertThresholdException">As with <see cref="Set(string, double)"/>.</exception>
    public void SetAll(ReadOnlySpan<byte> json)
    {
        try
        {
            JsonCursor cursor = new(json);
            if (!cursor.EnterObject()) throw new FormatException("it is not a JSON object with the names and values of thresholds");
            while (cursor.NextField(out ReadOnlySpan<byte> name))
            {
                string key = Encoding.UTF8.GetString(name);
                ReadOnlySpan<byte> raw = cursor.ReadRaw();
                Set(key, Utf8Parser.TryParse(raw, out double value, out int used) && used == raw.Length ? value : throw new FormatException($"{key} is not a number"));
            }
        }
        catch (JsonException exception)
        {
            throw new FormatException("it is not a JSON object with the names and values of thresholds", exception);
        }
    }

    /// <summary>What a value is compared with; null where that is no constant.</summary>
    /// <param name="definition">The alert.</param>
    /// <param name="index">Which of its thresholds.</param>
    public double? Of(AlertDefinition definition, int index)
    {
        AlertThreshold threshold = definition.Thresholds[index];
        return threshold.IsSettable && _values.TryGetValue($"{definition.Name}.{threshold.Name}", out double value) ? value : threshold.Value;
    }

    /// <summary>How long the condition has to hold.</summary>
    public TimeSpan HoldOf(AlertDefinition definition) => _values.TryGetValue($"{definition.Name}.{HoldName}", out double seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue)) : definition.Hold;

    /// <summary>Whether the user wants to hear of the condition as soon as it is seen: the time to hold was set, and to zero.</summary>
    public bool IsAtOnce(AlertDefinition definition) => _values.TryGetValue($"{definition.Name}.{HoldName}", out double seconds) && seconds == 0;

    /// <summary>Sets one from a text, which has to be a number as JSON writes it: a comma would be the mark of thousands in one country and of tenths in another.</summary>
    /// <param name="name">Its name, or a pattern for several.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="AlertThresholdException">As with <see cref="Set(string, double)"/>, or the text is no number.</exception>
    public void Set(string name, string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
        {
            Set(name, value);
            return;
        }

        string hint = text.Count(static letter => letter == ',') == 1 && double.TryParse(text.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out double meant)
            ? $": '{text}' has a comma. Write {meant.ToString("R", CultureInfo.InvariantCulture)}" : "";
        throw new AlertThresholdException(name, $"the threshold '{name}' is not a number{hint}", []);
    }

    /// <summary>Holds what was set against each other: what is a warning has to come before what is critical.</summary>
    /// <exception cref="AlertThresholdException">A warning would begin beyond what is critical, so that it could never be one.</exception>
    public void Verify()
    {
        foreach ((AlertDefinition warning, AlertDefinition critical) in Pairs)
        {
            string[] names = [FullName(warning), FullName(critical)];
            if (!Array.Exists(names, _values.ContainsKey) || Of(warning, 0) is not { } first || Of(critical, 0) is not { } second) continue;
            bool isMore = warning.Thresholds[0].Comparison is AlertComparison.Greater or AlertComparison.GreaterOrEqual;
            if (isMore ? first <= second : first >= second) continue;
            string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
            throw new AlertThresholdException(names[0], $"{names[0]} is {Text(first)} and {names[1]} is {Text(second)}: a warning {(isMore ? "above" : "below")} what is critical never comes. Set both", []);
        }
    }

    private static string FullName(AlertDefinition definition) => $"{definition.Name}.{definition.Thresholds[0].Name}";

    // Alerts that have a warning and a critical part, under one name or under two.
    private static (AlertDefinition Warning, AlertDefinition Critical)[] Pairs { get; } =
    [
        .. from warning in AlertCatalog.Default.Definitions
           where warning.Severity == AlertSeverity.Warning && warning.Thresholds.Count > 0 && warning.Thresholds[0].IsSettable
           from critical in AlertCatalog.Default.Definitions
           where critical.Severity == AlertSeverity.Critical && critical.Thresholds.Count > 0 && critical.Thresholds[0].IsSettable
               && (critical.Name == warning.Name || (warning.Name.EndsWith("Warning", StringComparison.Ordinal) && critical.Name == warning.Name[..^"Warning".Length] + "Critical"))
           select (warning, critical),
    ];

    private static IEnumerable<string> NamesOf(AlertDefinition definition) =>
        definition.Thresholds.Where(static threshold => threshold.IsSettable).Select(threshold => $"{definition.Name}.{threshold.Name}");

    // The name of an alert alone is that of its only threshold, and no time.
    private static bool Matches(string name, string full)
    {
        if (FileSystemName.MatchesSimpleExpression(name, full) && (name.Contains('.', StringComparison.Ordinal) || !full.EndsWith("." + HoldName, StringComparison.Ordinal))) return true;
        string alert = full[..full.IndexOf('.', StringComparison.Ordinal)];
        return !full.EndsWith("." + HoldName, StringComparison.Ordinal) && FileSystemName.MatchesSimpleExpression(name, alert)
            && AlertCatalog.Default.Definitions.Where(definition => definition.Name == alert).SelectMany(NamesOf).Distinct(StringComparer.Ordinal).Count() == 1;
    }

    private static IReadOnlyList<string> Nearest(string name)
    {
        string[] ofAlert = [.. Names.Where(full => full.StartsWith(name.Split('.')[0] + ".", StringComparison.OrdinalIgnoreCase))];
        return ofAlert.Length > 0 ? ofAlert : NearestNames.Of(name, Names.Select(static full => full[..full.IndexOf('.', StringComparison.Ordinal)]).Distinct(StringComparer.Ordinal).Concat(Names));
    }
}

/// <summary>A threshold that cannot be set.</summary>
/// <param name="name">The name that was given.</param>
/// <param name="message">What is wrong, without a full stop.</param>
/// <param name="nearest">The names that may be meant.</param>
internal sealed class AlertThresholdException(string name, string message, IReadOnlyList<string> nearest) : Exception(message)
{
    /// <summary>The name that was given.</summary>
    public string Name { get; } = name;

    /// <summary>The names that may be meant.</summary>
    public IReadOnlyList<string> Nearest { get; } = nearest;
}
