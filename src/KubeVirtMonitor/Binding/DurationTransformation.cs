using System.Globalization;
using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>Takes durations as people write them: a number is seconds, and <c>90s</c>, <c>5m</c>, <c>1h</c>, <c>7d</c> and <c>0:05:00</c> are what they look like. Alone, PowerShell would take 15 for ticks, and '15' for days.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is null or TimeSpan) return value;
        // 1d is a day, although PowerShell reads a number of another type in it.
        string text = LanguagePrimitives.ConvertTo<string>(value is decimal ? inputData : value).Trim();
        return Parse(text) ?? throw new ArgumentTransformationMetadataException($"'{text}' is not a duration. Specify seconds, such as 15, or a duration such as 90s, 5m, 1h, 7d or 00:05:00.");
    }

    /// <summary>The duration that a text is; null where it is none, or too long.</summary>
    internal static TimeSpan? Parse(string text)
    {
        // Two numbers would be hours and minutes, where many mean minutes and seconds.
        if (text.Contains(':', StringComparison.Ordinal)) return text.Count(static letter => letter == ':') == 2 && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan span) ? span : null;
        string[] units = ["ms", "s", "m", "h", "d"];
        double[] seconds = [0.001, 1, 60, 3600, 86_400];
        int unit = Array.FindIndex(units, suffix => text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));
        string number = unit < 0 ? text : text[..^units[unit].Length];
        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double count)) return null;
        count *= unit < 0 ? 1 : seconds[unit];
        return Math.Abs(count) < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromTicks((long)Math.Round(count * TimeSpan.TicksPerSecond)) : null;
    }
}

/// <summary>A duration that has to be within limits.</summary>
/// <param name="seconds">The shortest, in seconds.</param>
/// <param name="most">The longest, in seconds.</param>
internal sealed class DurationRangeAttribute(double seconds, double most) : ValidateEnumeratedArgumentsAttribute
{
    /// <inheritdoc/>
    protected override void ValidateElement(object element)
    {
        TimeSpan duration = LanguagePrimitives.ConvertTo<TimeSpan>(element);
        if (duration.TotalSeconds < seconds || duration.TotalSeconds > most)
            throw new ValidationMetadataException(string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.###} seconds is outside the limits. Specify {seconds:0.###} to {most:0} seconds."));
    }
}
