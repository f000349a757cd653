using System.Net;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Reads which proxy, if any, requests go through.</summary>
internal static class ProxyReader
{
    /// <summary>The proxy for an address; null = the one of the environment, unless <paramref name="skip"/> is true.</summary>
    /// <exception cref="ScrapeException">An address cannot be used.</exception>
    public static Uri? Read(OptionReader options, Uri target, out bool skip)
    {
        skip = options.Flag("skip_proxy") == true;
        if (skip || options.Inner("proxy") is not { } proxy) return null;
        skip = Exceptions(proxy).Any(rule => IsException(rule, target.IdnHost));
        if (skip || proxy.Text(target.Scheme) is not { } address) return null;
        return Uri.TryCreate(address.Contains("://", StringComparison.Ordinal) ? address : "http://" + address, UriKind.Absolute, out Uri? uri)
            ? uri
            : throw proxy.Bad(target.Scheme, "this is no proxy address", "Write an address such as http://proxy.example:3128.");
    }

    /// <summary>Whether a host is reached without the proxy by an entry of <c>no_proxy</c>, as the Agent understands it.</summary>
    /// <param name="rule">A name (and all below it), <c>.name</c> or <c>*.name</c> (all below it), an address, a range, or <c>*</c>.</param>
    /// <param name="host">The host.</param>
    internal static bool IsException(string rule, string host)
    {
        rule = rule.Trim();
        if (rule.Length == 0) return false;
        if (rule == "*") return true;
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return IPAddress.TryParse(rule, out IPAddress? one) ? one.Equals(address) : IPNetwork.TryParse(rule, out IPNetwork range) && range.Contains(address);
        }

        if (rule.StartsWith("*.", StringComparison.Ordinal)) rule = rule[1..];
        return rule.StartsWith('.')
            ? host.EndsWith(rule, StringComparison.OrdinalIgnoreCase)
            : host.Equals(rule, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + rule, StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<string> Exceptions(OptionReader proxy) =>
        proxy.Node("no_proxy") is JsonArray ? proxy.List("no_proxy") : proxy.Text("no_proxy")?.Split(',', ';') ?? [];
}
