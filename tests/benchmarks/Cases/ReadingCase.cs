using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>Lines, names, values and label blocks, delimited and checked, and nothing made of them.</summary>
public sealed class ReadingCase : IParseCase
{
    /// <summary>Bytes at a time, as the module reads; a window stays in the processor's cache.</summary>
    public const int Window = 1 << 20;

    /// <inheritdoc/>
    public long Run(byte[] scrape)
    {
        ArgumentNullException.ThrowIfNull(scrape);
        ExpositionReaderState state = default;
        long samples = 0;
        int position = 0;
        int window = Window;
        while (position < scrape.Length)
        {
            int length = Math.Min(window, scrape.Length - position);
            bool isFinal = position + length == scrape.Length;
            ExpositionReader reader = new(scrape.AsSpan(position, length), isFinal, ExpositionFormat.PrometheusText, state);
            while (reader.Read())
            {
                if (reader.Token == ExpositionToken.Sample) samples++;
                else if (reader.Token == ExpositionToken.Defect) throw new InvalidOperationException(reader.Defect!.ToString());
            }

            state = reader.State;
            position += reader.BytesConsumed;
            if (isFinal) break;

            // Nothing consumed: a line longer than the window.
            window = reader.BytesConsumed == 0 ? window * 2 : Window;
        }

        return samples;
    }
}
