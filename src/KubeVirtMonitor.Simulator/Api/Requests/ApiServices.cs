using KubeVirtMonitor.Simulator.Datadog;
using KubeVirtMonitor.Simulator.Guests;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What the handlers of requests share.</summary>
internal sealed record ApiServices(
    SimulatorHost Host,
    ApiServerOptions Options,
    ResourceStore Store,
    TimeProvider Time,
    TokenIssuer Tokens,
    Authenticator Authenticator,
    RbacAuthorizer Authorizer,
    ApiFaults Faults,
    ApiRequestLog Log,
    IPodNetwork Network,
    ExecCommands Commands,
    GuestFleet Guests,
    PodKeeper Pods,
    LeaseKeeper Leases)
{
    /// <summary>The Datadog Agents; null = there are none.</summary>
    public SimulatedAgents? Agents { get; set; }
}
