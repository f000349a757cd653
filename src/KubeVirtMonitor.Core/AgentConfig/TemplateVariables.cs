using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>The values of the template variables of Autodiscovery for one container.</summary>
/// <param name="Name">The name of its pod.</param>
/// <param name="Namespace">The namespace of its pod.</param>
/// <param name="Uid">The unique id of its pod; null when it is not known.</param>
/// <param name="Host">The address of its pod; null while it has none.</param>
/// <param name="Ports">The ports of the container, in any order.</param>
internal sealed record TemplateVariables(string Name, string Namespace, string? Uid, string? Host, IReadOnlyList<(string? Name, int Number)> Ports)
{
    private static readonly Regex Variable = new("%%(?<name>[A-Za-z0-9.-]+)(_(?<key>[A-Za-z0-9_.-]*))?%%", RegexOptions.CultureInvariant);

    /// <summary>The first variable in a text, such as <c>%%host%%</c>; null where there is none.</summary>
    public static string? First(string text) => Variable.Match(text) is { Success: true } match ? match.Value : null;

    /// <summary>Fills in what has a value. Addresses of IPv6 get brackets.</summary>
    /// <param name="unresolved">Why the first variable without a value has none; null where each has one.</param>
    /// <returns>The text; a variable without a value stays as it is.</returns>
    public string Fill(string text, out string? unresolved)
    {
        string? reason = null;
        string filled = Variable.Replace(text, match =>
        {
            (string name, string key) = (match.Groups["name"].Value, match.Groups["key"].Value);
            string? value = ValueOf(name, key);
            if (value is null) reason ??= name == "port" ? $"the container has no port{(key.Length > 0 ? $" {key}" : "")}" : $"{match.Value} has no value";
            return value ?? match.Value;
        });
        unresolved = reason;
        return filled;
    }

    private string? ValueOf(string name, string key) => name switch
    {
        // A pod has one network: whichever is named, the address is this.
        "host" when Host is { } host => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host,
        "port" => PortOf(key)?.ToString(CultureInfo.InvariantCulture),
        "kube" when key == "namespace" => Namespace,
        "kube" when key == "pod_name" => Name,
        "kube" when key == "pod_uid" => Uid,
        _ => null,
    };

    // Without a key the highest, with a number the one at that place from the lowest, else the one of that name.
    private int? PortOf(string key)
    {
        int[] numbers = [.. Ports.Select(static port => port.Number).Order()];
        if (key.Length == 0) return numbers.Length > 0 ? numbers[^1] : null;
        if (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int place)) return place < numbers.Length ? numbers[place] : null;
        return Ports.Where(port => port.Name == key).Select(static port => (int?)port.Number).FirstOrDefault();
    }
}
