using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor;

/// <summary>Asks the server who may do what, as <c>kubectl auth can-i</c> does.</summary>
public static class AccessReview
{
    private const string Path = "/apis/authorization.k8s.io/v1/";

    /// <summary>Whether the user of this connection may do something.</summary>
    /// <param name="client">The client.</param>
    /// <param name="question">What.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public static Task<AccessDecision> CanIAsync(this IKubernetesClient client, AccessQuestion question, CancellationToken cancellationToken = default) =>
        AskAsync(client, "selfsubjectaccessreviews", "SelfSubjectAccessReview", new JsonObject { ["resourceAttributes"] = Attributes(question) }, cancellationToken);

    /// <summary>Whether somebody else may do something.</summary>
    /// <param name="client">The client; its user needs the permission to create subjectaccessreviews.</param>
    /// <param name="user">Who, such as <c>system:serviceaccount:NAMESPACE:NAME</c>.</param>
    /// <param name="groups">The groups that user is in.</param>
    /// <param name="question">What.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public static Task<AccessDecision> CanUserAsync(
        this IKubernetesClient client, string user, IEnumerable<string> groups, AccessQuestion question, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        JsonArray list = [];
        foreach (string group in groups) list.Add(group);
        JsonObject spec = new() { ["user"] = user, ["groups"] = list, ["resourceAttributes"] = Attributes(question) };
        return AskAsync(client, "subjectaccessreviews", "SubjectAccessReview", spec, cancellationToken);
    }

    private static async Task<AccessDecision> AskAsync(IKubernetesClient client, string resource, string kind, JsonObject spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        JsonObject review = new() { ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = kind, ["spec"] = spec };
        JsonElement answer = await client.CreateAsync(Path + resource, review, null, cancellationToken).ConfigureAwait(false);
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("status", out JsonElement status) || status.ValueKind != JsonValueKind.Object)
            throw new KubernetesException(KubernetesError.BadAnswer, $"the answer to a {kind} has no status", "");
        return new AccessDecision(
            status.TryGetProperty("allowed", out JsonElement allowed) && allowed.ValueKind == JsonValueKind.True,
            TextOf(client, status, "reason"),
            TextOf(client, status, "evaluationError"));
    }

    private static string TextOf(IKubernetesClient client, JsonElement status, string name) =>
        status.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? client.Foreign.Scrub(text.GetString()) : "";

    private static JsonObject Attributes(AccessQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        JsonObject attributes = new()
        {
            ["verb"] = question.Verb,
            ["group"] = question.Type.Group,
            ["version"] = question.Type.Version,
            ["resource"] = question.Type.Resource,
        };
        if (question.Subresource is { } subresource) attributes["subresource"] = subresource;
        if (question.Namespace is { } space) attributes["namespace"] = space;
        if (question.Name is { } name) attributes["name"] = name;
        return attributes;
    }
}
