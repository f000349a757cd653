namespace KubeVirtMonitor.Simulator;

/// <summary>An option of a command.</summary>
/// <param name="Name">Its name with the dashes.</param>
/// <param name="Value">What its value is called in the help, or null for a switch.</param>
/// <param name="Description">What it does, with the default.</param>
/// <param name="Repeats">Whether it may be given more than once.</param>
public sealed record OptionSpec(string Name, string? Value, string Description, bool Repeats = false);
