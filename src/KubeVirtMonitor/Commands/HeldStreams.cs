using System.Management.Automation;
using System.Management.Automation.Host;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.Commands;

/// <summary>
/// Holds back what a cmdlet writes while something else has the screen: errors and warnings as the problems of the moment, and all of it, each text once, until it may be written.
/// Everything that writes does so through the runtime of its cmdlet, so nothing gets past it.
/// </summary>
/// <param name="inner">The runtime that it stands in for.</param>
internal sealed class HeldStreams(ICommandRuntime inner) : ICommandRuntime2
{
    /// <summary>How many different texts are kept, the newest: a screen can be open for days.</summary>
    public const int Most = 100;

    private readonly LinkedList<(string Text, Action Write)> _held = [];
    private readonly Dictionary<string, LinkedListNode<(string Text, Action Write)>> _known = new(StringComparer.Ordinal);
    private readonly List<(string Key, string Text)> _problems = [];
    private Dictionary<string, DateTimeOffset> _since = [];
    private long _dropped;

    /// <summary>The runtime that it stands in for.</summary>
    public ICommandRuntime Inner => inner;

    /// <inheritdoc/>
    public PSTransactionContext CurrentPSTransaction => inner.CurrentPSTransaction;

    /// <inheritdoc/>
    public PSHost Host => inner.Host;

    /// <summary>The errors and warnings since it was last asked. What came each time before as well has lasted since then: an error of one kind and target, and a warning whatever its numbers.</summary>
    /// <param name="now">When what is new began.</param>
    public IReadOnlyList<ScreenProblem> TakeProblems(DateTimeOffset now)
    {
        Dictionary<string, DateTimeOffset> since = _problems.Select(static problem => problem.Key).Distinct().ToDictionary(key => key, key => _since.GetValueOrDefault(key, now));
        ScreenProblem[] problems = [.. _problems.DistinctBy(static problem => problem.Text).Select(problem => new ScreenProblem(problem.Text, since[problem.Key]))];
        _since = since;
        _problems.Clear();
        return problems;
    }

    /// <summary>Writes what was held back, in the order in which it came last.</summary>
    public void Release()
    {
        if (_dropped > 0) inner.WriteWarning($"There was more than is written here: of {_dropped + _held.Count} different messages, the last {_held.Count} follow.");
        foreach ((_, Action write) in _held) write();
        _held.Clear();
    }

    /// <inheritdoc/>
    public void WriteError(ErrorRecord errorRecord)
    {
        string text = errorRecord.ErrorDetails?.Message ?? errorRecord.Exception.Message;
        Hold($"{errorRecord.FullyQualifiedErrorId} {text}", ($"{errorRecord.FullyQualifiedErrorId} {errorRecord.TargetObject}", text), () => inner.WriteError(errorRecord));
    }

    /// <inheritdoc/>
    public void WriteWarning(string text) => Hold($"warning {text}", (LastingTrouble.WithoutNumbers(text), text), () => inner.WriteWarning(text));

    /// <inheritdoc/>
    public void WriteVerbose(string text) => Hold($"verbose {text}", null, () => inner.WriteVerbose(text));

    /// <inheritdoc/>
    public void WriteDebug(string text) => Hold($"debug {text}", null, () => inner.WriteDebug(text));

    /// <inheritdoc/>
    public void WriteInformation(InformationRecord informationRecord) => Hold($"information {informationRecord}", null, () => (inner as ICommandRuntime2)?.WriteInformation(informationRecord));

    /// <inheritdoc/>
    public void WriteCommandDetail(string text) => inner.WriteCommandDetail(text);

    /// <inheritdoc/>
    public void WriteObject(object? sendToPipeline) => inner.WriteObject(sendToPipeline);

    /// <inheritdoc/>
    public void WriteObject(object? sendToPipeline, bool enumerateCollection) => inner.WriteObject(sendToPipeline, enumerateCollection);

    // The screen itself says how far it is.
    /// <inheritdoc/>
    public void WriteProgress(ProgressRecord progressRecord)
    {
    }

    /// <inheritdoc/>
    public void WriteProgress(long sourceId, ProgressRecord progressRecord)
    {
    }

    /// <inheritdoc/>
    public void ThrowTerminatingError(ErrorRecord errorRecord) => inner.ThrowTerminatingError(errorRecord);

    // Nothing is changed while a screen is shown, and there is nowhere to ask.
    /// <inheritdoc/>
    public bool ShouldProcess(string? target) => false;

    /// <inheritdoc/>
    public bool ShouldProcess(string? target, string? action) => false;

    /// <inheritdoc/>
    public bool ShouldProcess(string? verboseDescription, string? verboseWarning, string? caption) => false;

    /// <inheritdoc/>
    public bool ShouldProcess(string? verboseDescription, string? verboseWarning, string? caption, out ShouldProcessReason shouldProcessReason)
    {
        shouldProcessReason = ShouldProcessReason.None;
        return false;
    }

    /// <inheritdoc/>
    public bool ShouldContinue(string? query, string? caption) => false;

    /// <inheritdoc/>
    public bool ShouldContinue(string? query, string? caption, ref bool yesToAll, ref bool noToAll) => false;

    /// <inheritdoc/>
    public bool ShouldContinue(string? query, string? caption, bool hasSecurityImpact, ref bool yesToAll, ref bool noToAll) => false;

    /// <inheritdoc/>
    public bool TransactionAvailable() => inner.TransactionAvailable();

    private void Hold(string key, (string Key, string Text)? problem, Action write)
    {
        if (problem is { } told) _problems.Add(told);
        if (_known.Remove(key, out LinkedListNode<(string Text, Action Write)>? known)) _held.Remove(known);
        _known.Add(key, _held.AddLast((key, write)));
        if (_held.Count <= Most) return;
        _known.Remove(_held.First!.Value.Text);
        _held.RemoveFirst();
        _dropped++;
    }
}
