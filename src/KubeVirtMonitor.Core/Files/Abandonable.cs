namespace KubeVirtMonitor.Files;

/// <summary>
/// Waits for work that may never end, whatever the work itself does about it. A read of a pipe without a writer or of a
/// mount whose server is gone cannot be cancelled: it is left behind on its own thread, and the caller goes on.
/// </summary>
internal static class Abandonable
{
    /// <summary>Waits for work that blocks, such as the reading of files.</summary>
    /// <param name="work">The work. It runs on another thread.</param>
    /// <returns>What the work gives.</returns>
    /// <exception cref="OperationCanceledException">The waiting was ended.</exception>
    public static T Wait<T>(Func<T> work, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(work, cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default)
            .WaitAsync(cancellationToken).GetAwaiter().GetResult();

    /// <summary>Waits for work that is asynchronous, at least after its beginning.</summary>
    /// <inheritdoc cref="Wait{T}(Func{T}, CancellationToken)"/>
    public static T Wait<T>(Func<Task<T>> work, CancellationToken cancellationToken) =>
        Task.Run(work, cancellationToken).WaitAsync(cancellationToken).GetAwaiter().GetResult();
}
