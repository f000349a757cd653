using System.Management.Automation;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Files;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet whose work ends at once on Ctrl+C, and when a later command wants no more objects.</summary>
public abstract class CancellableCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly List<KubeVirtSession> _sessions = [];
    private readonly HashSet<string> _warnings = new(StringComparer.Ordinal);

    /// <summary>Cancelled when the pipeline ends, in whatever way.</summary>
    internal CancellationToken CancelToken => _ending.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Notes a session that is used, whose API server may have warnings to pass on.</summary>
    internal KubeVirtSession Uses(KubeVirtSession session)
    {
        if (!_sessions.Contains(session)) _sessions.Add(session);
        return session;
    }

    /// <summary>Writes what the API servers have warned of beside their answers, as kubectl does: each text once for a run of the cmdlet.</summary>
    internal void WriteServerWarnings()
    {
        foreach (string warning in _sessions.SelectMany(static session => session.TakeWarnings()).Where(_warnings.Add)) WriteWarning(warning);
    }

    /// <summary>Ends what still runs.</summary>
    internal void Cancel() => _ending.Cancel();

    /// <summary>Waits for work of the network on the pipeline's thread.</summary>
    /// <param name="work">The work; its token ends it at once.</param>
    /// <exception cref="KubernetesException">What the cluster is the reason of; what is left to itself becomes an error of this input.</exception>
    internal T Await<T>(Func<CancellationToken, Task<T>> work)
    {
        try
        {
            return Abandonable.Wait(() => work(CancelToken), CancelToken);
        }
        catch (OperationCanceledException) when (CancelToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Waits for work that reads files, which Ctrl+C ends even where the read itself does not end.</summary>
    /// <param name="work">The work. It runs on another thread, so it writes nothing to the pipeline.</param>
    internal T AwaitRead<T>(Func<T> work)
    {
        try
        {
            return Abandonable.Wait(work, CancelToken);
        }
        catch (OperationCanceledException) when (CancelToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Report(Process);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Report(Finish);

    /// <summary>Does the work for one input.</summary>
    private protected virtual void Process()
    {
    }

    /// <summary>Does the work that is left after the last input.</summary>
    private protected virtual void Finish()
    {
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => Cancel();

    // The rule for errors, in one place: what a cluster, or the way to it, is the reason of is an error of this input and leaves the next one its turn.
    // It is not the end of the command, so -ErrorAction and -ErrorVariable have their say.
    private void Report(Action work)
    {
        try
        {
            work();
        }
        catch (KubernetesException error)
        {
            WriteError(ErrorRecords.Failed(error));
        }

        WriteServerWarnings();
    }

    /// <summary>Ends what still runs. PowerShell calls this at the end of every pipeline, also after <c>Select-Object -First</c>, which calls no StopProcessing.</summary>
    /// <param name="disposing">Whether it is called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        _ending.Cancel();
        _ending.Dispose();
    }
}
