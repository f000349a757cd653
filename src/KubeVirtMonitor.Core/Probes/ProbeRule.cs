namespace KubeVirtMonitor;

/// <summary>A rule for probes.</summary>
/// <param name="Id">The id, such as <c>VMIP001</c>; it never changes its meaning.</param>
/// <param name="Severity">How much a finding of it matters.</param>
/// <param name="Title">What it finds.</param>
/// <param name="Consequence">What the cluster does with it.</param>
/// <param name="Advice">What to write instead.</param>
/// <param name="Evidence">What the rule is founded on; at least one.</param>
public sealed record ProbeRule(string Id, ProbeFindingSeverity Severity, string Title, string Consequence, string Advice, IReadOnlyList<ProbeEvidence> Evidence);
