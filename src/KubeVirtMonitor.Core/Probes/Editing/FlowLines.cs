namespace KubeVirtMonitor.Probes;

/// <summary>How flow style is spread over lines.</summary>
/// <param name="Break">The line break.</param>
/// <param name="Indent">The blanks before the closing bracket.</param>
/// <param name="Unit">What each level adds to them.</param>
internal sealed record FlowLines(string Break, string Indent, string Unit)
{
    public FlowLines Deeper => this with { Indent = Indent + Unit };
}
