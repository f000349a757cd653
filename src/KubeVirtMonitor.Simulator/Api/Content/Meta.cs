using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Parts that all objects have.</summary>
internal static class Meta
{
    /// <summary>A time as Kubernetes writes it: whole seconds of UTC.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static JsonObject Of(string name, string? space, Guid uid, DateTimeOffset created, IReadOnlyDictionary<string, string>? labels = null)
    {
        JsonObject metadata = new() { ["creationTimestamp"] = Time(created) };
        if (labels is { Count: > 0 }) metadata["labels"] = JsonText.Map(labels);
        metadata["name"] = name;
        if (space is not null) metadata["namespace"] = space;
        metadata["uid"] = uid.ToString();
        return metadata;
    }

    public static JsonObject Owner(string apiVersion, string kind, string name, Guid uid) => new()
    {
        ["apiVersion"] = apiVersion,
        ["blockOwnerDeletion"] = true,
        ["controller"] = true,
        ["kind"] = kind,
        ["name"] = name,
        ["uid"] = uid.ToString(),
    };

    public static JsonObject Condition(string type, bool status, DateTimeOffset? since, string? reason = null, string? message = null)
    {
        JsonObject condition = new() { ["lastProbeTime"] = null, ["lastTransitionTime"] = since is { } time ? Time(time) : null };
        if (message is not null) condition["message"] = message;
        if (reason is not null) condition["reason"] = reason;
        condition["status"] = status ? "True" : "False";
        condition["type"] = type;
        return condition;
    }

    /// <summary>A quantity of memory in the largest binary unit that fits.</summary>
    public static string Quantity(long bytes)
    {
        (int shift, string unit) = bytes % (1L << 30) == 0 ? (30, "Gi") : bytes % (1L << 20) == 0 ? (20, "Mi") : (0, "");
        return string.Create(CultureInfo.InvariantCulture, $"{bytes >> shift}{unit}");
    }
}
