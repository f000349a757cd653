using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.Probes;

/// <summary>Placeholders that have no value yet: parameters of OpenShift templates, variables of envsubst, and what stands between double braces.</summary>
internal static class Placeholder
{
    private static readonly Regex Part = new(@"\$\{(?<name>[a-zA-Z0-9_]+)\}", RegexOptions.CultureInvariant);

    private static readonly Regex Whole = new(@"^\$\{\{(?<name>[a-zA-Z0-9_]+)\}\}$", RegexOptions.CultureInvariant);

    private static readonly Regex Pattern = new(@"\$\{\{?[A-Za-z_][A-Za-z0-9_]*(:?[-=?+][^}]*)?\}\}?|\{\{[^{}]*\}\}|^\s*\$[A-Za-z_][A-Za-z0-9_]*\s*$", RegexOptions.CultureInvariant);

    /// <summary>Whether a text holds a placeholder.</summary>
    public static bool Is(JsonNode? node) => JsonText.Of(node) is { } text && Pattern.IsMatch(text);

    /// <summary>Whether a text is a placeholder and nothing else.</summary>
    public static bool IsWhole(JsonNode? node) => JsonText.Of(node)?.Trim() is { } text && Pattern.Match(text) is { Success: true } match && match.Length == text.Length;

    /// <summary>An object of an OpenShift template with the values of its parameters put in, as <c>oc process</c> does; those that are not among them stay.</summary>
    /// <param name="node">The object; it is changed.</param>
    /// <param name="parameters">The parameters of the template.</param>
    public static JsonNode? Fill(JsonNode? node, IReadOnlyDictionary<string, string> parameters)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (string key in map.Select(pair => pair.Key).ToArray())
                {
                    JsonNode? value = map[key];
                    JsonNode? filled = Fill(value, parameters);
                    if (!ReferenceEquals(value, filled)) map[key] = filled;
                }

                return map;
            case JsonArray list:
                for (int i = 0; i < list.Count; i++)
                {
                    JsonNode? filled = Fill(list[i], parameters);
                    if (!ReferenceEquals(list[i], filled)) list[i] = filled;
                }

                return list;
            default:
                return JsonText.Of(node) is { } text && text.Contains("${", StringComparison.Ordinal) ? Fill(node, text, parameters) : node;
        }
    }

    // ${{NAME}} is the value itself, which may be a number; ${NAME} is text within text.
    private static JsonNode? Fill(JsonNode? node, string text, IReadOnlyDictionary<string, string> parameters)
    {
        if (Whole.Match(text) is { Success: true } whole && parameters.TryGetValue(whole.Groups["name"].Value, out string? value))
        {
            try
            {
                return JsonText.Parse(value);
            }
            catch (System.Text.Json.JsonException)
            {
                return JsonValue.Create(value);
            }
        }

        string filled = Part.Replace(text, match => parameters.GetValueOrDefault(match.Groups["name"].Value, match.Value));
        return filled == text ? node : JsonValue.Create(filled);
    }
}
