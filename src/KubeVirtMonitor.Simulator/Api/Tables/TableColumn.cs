using System.Text.Json;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A column of <c>kubectl get</c>.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Type"><c>string</c>, <c>integer</c> or <c>date</c>.</param>
/// <param name="Priority">0 = always shown, 1 = with <c>-o wide</c>.</param>
/// <param name="Cell">The value for an object at a time: a string, a number, or null for none.</param>
public sealed record TableColumn(string Name, string Type, int Priority, Func<JsonElement, DateTimeOffset, object?> Cell)
{
    /// <summary>The age, as the last column of built-in resources has it.</summary>
    public static TableColumn Age { get; } = new("Age", "string", 0, static (item, now) => CellValues.Age(item, now));

    /// <summary>The age, as custom resources have it.</summary>
    public static TableColumn CustomAge { get; } = Age with { Type = "date" };

    /// <summary>A column that shows the text at a path such as <c>status.phase</c>.</summary>
    public static TableColumn Of(string name, string path, int priority = 0) =>
        new(name, "string", priority, (item, _) => CellValues.Text(item, path));

    /// <summary>A column that shows the status of a condition.</summary>
    public static TableColumn Condition(string name, string condition, int priority = 0) =>
        new(name, "string", priority, (item, _) => CellValues.Condition(item, condition));
}
