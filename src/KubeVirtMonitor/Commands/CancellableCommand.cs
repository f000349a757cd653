using System.Management.Automation;
using KubeVirtMonitor.Errors;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet whose work ends at once on Ctrl+C, and when a later command wants no more objects.</summary>
public abstract class CancellableCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Cancelled when the pipeline ends, in whatever way.</summary>
    internal CancellationToken CancelToken => _ending.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends what still runs.</summary>
    internal void Cancel() => _ending.Cancel();

    /// <summary>Waits for work of the network on the pipeline's thread. What a cluster is the reason of ends the cmdlet with an error.</summary>
    /// <param name="work">The work; its token ends it at once.</param>
    internal T Await<T>(Func<CancellationToken, Task<T>> work)
    {
        try
        {
            return work(CancelToken).GetAwaiter().GetResult();
        }
        catch (KubernetesException error)
        {
            ThrowTerminatingError(ErrorRecords.Failed(error));
            throw;
        }
        catch (OperationCanceledException) when (CancelToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => Cancel();

    /// <summary>Ends what still runs. PowerShell calls this at the end of every pipeline, also after <c>Select-Object -First</c>, which calls no StopProcessing.</summary>
    /// <param name="disposing">Whether it is called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        _ending.Cancel();
        _ending.Dispose();
    }
}
