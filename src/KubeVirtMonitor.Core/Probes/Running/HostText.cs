using System.Globalization;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Hosts in addresses.</summary>
internal static class HostText
{
    /// <summary>A host as it stands in a URI: IPv6 in brackets.</summary>
    public static string InUri(string host) => host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;

    /// <summary>Host and port.</summary>
    public static string WithPort(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{InUri(host)}:{port}");
}
