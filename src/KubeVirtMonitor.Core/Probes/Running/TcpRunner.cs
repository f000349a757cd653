using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>A TCP probe, as <c>pkg/probe/tcp</c> of Kubernetes does it: a connection that opens is a success, and is closed again.</summary>
internal static class TcpRunner
{
    public static async Task<ProbeAttempt> RunAsync(IInstanceWay way, string? host, int port, ForeignText foreign, CancellationToken cancellationToken)
    {
        try
        {
            Stream stream = await way.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
            return new ProbeAttempt { Outcome = ProbeOutcome.Success, Message = "connected" };
        }
        catch (IOException exception)
        {
            return new ProbeAttempt { Outcome = ProbeOutcome.Failure, Message = foreign.Line(exception.Message) };
        }
    }
}
