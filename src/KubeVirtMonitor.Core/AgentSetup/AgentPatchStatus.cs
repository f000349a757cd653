namespace KubeVirtMonitor;

/// <summary>One point of a test of an Agent's setup.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Target">At what: a resource, a pod, an account.</param>
/// <param name="State">How it came out.</param>
/// <param name="Message">What was found.</param>
/// <param name="Advice">What to do; empty where nothing is to be done.</param>
public sealed record AgentPatchStatus(AgentPatchCheck Check, string Target, AgentPatchState State, string Message, string Advice = "")
{
    /// <summary>The component it is about; null for what is about all.</summary>
    public ComponentKind? Component { get; init; }

    /// <summary>The setting of a caller that this hangs on; null where none would change it.</summary>
    public Setting? Setting { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{State}: {Check} {Target}: {Message}";
}
