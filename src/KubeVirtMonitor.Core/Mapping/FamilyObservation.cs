namespace KubeVirtMonitor.Mapping;

/// <summary>One sample name that a scrape contained.</summary>
/// <param name="SampleName">The name on the sample lines.</param>
/// <param name="FamilyName">The family by the scrape's own TYPE line, or the sample name where there is none.</param>
/// <param name="Type">The type by the scrape's own TYPE line; <c>untyped</c> where there is none.</param>
/// <param name="Series">Number of sample lines.</param>
/// <param name="Definition">What it maps to, or null.</param>
public sealed record FamilyObservation(string SampleName, string FamilyName, string Type, long Series, MetricDefinition? Definition);
