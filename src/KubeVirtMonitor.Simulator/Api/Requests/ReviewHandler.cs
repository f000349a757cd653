using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Answers the reviews: who am I, may I, may someone, what may I.</summary>
internal sealed class ReviewHandler(RbacAuthorizer authorizer, TokenIssuer tokens)
{
    public async Task SendAsync(HttpContext context, ApiRequest request, ApiUser user)
    {
        JsonObject review = await RequestBody.ReadObjectAsync(context);
        JsonObject spec = review["spec"] as JsonObject ?? [];
        review["status"] = request.Resource switch
        {
            "selfsubjectreviews" => new JsonObject { ["userInfo"] = UserInfo(user) },
            "tokenreviews" => Token((string?)spec["token"] ?? ""),
            "selfsubjectrulesreviews" => Rules(user, (string?)spec["namespace"]),
            "selfsubjectaccessreviews" => Access(user, spec),
            _ => Access(new ApiUser((string?)spec["user"] ?? "", [.. (spec["groups"] as JsonArray ?? []).Select(group => (string)group!)]), spec),
        };
        if (review["metadata"] is not JsonObject) review["metadata"] = new JsonObject { ["creationTimestamp"] = null };
        await Answer.JsonAsync(context, review, StatusCodes.Status201Created);
    }

    private JsonObject Access(ApiUser user, JsonObject spec)
    {
        AccessQuery query;
        if (spec["resourceAttributes"] is JsonObject resource)
        {
            query = new AccessQuery
            {
                Verb = Text(resource, "verb"),
                Group = Text(resource, "group"),
                Resource = Text(resource, "resource"),
                Subresource = Text(resource, "subresource"),
                Namespace = Text(resource, "namespace") is { Length: > 0 } space ? space : null,
                Name = Text(resource, "name") is { Length: > 0 } name ? name : null,
            };
        }
        else if (spec["nonResourceAttributes"] is JsonObject path)
        {
            query = new AccessQuery { Verb = Text(path, "verb"), Path = Text(path, "path") };
        }
        else
        {
            throw new ApiException(new ApiStatus(422, "Invalid", "spec.resourceAttributes: Invalid value: \"null\": exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        }

        bool allowed = authorizer.Allows(user, query);
        JsonObject status = new() { ["allowed"] = allowed };
        if (allowed) status["reason"] = "RBAC: allowed by the roles of the simulated cluster";
        return status;
    }

    private JsonObject Rules(ApiUser user, string? space)
    {
        if (string.IsNullOrEmpty(space)) throw ApiErrors.BadRequest("no namespace on request");
        JsonArray resources = [];
        JsonArray paths = [];
        IEnumerable<AccessRule> rules = user.Groups.Contains("system:masters")
            ? [new AccessRule(["*"], ["*"], ["*"], [], []), new AccessRule(["*"], [], [], [], ["*"])]
            : authorizer.RulesOf(user, space);
        foreach (AccessRule rule in rules) (rule.Paths.Length > 0 ? paths : resources).Add((JsonNode)rule.ToJson());
        return new JsonObject { ["resourceRules"] = resources, ["nonResourceRules"] = paths, ["incomplete"] = false };
    }

    private JsonObject Token(string token) => tokens.UserOf(token) is { } user
        ? new JsonObject { ["authenticated"] = true, ["user"] = UserInfo(user) }
        : new JsonObject { ["authenticated"] = false, ["error"] = "[invalid bearer token, token lookup failed]" };

    private static JsonObject UserInfo(ApiUser user) => new() { ["username"] = user.Name, ["groups"] = JsonText.Strings(user.AllGroups) };

    private static string Text(JsonObject map, string name) => (string?)map[name] ?? "";
}
