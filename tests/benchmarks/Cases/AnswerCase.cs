using System.Text.Json;
using KubeVirtMonitor.Prometheus;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>The answer to a query of a range, series by series, from the windows that a connection gives.</summary>
public sealed class AnswerCase : IParseCase
{
    private const int Window = 64 << 10;

    /// <inheritdoc/>
    public long Run(byte[] scrape)
    {
        ArgumentNullException.ThrowIfNull(scrape);
        using AnswerReader reader = new();
        long points = 0;
        for (int position = 0; position < scrape.Length;)
        {
            int length = Math.Min(Window, scrape.Length - position);
            scrape.AsSpan(position, length).CopyTo(reader.GetMemory(Window).Span);
            reader.Advance(length);
            position += length;
            while (reader.Read()) points += reader.Series.Points.Length;
        }

        return reader.IsComplete ? points : throw new InvalidOperationException("The answer ended early.");
    }
}

/// <summary>The same answer by the platform's tokenizer, with all of it in memory: each number read, and nothing made of them.</summary>
public sealed class AnswerTokensCase : IParseCase
{
    /// <inheritdoc/>
    public long Run(byte[] scrape)
    {
        Utf8JsonReader reader = new(scrape);
        long points = 0;
        double sum = 0;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.Number) continue;
            sum += reader.GetDouble();
            reader.Read();
            if (System.Buffers.Text.Utf8Parser.TryParse(reader.ValueSpan, out double value, out _)) sum += value;
            points++;
        }

        return sum != 0 ? points : 0;
    }
}
