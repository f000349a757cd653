using System.Text;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Tests.Exposition;

/// <summary>A scrape read to the end, as plain lists to assert on.</summary>
internal sealed class Scrape
{
    public List<ScrapeSample> Samples { get; } = [];

    public List<string> Metadata { get; } = [];

    public List<ExpositionDefect> Defects { get; } = [];

    public bool Ended { get; private set; }

    public static Scrape Read(string text, ExpositionFormat format = ExpositionFormat.PrometheusText, int block = int.MaxValue, int maxLabels = 256) =>
        Read(Encoding.UTF8.GetBytes(text), format, block, maxLabels);

    public static Scrape Read(byte[] bytes, ExpositionFormat format = ExpositionFormat.PrometheusText, int block = int.MaxValue, int maxLabels = 256)
    {
        Scrape scrape = new();
        ExpositionReaderState state = default;
        int position = 0;
        int length = Math.Min(block, bytes.Length);
        while (true)
        {
            bool final = position + length == bytes.Length;
            ExpositionReader reader = new(bytes.AsSpan(position, length), final, format, state, maxLabels);
            while (reader.Read()) scrape.Take(ref reader);
            state = reader.State;
            position += reader.BytesConsumed;
            if (final) return scrape;
            length = reader.BytesConsumed == 0 ? Math.Min(length + block, bytes.Length - position) : Math.Min(block, bytes.Length - position);
        }
    }

    private void Take(ref ExpositionReader reader)
    {
        switch (reader.Token)
        {
            case ExpositionToken.Sample:
                List<string> labels = [];
                LabelReader label = new(reader.Labels);
                while (label.Read()) labels.Add($"{LabelText.Unescape(label.Name)}={LabelText.Unescape(label.Value)}");
                Samples.Add(new ScrapeSample(
                    reader.Line,
                    LabelText.Unescape(reader.Name),
                    string.Join("|", labels),
                    reader.Value,
                    reader.HasTimestamp ? reader.Timestamp : null,
                    Encoding.UTF8.GetString(reader.Exemplar)));
                break;
            case ExpositionToken.Defect:
                Defects.Add(reader.Defect!);
                break;
            case ExpositionToken.Eof:
                Ended = true;
                break;
            default:
                Metadata.Add($"{reader.Token} {LabelText.Unescape(reader.Name)} {(reader.Token == ExpositionToken.Type ? reader.Type.ToString() : LabelText.Unescape(reader.Text))}");
                break;
        }
    }
}
