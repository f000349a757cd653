using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Reads the annotations that configure checks.</summary>
internal static class AnnotationText
{
    private static readonly ComponentKind[] Components = [ComponentKind.Api, ComponentKind.Controller, ComponentKind.Handler];

    /// <summary>The instances of a component's check in the annotations of a pod.</summary>
    /// <exception cref="FormatException">A text is no JSON, or not of the form that the Agent reads. The message names the annotation.</exception>
    public static IReadOnlyList<JsonObject> Instances(ComponentKind component, IEnumerable<KeyValuePair<string, string>> annotations)
    {
        string prefix = $"{DatadogCheck.Prefix}{ComponentFacts.NameOf(component)}.";
        List<JsonObject> instances = [];
        foreach ((string key, string value) in annotations)
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal)) continue;
            JsonNode? json = Parse(key, value);
            switch (key[prefix.Length..])
            {
                case "instances":
                    instances.AddRange(Objects(key, json));
                    break;
                case "checks":
                    JsonNode? check = json is JsonObject checks ? checks[DatadogCheck.NameOf(component)] : throw new FormatException($"{key} is no object");
                    if (check is not null) instances.AddRange(Objects(key, (check as JsonObject)?["instances"]));
                    break;
            }
        }

        return instances;
    }

    /// <summary>An entry of the KubeVirt resource as a patch; null for one that this module cannot have written.</summary>
    public static ComponentPatch? PatchOf(JsonObject entry)
    {
        try
        {
            string text = (string)entry["patch"]!;
            string name = (string)entry["resourceName"]!;
            ComponentKind? component = Components.Where(kind => ComponentFacts.NameOf(kind) == name).Cast<ComponentKind?>().FirstOrDefault();
            if (component is null || JsonNode.Parse(text)?["spec"]?["template"]?["metadata"]?["annotations"] is not JsonObject annotations) return null;
            return new ComponentPatch
            {
                Component = component.Value,
                ResourceType = (string)entry["resourceType"]!,
                ResourceName = name,
                Type = (string)entry["type"]!,
                Patch = text,
                Annotations = annotations.ToDictionary(one => one.Key, one => (string?)one.Value ?? ""),
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentNullException or FormatException)
        {
            return null;
        }
    }

    private static JsonNode? Parse(string key, string value)
    {
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{key} is no JSON: {exception.Message}", exception);
        }
    }

    private static IEnumerable<JsonObject> Objects(string key, JsonNode? node) => node is JsonArray list && list.All(one => one is JsonObject)
        ? list.Select(one => (JsonObject)one!)
        : throw new FormatException($"{key} holds no list of instances");
}
