namespace KubeVirtMonitor.Tests.Pester;

/// <summary>One test as Pester reports it.</summary>
/// <param name="Name">The names of its blocks and its own.</param>
/// <param name="Result">Passed, Failed, Skipped, Inconclusive or NotRun.</param>
/// <param name="Message">Why it failed or was skipped; empty where Pester says nothing.</param>
public sealed record PesterResult(string Name, string Result, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
