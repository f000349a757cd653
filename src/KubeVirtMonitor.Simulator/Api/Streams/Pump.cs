namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Moves bytes between two streams, both ways.</summary>
internal static class Pump
{
    /// <summary>Copies until both directions have ended.</summary>
    /// <param name="near">The side of the client.</param>
    /// <param name="far">The side of the pod.</param>
    /// <param name="finishFar">Tells the far side that no more comes, or null when it cannot be told.</param>
    /// <param name="cancellation">Ends both directions at once.</param>
    public static async Task RunAsync(Stream near, Stream far, Action? finishFar, CancellationToken cancellation)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task inward = OneWayAsync(near, far, over.Token);
        Task outward = OneWayAsync(far, near, over.Token);
        if (await Task.WhenAny(inward, outward) == inward)
        {
            finishFar?.Invoke();
            await outward;
        }

        // What the far side has said is delivered, and it says no more: nothing that still comes has anywhere to go.
        await over.CancelAsync();
        await inward;
    }

    private static async Task OneWayAsync(Stream from, Stream to, CancellationToken cancellation)
    {
        try
        {
            await from.CopyToAsync(to, cancellation);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or ObjectDisposedException or System.Net.WebSockets.WebSocketException)
        {
            // A connection that breaks ends its direction, as an end of the stream does.
        }
    }
}
