using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Probes;

/// <summary>Ports and schemes of HTTP and TCP probes.</summary>
internal static class PortRules
{
    public static void Apply(ProbeCheck check)
    {
        foreach ((string handler, JsonObject target) in check.NetworkHandlers())
        {
            Port(check, $".{handler}.port", target["port"]);
            if (JsonText.Of(target["host"]) is { Length: > 0 } host)
                check.Add(RuleTable.OtherHost, $".{handler}.host", $"the probe asks the host '{host}' and not the machine");
            if (handler == ProbeFields.HttpGet && JsonText.Of(target["scheme"]) is { } scheme and not ("HTTP" or "HTTPS"))
                check.Add(RuleTable.BadScheme, $".{handler}.scheme", $"the scheme is '{scheme}'", check.Manifest.ManifestKind == ManifestKind.Pool ? RuleTable.MachinesRejected : null);
        }
    }

    /// <summary>Whether Kubernetes takes a text as the name of a port.</summary>
    public static bool IsName(string text) =>
        text.Length is >= 1 and <= 15
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        && text.Any(char.IsAsciiLetterLower)
        && !text.StartsWith('-') && !text.EndsWith('-')
        && !text.Contains("--", StringComparison.Ordinal);

    private static void Port(ProbeCheck check, string path, JsonNode? port)
    {
        if (port is null)
        {
            check.Add(RuleTable.Missing, path, "the port is missing", null, "Add the port: a number, or the name of a port of an interface.");
        }
        else if (JsonText.Whole(port) is { } number)
        {
            if (number is < 1 or > 65535) check.Add(RuleTable.BadPort, path, $"{number} is no port");
        }
        else if (JsonText.Of(port) is not { } name)
        {
            check.Add(RuleTable.WrongType, path, "the port is neither a whole number nor a name");
        }
        else if (!IsName(name))
        {
            check.Add(RuleTable.BadPort, path, $"'{name}' is no name of a port", null, int.TryParse(name, out _) ? $"Write {name} without quotes." : null);
        }
        else if (!PodNetwork.Interfaces(check.Spec).Any(one => PodNetwork.Ports(one).Any(declared => JsonText.Of(declared["name"]) == name || Placeholder.Is(declared["name"]))))
        {
            check.Add(RuleTable.UnknownPortName, path, $"no interface has a port named '{name}'");
        }
    }
}
