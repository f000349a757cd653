using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A failure as the API server words it: the body of every error is such a Status.</summary>
/// <param name="Code">The HTTP status.</param>
/// <param name="Reason">The reason, such as <c>Forbidden</c>.</param>
/// <param name="Message">The message.</param>
public sealed record ApiStatus(int Code, string Reason, string Message)
{
    /// <summary>The object or resource that it is about.</summary>
    public string? Name { get; init; }

    /// <summary>The group of it.</summary>
    public string? Group { get; init; }

    /// <summary>The plural, or for admission the kind, of it.</summary>
    public string? Kind { get; init; }

    /// <summary>The causes: reason, message, field.</summary>
    public IReadOnlyList<(string Reason, string Message, string? Field)> Causes { get; init; } = [];

    /// <summary>Seconds to wait before another try; also sent as <c>Retry-After</c>.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>A continue token in the metadata, for an expired list.</summary>
    public string? Continue { get; init; }

    /// <summary>The JSON of it.</summary>
    public JsonObject ToJson()
    {
        JsonObject metadata = [];
        if (Continue is not null) metadata["continue"] = Continue;
        JsonObject json = new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = metadata, ["status"] = "Failure", ["message"] = Message };
        if (Reason.Length > 0) json["reason"] = Reason;
        JsonObject details = [];
        if (Name is not null) details["name"] = Name;
        if (!string.IsNullOrEmpty(Group)) details["group"] = Group;
        if (Kind is not null) details["kind"] = Kind;
        if (Causes.Count > 0)
        {
            JsonArray causes = [];
            foreach ((string reason, string message, string? field) in Causes)
            {
                JsonObject cause = [];
                if (reason.Length > 0) cause["reason"] = reason;
                cause["message"] = message;
                if (field is not null) cause["field"] = field;
                causes.Add((JsonNode)cause);
            }

            details["causes"] = causes;
        }

        if (RetryAfterSeconds is { } seconds) details["retryAfterSeconds"] = seconds;
        if (details.Count > 0 || Reason is "Forbidden" or "NotFound" or "Invalid") json["details"] = details;
        json["code"] = Code;
        return json;
    }
}
