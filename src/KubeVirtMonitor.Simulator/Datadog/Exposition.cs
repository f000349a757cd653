using System.Globalization;
using System.Text;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>Reads the text format as Python's prometheus_client does: a sample that does not belong to the family before it begins one of its own.</summary>
internal static class Exposition
{
    /// <exception cref="CheckFailure">A line is none of the format; said as Python says it.</exception>
    public static List<ScrapedFamily> Read(IEnumerable<string> lines)
    {
        List<ScrapedFamily> families = [];
        string name = "";
        string type = "untyped";
        List<ScrapedSample> samples = [];
        string[] allowed = [""];

        void End(string next)
        {
            // A name without samples is a family too, which nothing is sent of.
            if (samples.Count > 0)
            {
                string plain = type == "counter" && name.EndsWith("_total", StringComparison.Ordinal) ? name[..^"_total".Length] : name;
                families.Add(new ScrapedFamily(plain, type == "untyped" ? "unknown" : type, samples));
            }

            name = next;
            type = "untyped";
            samples = [];
            allowed = [next];
        }

        foreach (string line in lines)
        {
            string text = line.Trim();
            if (text.Length == 0) continue;
            if (text[0] == '#')
            {
                string[] words = text.Split([' ', '\t'], 4, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length < 3 || words[1] is not ("TYPE" or "HELP")) continue;
                if (words[2] != name) End(words[2]);
                if (words[1] != "TYPE") continue;
                type = words.Length > 3 ? words[3].Trim() : "";
                allowed = type switch { "summary" => [name + "_count", name + "_sum", name], "histogram" => [name + "_count", name + "_sum", name + "_bucket"], _ => [name] };
                continue;
            }

            ScrapedSample sample = Sample(text);
            if (!allowed.Contains(sample.Name)) End(sample.Name);
            samples.Add(sample);
        }

        End("");
        return families;
    }

    private static ScrapedSample Sample(string text)
    {
        Dictionary<string, string> labels = new(StringComparer.Ordinal);
        int open = text.IndexOf('{', StringComparison.Ordinal);
        int at = text.IndexOfAny([' ', '\t', '{']);
        string name = at < 0 ? text : text[..at];
        int rest = Math.Max(at, 0);
        if (open == at && at >= 0)
        {
            rest = Labels(text, open + 1, labels);
        }

        string[] values = text[rest..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        string value = values.Length == 0 ? "" : values[0];
        return new ScrapedSample(name, labels, Number(value) ?? throw new CheckFailure("ValueError", $"could not convert string to float: {Python.Repr(values.LastOrDefault() ?? "")}"));
    }

    private static int Labels(string text, int at, Dictionary<string, string> labels)
    {
        while (at < text.Length && text[at] != '}')
        {
            int equals = text.IndexOf('=', at);
            int quote = equals < 0 ? -1 : text.IndexOf('"', equals);
            if (quote < 0) throw new CheckFailure("ValueError", $"Invalid line: {text}");
            string label = text[at..equals].Trim(' ', ',', '\t');
            StringBuilder value = new();
            for (at = quote + 1; at < text.Length && text[at] != '"'; at++)
            {
                if (text[at] == '\\' && at + 1 < text.Length)
                {
                    at++;
                    value.Append(text[at] switch { 'n' => "\n", '"' => "\"", '\\' => "\\", char other => "\\" + other });
                }
                else
                {
                    value.Append(text[at]);
                }
            }

            labels[label] = value.ToString();
            at++;
            while (at < text.Length && text[at] is ',' or ' ') at++;
        }

        return at + 1;
    }

    private static double? Number(string text) => text switch
    {
        "+Inf" or "Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null,
    };
}

/// <summary>A family as Python's prometheus_client gives it to a check: the name of a counter has no <c>_total</c>, and what has no type is <c>unknown</c>.</summary>
internal sealed record ScrapedFamily(string Name, string Type, List<ScrapedSample> Samples);

/// <summary>A sample: its whole name, its labels and its value.</summary>
internal sealed record ScrapedSample(string Name, Dictionary<string, string> Labels, double Value);
