using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A rule of a role.</summary>
internal sealed record AccessRule(string[] Verbs, string[] Groups, string[] Resources, string[] Names, string[] Paths)
{
    public static AccessRule Of(JsonElement rule) =>
        new(List(rule, "verbs"), List(rule, "apiGroups"), List(rule, "resources"), List(rule, "resourceNames"), List(rule, "nonResourceURLs"));

    public bool Allows(AccessQuery query)
    {
        if (!Has(Verbs, query.Verb)) return false;
        if (query.Path is { } path) return Paths.Any(allowed => allowed == "*" || allowed == path || (allowed.EndsWith('*') && path.StartsWith(allowed[..^1], StringComparison.Ordinal)));
        string resource = query.FullResource ?? "";
        return Has(Groups, query.Group)
            && (Has(Resources, resource) || (!string.IsNullOrEmpty(query.Subresource) && Resources.Contains($"*/{query.Subresource}", StringComparer.Ordinal)))
            && (Names.Length == 0 || (query.Name is { Length: > 0 } name && Names.Contains(name, StringComparer.Ordinal)));
    }

    /// <summary>The rule taken apart: a rule for each group and resource.</summary>
    public IEnumerable<AccessRule> Single() => Paths.Length > 0
        ? [this]
        : Groups.SelectMany(group => Resources.Select(resource => this with { Groups = [group], Resources = [resource] }));

    /// <summary>The rule as Go writes it.</summary>
    public string ToGo() => Paths.Length > 0
        ? $"{{NonResourceURLs:{Quoted(Paths)}, Verbs:{Quoted(Verbs)}}}"
        : $"{{APIGroups:{Quoted(Groups)}, Resources:{Quoted(Resources)}{(Names.Length > 0 ? $", ResourceNames:{Quoted(Names)}" : "")}, Verbs:{Quoted(Verbs)}}}";

    private static string Quoted(string[] texts) => $"[{string.Join(' ', texts.Select(static text => $"\"{text}\""))}]";

    /// <summary>The rule as a SelfSubjectRulesReview has it.</summary>
    public JsonObject ToJson()
    {
        JsonObject json = new() { ["verbs"] = JsonText.Strings(Verbs) };
        if (Paths.Length > 0)
        {
            json["nonResourceURLs"] = JsonText.Strings(Paths);
            return json;
        }

        json["apiGroups"] = JsonText.Strings(Groups);
        json["resources"] = JsonText.Strings(Resources);
        if (Names.Length > 0) json["resourceNames"] = JsonText.Strings(Names);
        return json;
    }

    private static bool Has(string[] allowed, string asked) => allowed.Contains("*", StringComparer.Ordinal) || allowed.Contains(asked, StringComparer.Ordinal);

    private static string[] List(JsonElement rule, string name) => [.. CellValues.Items(rule, name).Select(value => value.GetString() ?? "")];
}
