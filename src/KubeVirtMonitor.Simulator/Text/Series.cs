namespace KubeVirtMonitor.Simulator;

/// <summary>One line of a scrape.</summary>
/// <param name="Labels">The rendered label block.</param>
/// <param name="Value">Its value over time.</param>
/// <param name="Suffix">What follows the family name.</param>
/// <param name="AgeSeconds">Null for a line without a timestamp; else how many seconds before the last full five seconds it was measured.</param>
/// <param name="Meter">Who reads it, where its value is more than a function of the whole seconds.</param>
internal readonly record struct Series(byte[] Labels, SeriesValue Value, SeriesSuffix Suffix = SeriesSuffix.None, int? AgeSeconds = null, SeriesMeter? Meter = null);
