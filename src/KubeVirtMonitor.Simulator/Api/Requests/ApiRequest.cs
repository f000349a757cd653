using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What a request asks for, by its path and method.</summary>
internal sealed partial record ApiRequest
{
    /// <summary>The verb as RBAC has it: <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c>, <c>deletecollection</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>The path.</summary>
    public required string Path { get; init; }

    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    public string? Namespace { get; init; }

    /// <summary>The plural, or null when the path is none of a resource.</summary>
    public string? Resource { get; init; }

    public string? Name { get; init; }

    public string? Subresource { get; init; }

    /// <summary>The name that a list or a watch selects by; rules with names count for it, and refusals name it.</summary>
    public string? SelectedName { get; init; }

    /// <summary>What follows the subresource, such as the path behind <c>proxy</c>; begins with a slash, or is empty.</summary>
    public string Rest { get; init; } = "";

    /// <summary>Reads the path and method of a request.</summary>
    public static ApiRequest Of(HttpRequest http)
    {
        string path = http.Path.Value ?? "/";
        string verb = http.Method.ToLowerInvariant();
        string[] parts = path.Trim('/').Split('/');
        int at = parts[0] switch
        {
            "api" when parts.Length > 2 => 2,
            "apis" when parts.Length > 3 => 3,
            _ => -1,
        };
        if (at < 0) return new ApiRequest { Verb = verb, Path = path };
        string group = parts[0] == "api" ? "" : parts[1];
        string version = parts[at - 1];
        string? space = null;
        if (parts[at] == "namespaces" && parts.Length > at + 1)
        {
            space = parts[at + 1];
            if (parts.Length > at + 2 && parts[at + 2] is not ("status" or "finalize")) at += 2;
        }

        string? name = parts.Length > at + 1 ? parts[at + 1] : null;
        string? subresource = parts.Length > at + 2 ? parts[at + 2] : null;
        return new ApiRequest
        {
            Verb = VerbOf(verb, name, http),
            SelectedName = name is null && SingleName().Match(http.Query["fieldSelector"].ToString()) is { Success: true } selected ? selected.Groups[1].Value : null,
            Path = path,
            Group = group,
            Version = version,
            Namespace = space,
            Resource = parts[at],
            Name = name,
            Subresource = subresource,
            Rest = parts.Length > at + 3 ? "/" + string.Join('/', parts.Skip(at + 3)) : path.EndsWith('/') ? "/" : "",
        };
    }

    private static string VerbOf(string method, string? name, HttpRequest http)
    {
        bool watch = IsTrue(http.Query["watch"]);
        return method switch
        {
            "get" or "head" when watch => "watch",
            "get" or "head" => name is null ? "list" : "get",
            "post" => "create",
            "put" => "update",
            "delete" when name is null => "deletecollection",
            _ => method,
        };
    }

    [GeneratedRegex(@"^metadata\.name==?([^,\\=]+)(,|$)")]
    private static partial Regex SingleName();

    public static bool IsTrue(string? value) => value is "" or "1" or "true" or "True";
}
