using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>JSON patch, RFC 6902, with the limits of a real API server.</summary>
internal static class JsonPatch
{
    private const int MostOperations = 10_000;

    /// <summary>Applies the operations in order; none of them counts when one fails.</summary>
    /// <exception cref="ApiException">400: the patch is malformed; 422: it does not fit the object.</exception>
    public static JsonObject Apply(JsonObject target, JsonArray patch)
    {
        if (patch.Count > MostOperations) throw new ApiException(new ApiStatus(413, "RequestEntityTooLarge", $"The allowed maximum operations in a JSON patch is {MostOperations}, got {patch.Count}"));
        JsonNode root = target.DeepClone();
        foreach (JsonNode? each in patch)
        {
            if (each is not JsonObject operation || Text(operation, "op") is not { } op || Text(operation, "path") is not { } path)
                throw ApiErrors.BadRequest("error decoding patch: an operation needs op and path");
            root = Run(root, operation, op, path);
        }

        return root as JsonObject ?? throw ApiErrors.Unfit();
    }

    private static JsonNode Run(JsonNode root, JsonObject operation, string op, string path)
    {
        switch (op)
        {
            case "add":
                return Add(root, path, Value(operation));
            case "remove":
                _ = Take(root, path);
                return root;
            case "replace":
                if (path.Length == 0) return Value(operation)!;
                _ = Take(root, path);
                return Add(root, path, Value(operation));
            case "move":
                return Add(root, path, Take(root, Text(operation, "from") ?? throw ApiErrors.BadRequest("error decoding patch: move needs from")));
            case "copy":
                return Add(root, path, Get(root, Text(operation, "from") ?? throw ApiErrors.BadRequest("error decoding patch: copy needs from"))?.DeepClone());
            case "test":
                if (!JsonNode.DeepEquals(Tested(root, path), Value(operation))) throw ApiErrors.Unfit();
                return root;
            default:
                throw ApiErrors.BadRequest($"error decoding patch: unknown operation '{op}'");
        }
    }

    private static JsonNode? Value(JsonObject operation) =>
        operation.TryGetPropertyValue("value", out JsonNode? value) ? value?.DeepClone() : throw ApiErrors.BadRequest("error decoding patch: the operation needs a value");

    private static string? Text(JsonObject operation, string name) => operation[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static JsonNode? Get(JsonNode root, string path)
    {
        JsonNode? at = root;
        foreach (string part in Parts(path)) at = Child(at, part, path);
        return at;
    }

    // What is not there is null for a test, as the API server has it (seen with 1.36); only what it would be in has to be there.
    private static JsonNode? Tested(JsonNode root, string path)
    {
        if (path.Length == 0) return root;
        (JsonNode parent, string last) = Parent(root, path);
        return parent is JsonObject map ? map[last] : Child(parent, last, path);
    }

    private static JsonNode Add(JsonNode root, string path, JsonNode? value)
    {
        if (path.Length == 0) return value ?? throw ApiErrors.Unfit();
        (JsonNode parent, string last) = Parent(root, path);
        if (parent is JsonObject map) map[last] = value;
        else if (parent is JsonArray list) list.Insert(last == "-" ? list.Count : Index(last, list.Count + 1, path), value);
        else throw ApiErrors.Unfit();
        return root;
    }

    private static JsonNode? Take(JsonNode root, string path)
    {
        (JsonNode parent, string last) = Parent(root, path);
        JsonNode? taken = Child(parent, last, path);
        if (parent is JsonObject map) map.Remove(last);
        else ((JsonArray)parent).RemoveAt(Index(last, ((JsonArray)parent).Count, path));
        return taken;
    }

    private static (JsonNode Parent, string Last) Parent(JsonNode root, string path)
    {
        string[] parts = Parts(path);
        if (parts.Length == 0) throw ApiErrors.Unfit();
        JsonNode? at = root;
        foreach (string part in parts[..^1]) at = Child(at, part, path);
        return (at ?? throw ApiErrors.Unfit(), parts[^1]);
    }

    private static JsonNode? Child(JsonNode? parent, string part, string path) => parent switch
    {
        JsonObject map => map.TryGetPropertyValue(part, out JsonNode? child) ? child : throw ApiErrors.Unfit(),
        JsonArray list => list[Index(part, list.Count, path)],
        _ => throw ApiErrors.Unfit(),
    };

    private static int Index(string part, int count, string path) =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < count
            ? index
            : throw ApiErrors.Unfit();

    private static string[] Parts(string path)
    {
        if (path.Length == 0) return [];
        if (path[0] != '/') throw ApiErrors.BadRequest($"error decoding patch: path '{path}' does not begin with a slash");
        return path[1..].Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
    }
}
