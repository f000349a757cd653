using System.Globalization;
using System.Net.Sockets;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>The errors of connections to the server.</summary>
internal static class ConnectionErrors
{
    /// <summary>An error of this room that libraries have wrapped into theirs.</summary>
    public static KubernetesException? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is KubernetesException known) return known;
        }

        return null;
    }

    public static KubernetesException NotReached(KubernetesConnection connection, string what, SocketException exception)
    {
        string reason = exception.SocketErrorCode switch
        {
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "its name cannot be resolved",
            SocketError.ConnectionRefused => "the connection was refused",
            SocketError.TimedOut => "it does not answer",
            SocketError.NetworkUnreachable or SocketError.HostUnreachable => "there is no route to it",
            _ => exception.Message.TrimEnd('.'),
        };
        return new KubernetesException(
            KubernetesError.ConnectionFailed,
            $"{what}{Shown(connection)} cannot be reached: {reason}",
            "Check the address in the kubeconfig, the network and the VPN, and whether the cluster is running.",
            exception);
    }

    public static KubernetesException Handshake(KubernetesConnection connection, Exception exception) => new(
        KubernetesError.TlsHandshake,
        $"no TLS connection to {Shown(connection)}: {Reason(ForeignText.OfStranger, exception)}",
        "Check that the address and port are those of an API server, and that it accepts the client certificate, if one is used.",
        exception);

    public static KubernetesException Broken(KubernetesConnection connection, ForeignText foreign, Exception exception) => new(
        KubernetesError.ConnectionFailed,
        $"the connection to {Shown(connection)} broke: {Reason(foreign, exception)}",
        "Try again. If the problem persists, look for a proxy or load balancer that closes connections.",
        foreign.Safe(exception))
    { IsBreak = true };

    public static KubernetesException TimedOut(KubernetesConnection connection, TimeSpan timeout) => new(
        KubernetesError.TimedOut,
        string.Create(CultureInfo.InvariantCulture, $"{Shown(connection)} did not answer within {timeout.TotalSeconds:0.#} seconds"),
        "Check the network and the load of the API server.")
    { Setting = Setting.Timeout };

    private static string Shown(KubernetesConnection connection) => connection.Server.GetLeftPart(UriPartial.Authority);

    private static string Reason(ForeignText foreign, Exception exception)
    {
        Exception inner = exception;
        while (inner.InnerException is { } next) inner = next;
        return foreign.Line(inner.Message).TrimEnd('.');
    }
}
