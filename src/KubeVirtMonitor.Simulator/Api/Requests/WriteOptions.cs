using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The query of a write.</summary>
internal sealed record WriteOptions
{
    public bool DryRun { get; init; }

    public string? FieldManager { get; init; }

    /// <summary>The program that sends the request, who is the manager of what it writes when it names none.</summary>
    public string Program { get; init; } = "unknown";

    public bool Force { get; init; }

    /// <summary>Whether it is a server-side apply, which keeps the books of the fields itself.</summary>
    public bool Applies { get; init; }

    /// <summary>Whether it is a patch by operations or by a part, whose unknown fields are refused in other words.</summary>
    public bool Patches { get; init; }

    /// <summary>What becomes of unknown fields: <c>Strict</c> refuses them, <c>Warn</c> says that they are dropped, <c>Ignore</c> drops them.</summary>
    public string Validation { get; init; } = "Warn";

    /// <summary>Whether unknown fields are refused.</summary>
    public bool Strict => Validation == "Strict";

    /// <summary>What the one who writes is warned of.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>The subresource that is written, or null.</summary>
    public string? Subresource { get; init; }

    /// <summary>Who writes.</summary>
    public required ApiUser User { get; init; }

    /// <summary>The options that a request has, in the words of the API server.</summary>
    public static string Kind(HttpRequest request) => request.Method switch { "POST" => "CreateOptions", "PUT" => "UpdateOptions", "DELETE" => "DeleteOptions", _ => "PatchOptions" };

    public static WriteOptions Of(HttpRequest request, ApiUser user)
    {
        string dryRun = request.Query["dryRun"].ToString();
        if (dryRun is not ("" or "All"))
            throw ApiErrors.Invalid(Kind(request), "meta.k8s.io", "", ("dryRun", $"Unsupported value: [\"{dryRun}\"]: supported values: \"All\""));
        string validation = request.Query["fieldValidation"].ToString();
        if (validation is not ("" or "Ignore" or "Warn" or "Strict"))
            throw ApiErrors.Invalid(Kind(request), "meta.k8s.io", "", ("fieldValidation", $"Unsupported value: \"{validation}\": supported values: \"Ignore\", \"Strict\", \"Warn\""));
        string? manager = request.Query["fieldManager"];
        return new WriteOptions
        {
            DryRun = dryRun == "All",
            FieldManager = string.IsNullOrEmpty(manager) ? null : manager,
            Program = request.Headers.UserAgent.ToString().Split('/')[0] is { Length: > 0 } program ? program : "unknown",
            Force = request.Query.ContainsKey("force") && ApiRequest.IsTrue(request.Query["force"]),
            Validation = validation.Length == 0 ? "Warn" : validation,
            User = user,
        };
    }
}
