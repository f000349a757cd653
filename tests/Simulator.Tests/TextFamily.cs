namespace KubeVirtMonitor.Tests.Simulator;

/// <summary>A family of a scrape as its HELP and TYPE lines delimit it.</summary>
internal sealed record TextFamily(string Name, string Help, string Type, IReadOnlyList<TextLine> Lines)
{
    /// <summary>Reads a scrape; a line before the first TYPE line or of a foreign name fails the test.</summary>
    public static IReadOnlyList<TextFamily> Read(string text)
    {
        List<TextFamily> families = [];
        List<TextLine> lines = [];
        string help = "";
        foreach (string line in text.Split('\n'))
        {
            if (line.Length == 0) continue;
            string[] words = line.Split(' ', 4);
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                help = words[3];
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                lines = [];
                families.Add(new TextFamily(words[2], help, words[3], lines));
            }
            else
            {
                TextLine sample = TextLine.Parse(line);
                Xunit.Assert.True(Belongs(sample.Name, families[^1]), $"{sample.Name} stands under {families[^1].Name}.");
                lines.Add(sample);
            }
        }

        return families;
    }

    /// <summary>The label names that its lines have, without the labels that come from the labels of an instance.</summary>
    public IEnumerable<string> LabelShapes => Lines
        .Select(line => string.Join(",", line.Labels.Select(label => label.Key).Where(key => !key.StartsWith("kubernetes_vmi_label_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)))
        .Distinct().Order(StringComparer.Ordinal);

    private static bool Belongs(string name, TextFamily family) => family.Type switch
    {
        "histogram" => name == family.Name + "_bucket" || name == family.Name + "_sum" || name == family.Name + "_count",
        "summary" => name == family.Name || name == family.Name + "_sum" || name == family.Name + "_count",
        _ => name == family.Name,
    };
}
