namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>The guest agent of a guest, as virt-launcher reaches it through libvirt.</summary>
public interface IGuestAgent
{
    /// <summary>Pings it.</summary>
    /// <exception cref="IOException">It does not answer.</exception>
    Task PingAsync(CancellationToken cancellation);

    /// <summary>Runs a command in the guest and waits for its end.</summary>
    /// <param name="request">The request <c>guest-exec</c>, as virt-launcher writes it: not always JSON.</param>
    /// <param name="cancellation">Ends the waiting, not the command.</param>
    /// <exception cref="IOException">It does not answer, or refuses.</exception>
    Task<GuestCommandResult> ExecAsync(string request, CancellationToken cancellation);
}
