using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Answers patches of all kinds.</summary>
internal sealed class PatchHandler(ObjectWriter writer, TimeProvider time)
{
    private static readonly string[] BuiltIn = ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml"];
    private static readonly string[] Custom = ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"];

    /// <summary>Applies the patch in the body of a request.</summary>
    /// <returns>The object, and whether it was made by the patch.</returns>
    public async Task<(ApiObject Object, bool Created)> ApplyAsync(HttpContext context, ApiRequest request, ResourceCollection collection, WriteOptions write)
    {
        ResourceType type = collection.Type;
        PatchKind kind = KindOf(MediaType.ContentType(context.Request), type);
        JsonNode body = await RequestBody.ReadAsync(context, type.Kind);
        string name = request.Name!;
        write = write with { Patches = kind != PatchKind.Apply };
        if (kind != PatchKind.Apply) return (writer.Update(collection, request.Namespace, name, request.Subresource, write, before => Patched(before, body, kind, type)), false);
        if (string.IsNullOrEmpty(write.FieldManager)) throw ApiErrors.Invalid("PatchOptions", "meta.k8s.io", "", ("fieldManager", "Required value: is required for apply patch"));
        write = write with { Applies = true };
        JsonObject configuration = body as JsonObject ?? throw ApiErrors.BadRequest("an apply patch is an object");
        string now = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        if (collection.Find(request.Namespace, name) is not null)
        {
            return (writer.Update(collection, request.Namespace, name, request.Subresource, write, before => Applied(before, configuration, write, type, now)), false);
        }

        JsonObject made = new()
        {
            ["apiVersion"] = type.ApiVersion,
            ["kind"] = type.Kind,
            ["metadata"] = new JsonObject { ["name"] = name },
        };
        return (writer.Create(collection, request.Namespace, Applied(made, configuration, write, type, now), write), true);
    }

    private static JsonObject Applied(JsonObject before, JsonObject configuration, WriteOptions write, ResourceType type, string now)
    {
        ServerSideApply.Apply(before, configuration, write.FieldManager!, write.Force, type, now);
        return before;
    }

    private static JsonObject Patched(JsonObject before, JsonNode body, PatchKind kind, ResourceType type)
    {
        if (kind == PatchKind.Json) return JsonPatch.Apply(before, body as JsonArray ?? throw ApiErrors.BadRequest("error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"));
        JsonObject patch = body as JsonObject ?? throw ApiErrors.BadRequest("error decoding patch: a merge patch is an object");
        if (kind == PatchKind.Merge) MergePatch.Apply(before, patch);
        else new StrategicPatch(type.Kind).Apply(before, patch);
        return before;
    }

    private static PatchKind KindOf(string contentType, ResourceType type) => contentType switch
    {
        "application/json-patch+json" => PatchKind.Json,
        "application/merge-patch+json" => PatchKind.Merge,
        "application/strategic-merge-patch+json" when !type.Custom => PatchKind.Strategic,
        "application/apply-patch+yaml" => PatchKind.Apply,
        _ => throw ApiErrors.UnsupportedMediaType(type.Custom ? Custom : BuiltIn),
    };
}
