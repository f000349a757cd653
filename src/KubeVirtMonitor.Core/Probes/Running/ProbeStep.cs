namespace KubeVirtMonitor.Probes.Running;

/// <summary>What a result did to the state.</summary>
/// <param name="State">The state after it.</param>
/// <param name="Transition">The change; null when the state stayed.</param>
/// <param name="Run">How many equal results in a row there are with it; 0 for one that was thrown away.</param>
/// <param name="Threshold">How many of them it takes.</param>
internal readonly record struct ProbeStep(ProbeState State, ProbeTransition? Transition, int Run, int Threshold);
