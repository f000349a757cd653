using KubeVirtMonitor.Simulator.Api;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>Somebody who was faster: refuses updates of the KubeVirt resource as the API server does then.</summary>
internal sealed class RacingRule : IAdmissionRule
{
    /// <summary>How many updates are refused.</summary>
    public int Left { get; set; }

    /// <summary>What happens while the resource is written.</summary>
    public Action? Meanwhile { get; set; }

    public ApiStatus? Review(AdmissionRequest request)
    {
        if (request.Verb != "update" || request.Type.Plural != "kubevirts") return null;
        Meanwhile?.Invoke();
        return Left-- > 0
            ? new ApiStatus(409, "Conflict", "Operation cannot be fulfilled on kubevirts.kubevirt.io \"kubevirt\": the object has been modified; please apply your changes to the latest version and try again")
            : null;
    }
}
