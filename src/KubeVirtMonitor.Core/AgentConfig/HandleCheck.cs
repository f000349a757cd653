using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Finds values that only the Agent can fill in: template variables of Autodiscovery and handles of its secrets.</summary>
internal static class HandleCheck
{
    private static readonly Regex Variable = new("%%[A-Za-z0-9_.-]{1,60}%%", RegexOptions.CultureInvariant);

    private static readonly Regex Handle = new(@"^\s*ENC\[.*\]\s*$", RegexOptions.CultureInvariant | RegexOptions.Singleline);

    private static readonly string[] Descriptive = ["kube_namespace", "kube_pod_name", "kube_cluster_name", "service"];

    /// <summary>Takes out descriptions that hold a template variable, with a warning.</summary>
    /// <exception cref="ScrapeException">An option that cannot be left out holds a template variable or a handle.</exception>
    public static void Run(JsonObject options, InstanceScope scope)
    {
        foreach ((string name, JsonNode? value) in options.ToArray())
        {
            if (Descriptive.Contains(name) && Template(value) is { } variable)
            {
                scope.Warn($"{name} holds the template variable {variable}, which Autodiscovery fills in; it is left out. Write the value itself.");
                options.Remove(name);
            }
            else if (name == "tags" && value is JsonArray tags)
            {
                foreach (JsonNode? tag in tags.Where(tag => Template(tag) is not null).ToArray())
                {
                    scope.Warn($"an entry of tags holds the template variable {Template(tag)}, which Autodiscovery fills in; it is left out. Write the value itself.");
                    tags.Remove(tag);
                }
            }

            Refuse(name, value, scope.Options);
        }
    }

    private static void Refuse(string name, JsonNode? value, OptionReader options)
    {
        switch (value)
        {
            case JsonObject map:
                foreach ((string key, JsonNode? inner) in map) Refuse($"{name}.{key}", inner, options);
                break;
            case JsonArray list:
                foreach (JsonNode? inner in list) Refuse(name, inner, options);
                break;
            case JsonValue single when Handle.IsMatch(single.ToString()):
                throw options.Bad(name, "it is an ENC[] handle, which only the Agent's secret backend can resolve", "Use auth_token with a reader of type file, or a copy of the file with the value itself that only you can read.");
            case JsonValue single when name.EndsWith("_endpoint", StringComparison.Ordinal) && Template(single) is { } variable:
                throw options.Bad(name, $"it holds the template variable {variable}, which the Agent's Autodiscovery fills in for each pod", "Write the address of the pod, as 'kubectl get pods -o wide' or 'agent configcheck' show it; or have the pods found in a session with the cluster.");
            case JsonValue single when Template(single) is { } variable && !Descriptive.Contains(name) && name != "tags":
                throw options.Bad(name, $"it holds the template variable {variable}, which only the Agent can fill in", "Write the value itself.");
        }
    }

    private static string? Template(JsonNode? value) => value is JsonValue single && Variable.Match(single.ToString()) is { Success: true } match ? match.Value : null;
}
