using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Answers all requests: who, may they, faults, and then the one who knows.</summary>
internal sealed class ApiRequestHandler(ApiServices services, ControlHandler control) : IDisposable
{
    private readonly ApiRouter _router = new(services.Options, [.. services.Store.Types]);
    private readonly ListHandler _lists = new(services.Store, services.Options, services.Time);
    private readonly WatchHandler _watches = new(services.Store, services.Options, services.Time);
    private readonly ReviewHandler _reviews = new(services.Authorizer, services.Tokens, services.Time);
    private readonly StreamRouter _streams = new(services);
    private readonly ObjectWriter _writer = new(services.Store, services.Options, services.Time);
    private readonly PatchHandler _patches = new(new ObjectWriter(services.Store, services.Options, services.Time), services.Time);

    public void Dispose() => _streams.Dispose();

    public async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers["Audit-Id"] = Guid.NewGuid().ToString();
        context.Response.Headers.CacheControl = "no-cache, private";
        services.Host.Cluster.Settle();
        ApiRequest request = ApiRequest.Of(context.Request);
        if (!request.Path.StartsWith(ControlHandler.Prefix, StringComparison.Ordinal)) services.Log.Add(context, request);
        try
        {
            await AnswerAsync(context, request);
        }
        catch (ApiException failure)
        {
            if (!context.Response.HasStarted) await Answer.StatusAsync(context, failure.Status);
            else context.Abort();
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or WebSocketException)
        {
            // The other side has gone, or a stream broke: there is nobody to tell, or no way to tell it.
            if (!context.RequestAborted.IsCancellationRequested) context.Abort();
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            // A defect of the simulator: said as a real API server says a panic, so that a test that meets it shows what it was.
            await Answer.StatusAsync(context, ApiErrors.Internal($"simulator: {failure}").Status);
        }
    }

    private async Task AnswerAsync(HttpContext context, ApiRequest request)
    {
        bool steers = request.Path.StartsWith(ControlHandler.Prefix, StringComparison.Ordinal);
        ApiFault? fault = steers ? null : services.Faults.Take(request, !string.IsNullOrEmpty(context.Request.Query["continue"]));
        if (fault is not null && await FaultAnswers.TryAsync(context, request, fault)) return;
        ApiUser user = Impersonated(context, request, services.Authenticator.Authenticate(context));
        if (fault?.Kind == ApiFaultKind.Forbidden || !services.Authorizer.Allows(user, AccessQuery.Of(request))) throw ApiErrors.Forbidden(user.Name, request, services.Authorizer.Missing(user, request.Namespace));
        if (steers)
        {
            await control.SendAsync(context);
            return;
        }

        if (request.Resource is null)
        {
            if (request.Path == "/metrics")
            {
                context.Response.ContentType = ApiServerMetrics.ContentType;
                await context.Response.WriteAsync(ApiServerMetrics.Write(services.Host.Cluster), context.RequestAborted);
                return;
            }

            if (await _router.TryAsync(context, request.Path)) return;
            await Answer.TextAsync(context, "404 page not found\n", StatusCodes.Status404NotFound);
            return;
        }

        if (request.Group == DiscoveryDocuments.SubresourceGroup)
        {
            await _streams.SubresourceAsync(context, request);
            return;
        }

        ResourceCollection? collection = services.Store.Find(request.Group, request.Resource);
        if (collection is null || collection.Type.Version != request.Version)
        {
            if (_router.IsTextual(request.Group, request.Version)) await Answer.TextAsync(context, "404 page not found\n", StatusCodes.Status404NotFound);
            else throw ApiErrors.NoSuchResource();
            return;
        }

        if (request is { Verb: "create", Resource: "serviceaccounts", Subresource: "token" }) await _reviews.IssueAsync(context, request, collection);
        else if (request.Subresource is not (null or "status")) await _streams.PodAsync(context, request, collection);
        else await ResourceAsync(context, request, collection, user, fault);
    }

    private async Task ResourceAsync(HttpContext context, ApiRequest request, ResourceCollection collection, ApiUser user, ApiFault? fault)
    {
        ResourceType type = collection.Type;
        if (request.Subresource == "status" && !type.HasStatus) throw ApiErrors.NoSuchResource();
        if (type.CreateOnly)
        {
            if (request.Verb != "create") throw ApiErrors.MethodNotAllowed();
            await _reviews.SendAsync(context, request, user);
            return;
        }

        if (type.Kind == "Lease" && request.Verb is "get" or "list" or "watch") services.Leases.Renew();
        string? space = type.Namespaced ? request.Namespace : null;
        if (type.Namespaced && space is null && request.Verb is not ("list" or "watch")) throw ApiErrors.MethodNotAllowed();
        request = request with { Namespace = space };
        DateTimeOffset now = services.Time.GetUtcNow();
        switch (request.Verb)
        {
            case "list":
                await _lists.SendAsync(context, request, collection, fault);
                break;
            case "watch":
                await _watches.SendAsync(context, request, collection, fault);
                break;
            case "get":
                await Answer.ObjectAsync(context, collection.Find(space, request.Name!) ?? throw ApiErrors.NotFound(type, request.Name!), now);
                break;
            case "create" when request.Name is null:
                JsonObject asked = await RequestBody.ReadObjectAsync(context, type.Kind);
                Grantable(type, asked, user);
                WriteOptions creation = WriteOptions.Of(context.Request, user);
                ApiObject created = _writer.Create(collection, space, asked, creation);
                Warn(context, creation);
                await Answer.ObjectAsync(context, created, now, StatusCodes.Status201Created);
                break;
            case "update" when request.Name is not null:
                JsonObject sent = await RequestBody.ReadObjectAsync(context, type.Kind);
                if (type.Custom && string.IsNullOrEmpty((string?)sent["metadata"]?["resourceVersion"])) throw ApiErrors.WithoutVersion(type, request.Name);
                WriteOptions update = WriteOptions.Of(context.Request, user) with { Subresource = request.Subresource };
                ApiObject updated = _writer.Update(collection, space, request.Name, request.Subresource, update, _ => (JsonObject)sent.DeepClone());
                Warn(context, update);
                await Answer.ObjectAsync(context, updated, now);
                break;
            case "patch" when request.Name is not null:
                WriteOptions patch = WriteOptions.Of(context.Request, user) with { Subresource = request.Subresource };
                (ApiObject patched, bool made) = await _patches.ApplyAsync(context, request, collection, patch);
                Warn(context, patch);
                await Answer.ObjectAsync(context, patched, now, made ? StatusCodes.Status201Created : StatusCodes.Status200OK);
                break;
            case "delete" when type is { Group: "", Kind: "Pod" } && !WriteOptions.Of(context.Request, user).DryRun && services.Pods.Delete(space, request.Name!) is { } going:
                await Answer.JsonAsync(context, Terminating(going)!);
                break;
            case "delete":
                ApiObject deleted = _writer.Delete(collection, space, request.Name!, WriteOptions.Of(context.Request, user));
                if (Terminating(deleted) is { } terminating) await Answer.JsonAsync(context, terminating);
                else await Answer.JsonAsync(context, Deleted(deleted));
                break;
            case "patch" or "update":
                throw ApiErrors.BadRequest("name must be provided");
            default:
                throw ApiErrors.MethodNotAllowed();
        }
    }

    /// <summary>Another user in whose name the request is sent, when the sender may do that.</summary>
    private ApiUser Impersonated(HttpContext context, ApiRequest request, ApiUser user)
    {
        string name = context.Request.Headers["Impersonate-User"].ToString();
        string[] groups = [.. context.Request.Headers["Impersonate-Group"].Select(group => group ?? "")];
        if (name.Length == 0 && groups.Length == 0) return user;
        if (name.Length == 0)
            throw ApiErrors.BadRequest($"requested &user.DefaultInfo{{Name:\"\", UID:\"\", Groups:[]string{{{string.Join(", ", groups.Select(group => $"\"{group}\""))}}}, Extra:map[string][]string(nil)}} without impersonating a user name");
        foreach ((string resource, string value) in groups.Select(group => ("groups", group)).Prepend(("users", name)))
        {
            ApiRequest impersonate = new() { Verb = "impersonate", Path = "", Resource = resource, Name = value };
            if (services.Authorizer.Allows(user, AccessQuery.Of(impersonate))) continue;
            throw ApiErrors.Forbidden(user.Name, VersionDocument.ConstrainsImpersonation(services.Options.KubernetesVersion) ? request with { Verb = $"impersonate-on:user-info:{request.Verb}" } : impersonate);
        }

        return new ApiUser(name, groups);
    }

    /// <summary>Nobody gives rights that he does not hold.</summary>
    private void Grantable(ResourceType type, JsonObject binding, ApiUser user)
    {
        if (type.Plural != "clusterrolebindings" || services.Authorizer.Beyond(user, (string?)binding["roleRef"]?["name"] ?? "") is not { Count: > 0 } beyond) return;
        string name = (string?)binding["metadata"]?["name"] ?? "";
        string groups = string.Join(' ', user.AllGroups.Select(static group => $"\"{group}\""));
        throw new ApiException(new ApiStatus(403, "Forbidden", $"{type.QualifiedName} \"{name}\" is forbidden: user \"{user.Name}\" (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:\n{string.Join("\n", beyond.Select(static rule => rule.ToGo()))}")
        {
            Name = name,
            Group = type.Group,
            Kind = type.Plural,
        });
    }

    private static void Warn(HttpContext context, WriteOptions write)
    {
        foreach (string warning in write.Warnings) context.Response.Headers.Append("Warning", $"299 - \"{warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
    }

    /// <summary>An object with finalizers, or a pod, is answered as it is while it goes; null for all others.</summary>
    private JsonObject? Terminating(ApiObject deleted)
    {
        JsonObject whole = deleted.ToJson();
        bool pod = deleted.Type is { Group: "", Kind: "Pod" };
        if (!pod && whole["metadata"]!["finalizers"] is not JsonArray { Count: > 0 }) return null;
        whole["metadata"]!["deletionGracePeriodSeconds"] = pod ? 30 : 0;
        whole["metadata"]!["deletionTimestamp"] = Meta.Time(services.Time.GetUtcNow());
        return whole;
    }

    private static JsonObject Deleted(ApiObject item)
    {
        JsonObject details = new() { ["name"] = item.Name };
        if (item.Type.Group.Length > 0) details["group"] = item.Type.Group;
        details["kind"] = item.Type.Plural;
        details["uid"] = (string?)item.ToJson()["metadata"]!["uid"];
        return new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["details"] = details };
    }
}
