using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>The probes of a spec.</summary>
/// <param name="Readiness">The readiness probe, or null for none.</param>
/// <param name="Liveness">The liveness probe, or null for none.</param>
internal sealed record GuestProbes(JsonObject? Readiness, JsonObject? Liveness);
