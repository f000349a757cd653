using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>The ways of reading, by name.</summary>
internal static class ParseCases
{
    /// <summary>Name, what it does, and how to make one.</summary>
    public static IReadOnlyList<(string Name, string Title, Func<IParseCase> Create)> All { get; } =
    [
        ("scan", "Newline scan", () => new NewlineScan()),
        ("read", "Reading: labels delimited and checked, no objects", () => new ReadingCase()),
        ("first", "First scrape: read, mapped, an object per sample, all kept", () => new MappingCase(null, keep: true)),
        ("first-passing", "First scrape, each object let go at once", () => new MappingCase(null, keep: false)),
        ("first-tags", "First scrape, all kept, the tags of each asked for", () => new MappingCase(null, keep: true, tags: true)),
        ("repeated", "Repeated scrape: the same with the target's memory, all kept", () => new MappingCase(new TargetMemory(), keep: true)),
        ("repeated-passing", "Repeated scrape, each object let go at once", () => new MappingCase(new TargetMemory(), keep: false)),
    ];

    /// <summary>The ways of reading answers to queries, likewise.</summary>
    public static IReadOnlyList<(string Name, string Title, Func<IParseCase> Create)> Answers { get; } =
    [
        ("answer", "Answer to a query of a range: series with their points", () => new AnswerCase()),
        ("answer-tokens", "The same by System.Text.Json's `Utf8JsonReader`, all in memory, nothing made of it", () => new AnswerTokensCase()),
    ];

    /// <summary>Makes the case of a name.</summary>
    /// <exception cref="ArgumentException">There is no such case.</exception>
    public static IParseCase Create(string name) =>
        All.Concat(Answers).FirstOrDefault(item => item.Name == name).Create?.Invoke()
            ?? throw new ArgumentException($"There is no case '{name}'. There are: {string.Join(", ", All.Concat(Answers).Select(item => item.Name))}.");
}
