using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Binding;

/// <summary>Takes durations as people write them: a number is seconds, and <c>90s</c>, <c>5m</c>, <c>1h</c>, <c>1h30m</c>, <c>7d</c> and <c>0:05:00</c> are what they look like. Alone, PowerShell would take 15 for ticks, and '15' for days.</summary>
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
        return Parse(text) ?? throw new ArgumentTransformationMetadataException($"'{text}' is not a duration. Specify seconds, such as 15, or a duration such as 90s, 5m, 1h, 1h30m, 7d or 00:05:00.");
    }

    private static readonly string[] Units = ["ms", "s", "m", "h", "d", "w"];
    private static readonly double[] Seconds = [0.001, 1, 60, 3600, 86_400, 604_800];

    // As Prometheus has them: 1d12h, the larger unit first, and each once.
    private static TimeSpan? ParseParts(string text)
    {
        Match match = Parts.Match(text);
        if (!match.Success) return null;
        double count = 0;
        for (int i = 0; i < Units.Length; i++)
        {
            if (match.Groups[Units[i]] is { Success: true, ValueSpan: var number }) count += Seconds[i] * double.Parse(number, CultureInfo.InvariantCulture);
        }

        return count < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(count) : null;
    }

    private static readonly Regex Parts = new(@"^(?=\d)((?<w>\d{1,9})w)?((?<d>\d{1,9})d)?((?<h>\d{1,9})h)?((?<m>\d{1,9})m)?((?<s>\d{1,9})s)?((?<ms>\d{1,9})ms)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    /// <summary>The duration that a text is; null where it is none, or too long.</summary>
    internal static TimeSpan? Parse(string text)
    {
        // Two numbers would be hours and minutes, where many mean minutes and seconds.
        if (text.Contains(':', StringComparison.Ordinal)) return text.Count(static letter => letter == ':') == 2 && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan span) ? span : null;
        if (ParseParts(text) is { } parts) return parts;
        int unit = Array.FindIndex(Units, suffix => text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));
        string number = unit < 0 ? text : text[..^Units[unit].Length];
        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double count)) return null;
        count *= unit < 0 ? 1 : Seconds[unit];
        return Math.Abs(count) < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromTicks((long)Math.Round(count * TimeSpan.TicksPerSecond)) : null;
    }
}

/// <summary>Takes points in time as PowerShell reads them, and says of other texts what to write.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TimeTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if ((inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is not string text || LanguagePrimitives.TryConvertTo(text, CultureInfo.InvariantCulture, out DateTimeOffset _)) return inputData;
        string length = text.Trim().TrimStart('-');
        throw new ArgumentTransformationMetadataException(DurationTransformationAttribute.Parse(length) is not null
            ? $"'{text}' is a length of time and not a moment. For a range up to now, specify -Last {length}; a moment is written like '2026-11-28 09:30', or (Get-Date).AddHours(-1)."
            : $"'{text}' is not a moment. Write it like '2026-11-28 09:30' or '2026-11-28 08:30Z', or compute it, such as (Get-Date).AddHours(-1) or (Get-Date).Date.");
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
