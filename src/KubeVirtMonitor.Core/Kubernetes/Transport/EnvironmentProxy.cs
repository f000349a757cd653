using System.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>The proxy of the environment, by kubectl's rules (Go's httpproxy): HTTPS_PROXY, HTTP_PROXY, and NO_PROXY with domains, addresses, address ranges and ports. This machine is always reached directly.</summary>
internal static class EnvironmentProxy
{
    /// <summary>The proxy for a server; null = none.</summary>
    /// <exception cref="KubernetesException">The variable holds no proxy address.</exception>
    public static Uri? Find(Uri server, Func<string, string?> environment)
    {
        string name = server.Scheme == Uri.UriSchemeHttps ? "HTTPS_PROXY" : "HTTP_PROXY";
        if (Variable(environment, name) is not { } proxy || IsLocal(server)) return null;
        if (Variable(environment, "NO_PROXY") is { } exceptions && IsExcepted(server, exceptions)) return null;
        return ProxyServer.Check(proxy.Contains("://", StringComparison.Ordinal) ? proxy : "http://" + proxy, $"the environment variable {name}", null);
    }

    private static string? Variable(Func<string, string?> environment, string name)
    {
        string? value = environment(name) is { Length: > 0 } upper ? upper : environment(name.ToLowerInvariant());
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static bool IsLocal(Uri server) =>
        server.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (Address(server) is { } address && IPAddress.IsLoopback(address));

    private static bool IsExcepted(Uri server, string exceptions)
    {
        IPAddress? address = Address(server);
        string host = server.IdnHost.TrimEnd('.').ToLowerInvariant();
        foreach (string entry in exceptions.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry == "*") return true;
            if (IPNetwork.TryParse(entry, out IPNetwork range))
            {
                if (address is not null && range.Contains(address)) return true;
                continue;
            }

            (string name, string? port) = Split(entry.ToLowerInvariant());
            if (port is not null && port != $"{server.Port}") continue;
            if (IPAddress.TryParse(name, out IPAddress? one) ? one.Equals(address) : IsDomain(host, name)) return true;
        }

        return false;
    }

    // "example.com" stands for itself and what is below it, ".example.com" and "*.example.com" only for what is below.
    private static bool IsDomain(string host, string name)
    {
        string domain = name.StartsWith("*.", StringComparison.Ordinal) ? name[1..] : name;
        return domain.StartsWith('.')
            ? host.EndsWith(domain, StringComparison.Ordinal)
            : host == domain || host.EndsWith("." + domain, StringComparison.Ordinal);
    }

    private static (string Name, string? Port) Split(string entry)
    {
        int colon = entry.LastIndexOf(':');
        bool hasPort = colon > 0 && (entry.IndexOf(':', StringComparison.Ordinal) == colon || entry[colon - 1] == ']');
        return hasPort ? (entry[..colon].Trim('[', ']'), entry[(colon + 1)..]) : (entry.Trim('[', ']'), null);
    }

    private static IPAddress? Address(Uri server) => IPAddress.TryParse(server.IdnHost.Trim('[', ']'), out IPAddress? address) ? address : null;
}
