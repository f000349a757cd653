using System.Collections;
using System.Globalization;
using System.Management.Automation;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Binding;

/// <summary>Takes samples, lists of them, and samples that were saved by <c>Export-Clixml</c>, <c>ConvertTo-Json</c> or <c>Export-Csv</c> and read again.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SampleTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? given = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        switch (given)
        {
            case MetricSample one: return new[] { one };
            case MetricSample[] or null: return given;
            case IEnumerable many and not (string or IDictionary):
                List<MetricSample> samples = [];
                foreach (object? item in many)
                {
                    if (item is not null) samples.Add(item as MetricSample ?? Read(item));
                }

                return samples.ToArray();
            default: return new[] { Read(inputData!) };
        }
    }

    private static MetricSample Read(object item)
    {
        PSObject saved = PSObject.AsPSObject(item);
        if (saved.BaseObject is MetricSample sample) return sample;
        try
        {
            if (Text(saved, nameof(MetricSample.Name)) is { } name && Text(saved, nameof(MetricSample.Value)) is { } value && TimeOf(Property(saved, nameof(MetricSample.Timestamp))) is { } timestamp)
            {
                return new SavedSample
                {
                    Name = name,
                    Value = NumberOf(value),
                    Kind = EnumOf<MetricKind>(saved, nameof(MetricSample.Kind)) ?? MetricKind.Gauge,
                    Unit = Text(saved, nameof(MetricSample.Unit)),
                    Tags = TagsOf(Property(saved, nameof(MetricSample.Tags))),
                    Timestamp = timestamp,
                    Interval = IntervalOf(Property(saved, nameof(MetricSample.IntervalSeconds))),
                    Namespace = Text(saved, nameof(MetricSample.Namespace)),
                    Vmi = Text(saved, nameof(MetricSample.Vmi)),
                    Node = Text(saved, nameof(MetricSample.Node)),
                    Cluster = Text(saved, nameof(MetricSample.Cluster)),
                    Component = EnumOf<ComponentKind>(saved, nameof(MetricSample.Component)),
                    Target = Text(saved, nameof(MetricSample.Target)) ?? "",
                    RawName = Text(saved, nameof(MetricSample.RawName)),
                }.ToSample();
            }
        }
        catch (Exception e) when (e is FormatException or ArgumentException or PSInvalidCastException)
        {
            throw new ArgumentTransformationMetadataException($"A saved sample cannot be read: {e.Message}", e);
        }

        throw new ArgumentTransformationMetadataException($"{saved.TypeNames.FirstOrDefault() ?? "The object"} is no sample: it has no Name, no Value or no Timestamp. Specify what Get-KubeVirtMetric writes, or what was saved of it.");
    }

    private static object? Property(PSObject saved, string name) => saved.BaseObject is IDictionary table ? table[name] : saved.Properties[name]?.Value;

    private static string? Text(PSObject saved, string name) =>
        Property(saved, name) is { } value && LanguagePrimitives.ConvertTo<string>(value) is { Length: > 0 } text ? text : null;

    // Cultures write infinity as a sign, and all others as the word.
    private static double NumberOf(string text)
    {
        text = text.Replace("∞", "Infinity", StringComparison.Ordinal);
        // Export-Csv writes in the culture of its session, in which a comma may be what is a point elsewhere.
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.Parse(text, NumberStyles.Float, CultureInfo.CurrentCulture);
    }

    // A number in JSON, a name in CSV, and in CLIXML an object with both.
    private static T? EnumOf<T>(PSObject saved, string name)
        where T : struct, Enum =>
        Text(saved, name) is { } text ? Enum.Parse<T>(text, ignoreCase: true) : null;

    private static DateTimeOffset? TimeOf(object? value)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        switch (plain)
        {
            case DateTimeOffset time: return time;
            case DateTime time: return time;
            case string { Length: > 0 } text:
                // What is no ISO time is in the culture of a session, and the month of another culture is the day of this one.
                return DateTimeOffset.TryParse(text, char.IsAsciiDigit(text[0]) && text.Length > 4 && text[4] == '-' ? CultureInfo.InvariantCulture : CultureInfo.CurrentCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset parsed)
                    ? parsed
                    : throw new FormatException($"'{text}' is no time in the culture {CultureInfo.CurrentCulture.Name} of this session. Read the file in the culture in which it was written.");
            default: return value is PSObject saved && saved.Properties["UtcTicks"]?.Value is long ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        }
    }

    private static TimeSpan? IntervalOf(object? value) =>
        (value is PSObject wrapped ? wrapped.BaseObject : value) is null or "" ? null : TimeSpan.FromSeconds(value is string text ? NumberOf(text) : LanguagePrimitives.ConvertTo<double>(value));

    private static List<KeyValuePair<string, string>> TagsOf(object? value)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        List<KeyValuePair<string, string>> tags = [];
        switch (plain)
        {
            case IDictionary table:
                foreach (DictionaryEntry tag in table) tags.Add(new($"{tag.Key}", $"{tag.Value}"));
                break;
            case string text:
                foreach (string part in text.Split(", ", StringSplitOptions.RemoveEmptyEntries))
                {
                    int equals = part.IndexOf('=', StringComparison.Ordinal);
                    // A comma within a value.
                    if (equals <= 0 && tags.Count > 0) tags[^1] = new(tags[^1].Key, $"{tags[^1].Value}, {part}");
                    else if (equals > 0) tags.Add(new(part[..equals], part[(equals + 1)..]));
                }

                break;
            case PSCustomObject:
                foreach (PSPropertyInfo tag in ((PSObject)value!).Properties) tags.Add(new(tag.Name, $"{tag.Value}"));
                break;
        }

        return tags;
    }
}
