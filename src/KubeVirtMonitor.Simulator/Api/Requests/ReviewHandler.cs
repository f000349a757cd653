using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Answers the reviews: who am I, may I, may someone, what may I.</summary>
internal sealed class ReviewHandler(RbacAuthorizer authorizer, TokenIssuer tokens, TimeProvider time)
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
        if (review["metadata"] is not JsonObject) review["metadata"] = request.Resource == "selfsubjectreviews" ? new JsonObject { ["creationTimestamp"] = Meta.Time(time.GetUtcNow()) } : [];
        await Answer.JsonAsync(context, review, StatusCodes.Status201Created);
    }

    /// <summary>Issues a token of a service account.</summary>
    public async Task IssueAsync(HttpContext context, ApiRequest request, ResourceCollection accounts)
    {
        JsonObject asked = await RequestBody.ReadObjectAsync(context, "TokenRequest");
        ApiObject account = accounts.Find(request.Namespace, request.Name!) ?? throw ApiErrors.NotFound(accounts.Type, request.Name!);
        const int Hour = 3600;
        int seconds = (int?)asked["spec"]?["expirationSeconds"] ?? Hour;
        DateTimeOffset now = time.GetUtcNow();
        await Answer.JsonAsync(
            context,
            new JsonObject
            {
                ["kind"] = "TokenRequest",
                ["apiVersion"] = "authentication.k8s.io/v1",
                ["metadata"] = new JsonObject { ["name"] = account.Name, ["namespace"] = account.Namespace, ["uid"] = (string?)account.ToJson()["metadata"]!["uid"], ["creationTimestamp"] = Meta.Time(now) },
                ["spec"] = new JsonObject { ["audiences"] = new JsonArray("https://kubernetes.default.svc.cluster.local"), ["expirationSeconds"] = seconds, ["boundObjectRef"] = null },
                ["status"] = new JsonObject
                {
                    ["token"] = tokens.Issue(ApiUser.ServiceAccount(account.Namespace!, account.Name), TimeSpan.FromSeconds(seconds)),
                    ["expirationTimestamp"] = Meta.Time(now.AddSeconds(seconds)),
                },
            },
            StatusCodes.Status201Created);
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
            throw ApiErrors.Invalid("", "authorization.k8s.io", "", ("spec.resourceAttributes", "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        }

        bool allowed = authorizer.Allows(user, query);
        JsonObject status = new() { ["allowed"] = allowed };
        if (allowed && authorizer.Reason(user, query) is { } reason) status["reason"] = reason;
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

    private static JsonObject UserInfo(ApiUser user) => new() { ["username"] = user.Name, ["uid"] = StableId.Uid(0, "user", user.Name).ToString(), ["groups"] = JsonText.Strings(user.AllGroups) };

    private static string Text(JsonObject map, string name) => (string?)map[name] ?? "";
}
