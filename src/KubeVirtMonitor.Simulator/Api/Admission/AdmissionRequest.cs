using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A write before it counts, for those who may change or refuse it.</summary>
/// <param name="Verb"><c>create</c>, <c>update</c> or <c>delete</c>; a patch is an update, and a create when it makes the object.</param>
/// <param name="Type">What is written.</param>
/// <param name="Subresource">The subresource, or null.</param>
/// <param name="After">The object as it will be, open to changes; null for a delete.</param>
/// <param name="Before">The object as it is; null for a create.</param>
/// <param name="User">Who writes.</param>
/// <param name="Strict">Whether unknown fields are to be refused.</param>
public sealed record AdmissionRequest(string Verb, ResourceType Type, string? Subresource, JsonObject? After, JsonObject? Before, ApiUser User, bool Strict)
{
    /// <summary>What the one who writes is warned of, in a header of the answer.</summary>
    public IList<string> Warnings { get; } = [];
}
