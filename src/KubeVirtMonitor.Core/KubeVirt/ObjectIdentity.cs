using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Tells an object from another that was made later under its name.</summary>
internal static class ObjectIdentity
{
    /// <summary>The advice where something was to be changed.</summary>
    public const string Unchanged = "Nothing was changed. List the objects again, and decide whether the new one is meant.";

    /// <summary>The advice where something was to be read.</summary>
    public const string Reread = "List the objects again.";

    /// <summary>The unique id of an object; null when it does not say.</summary>
    public static string? UidOf(JsonObject resource) => JsonText.Of(resource["metadata"]?["uid"]);

    /// <summary>Refuses an object that is not the one that is meant.</summary>
    /// <param name="resource">The object as it is now.</param>
    /// <param name="uid">The unique id of the one that is meant; null = whichever there is.</param>
    /// <param name="advice">What to do.</param>
    /// <param name="kind">Its kind, where the object may not say; null = as it says.</param>
    /// <exception cref="KubernetesException"><see cref="KubernetesError.Replaced"/>.</exception>
    public static void Check(JsonObject resource, string? uid, string advice, string? kind = null)
    {
        if (uid is null || UidOf(resource) == uid) return;
        JsonNode? meta = resource["metadata"];
        throw new KubernetesException(
            KubernetesError.Replaced,
            $"{kind ?? JsonText.Of(resource["kind"])} {(JsonText.Of(meta?["namespace"]) is { Length: > 0 } space ? $"{space}/" : "")}{JsonText.Of(meta?["name"])} is not the one that was listed: that one was deleted, and another has its name since {JsonText.Of(meta?["creationTimestamp"])}",
            advice);
    }
}
