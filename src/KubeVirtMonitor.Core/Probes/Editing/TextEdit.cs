namespace KubeVirtMonitor.Probes;

/// <summary>One replacement in a text.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="End">Where what is replaced ends.</param>
/// <param name="Text">What takes its place.</param>
internal sealed record TextEdit(int Start, int End, string Text)
{
    public string Apply(string text) => string.Concat(text.AsSpan(0, Start), Text, text.AsSpan(End));
}
