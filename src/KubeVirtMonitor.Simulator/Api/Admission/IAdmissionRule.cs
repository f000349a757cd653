namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What an admission webhook is to a real API server.</summary>
public interface IAdmissionRule
{
    /// <summary>Looks at a write, may change its object, and refuses it by a failure.</summary>
    /// <returns>Why it is refused, or null.</returns>
    ApiStatus? Review(AdmissionRequest request);
}
