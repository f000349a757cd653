namespace KubeVirtMonitor.Commands;

/// <summary>Reports the route over which the components of a cluster are reached.</summary>
internal static class RouteReport
{
    /// <summary>Writes the way to -Verbose, and what is to be known of it as a warning, once for each session.</summary>
    public static void WriteRoute(this CancellableCommand command, KubeVirtSession session)
    {
        if (session.TakeWarning() is { } warning) command.WriteWarning(warning);
        if (session.ActiveRoute is { } route) command.WriteVerbose($"{session}: components are reached over the route {route} ({session.RouteReason}).");
    }
}
