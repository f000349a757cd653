namespace KubeVirtMonitor.Simulator;

/// <summary>A step of the tour in PowerShell.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Command">What a user would type.</param>
/// <param name="Check">An expression that is true when the step worked; <c>$last</c> is what the command wrote.</param>
/// <param name="Run">What is run in place of the command, where a user's folders are others than the tour's.</param>
internal sealed record TourStep(string Title, string Command, string Check, string? Run = null);
