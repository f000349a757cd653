namespace KubeVirtMonitor;

/// <summary>
/// What a rule is founded on: the answer of a real cluster (Kubernetes 1.36, KubeVirt 1.9.0) to an object with that fault, or the behaviour of one that took it.
/// In its texts <c>{probe}</c> stands for the path of the probe, and <c>{spec}</c> for that of the instance's spec.
/// </summary>
/// <param name="By">Who answers: an admission webhook, the API server, the API server over the virt-launcher pod; or whose behaviour it is.</param>
/// <param name="Code">The status of the answer to the create request; 201 where the fault shows only later; null where no request is answered.</param>
/// <param name="Text">What it says, word for word; of a behaviour a description.</param>
public sealed record ProbeEvidence(string By, int? Code, string Text)
{
    /// <summary>The field that the answer names; null when it names none.</summary>
    public string? Field { get; init; }

    /// <summary>The kind of object that was answered; null = VirtualMachine, and the others alike.</summary>
    public string? Kind { get; init; }
}
