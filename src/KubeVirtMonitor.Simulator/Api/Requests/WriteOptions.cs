using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The query of a write.</summary>
internal sealed record WriteOptions
{
    public bool DryRun { get; init; }

    public string? FieldManager { get; init; }

    public bool Force { get; init; }

    /// <summary>Whether it is a server-side apply, which keeps the books of the fields itself.</summary>
    public bool Applies { get; init; }

    /// <summary>Whether unknown fields are refused.</summary>
    public bool Strict { get; init; }

    /// <summary>Who writes.</summary>
    public required ApiUser User { get; init; }

    public static WriteOptions Of(HttpRequest request, ApiUser user)
    {
        string dryRun = request.Query["dryRun"].ToString();
        if (dryRun is not ("" or "All"))
            throw new ApiException(new ApiStatus(422, "Invalid", $"\"\" is invalid: dryRun: Unsupported value: \"{dryRun}\": supported values: \"All\""));
        return new WriteOptions
        {
            DryRun = dryRun == "All",
            FieldManager = request.Query["fieldManager"],
            Force = request.Query.ContainsKey("force") && ApiRequest.IsTrue(request.Query["force"]),
            Strict = request.Query["fieldValidation"] == "Strict",
            User = user,
        };
    }
}
