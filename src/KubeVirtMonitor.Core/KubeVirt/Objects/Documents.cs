using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>The door for single documents from the API server: read by a projection, as items of lists are, or as a node that can be edited.</summary>
internal static class Documents
{
    /// <summary>Reads a document by a projection.</summary>
    /// <typeparam name="T">What is made of it.</typeparam>
    /// <param name="project">Makes a T of it.</param>
    /// <exception cref="KubernetesException">It is not there, may not be read, or a field of it has the wrong type.</exception>
    public static async Task<T> GetAsync<T>(this IKubernetesClient client, string path, JsonProjection<T> project, CancellationToken cancellationToken)
    {
        JsonElement document = await client.GetAsync(path, cancellationToken).ConfigureAwait(false);
        try
        {
            return project(Encoding.UTF8.GetBytes(document.ValueKind == JsonValueKind.Undefined ? "null" : document.GetRawText()));
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            string what = ForeignText.OfStranger.Line(exception.Message, 200).TrimEnd('.');
            throw new KubernetesException(KubernetesError.BadAnswer, $"the answer to 'get {path}' cannot be read ({what})", "Look at it with 'kubectl get -o json'.", exception);
        }
    }

    /// <summary>Reads a document as a node; null when the answer is <c>null</c> or empty.</summary>
    public static async Task<JsonNode?> GetNodeAsync(this IKubernetesClient client, string path, CancellationToken cancellationToken) =>
        NodeOf(await client.GetAsync(path, cancellationToken).ConfigureAwait(false));

    /// <summary>Changes part of an object. The object after the change; null when the answer is <c>null</c> or empty.</summary>
    public static async Task<JsonNode?> PatchNodeAsync(this IKubernetesClient client, string path, PatchKind kind, JsonNode patch, WriteOptions options, CancellationToken cancellationToken) =>
        NodeOf(await client.PatchAsync(path, kind, patch, options, cancellationToken).ConfigureAwait(false));

    private static JsonNode? NodeOf(JsonElement document) => document.ValueKind == JsonValueKind.Undefined ? null : JsonNode.Parse(document.GetRawText());
}
