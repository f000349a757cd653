using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// The objects that kubectl sends as protobuf, which it does for built-in types that it makes itself: reviews, roles and bindings, config maps, secrets,
/// namespaces, service accounts. Numbers of the fields from the generated.proto files of Kubernetes 1.32.
/// </summary>
internal static class ProtobufObjects
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static readonly byte[] Magic = "k8s\0"u8.ToArray();

    private static readonly Dictionary<int, ProtobufField> TypeMeta = Fields((1, Text("apiVersion")), (2, Text("kind")));

    private static readonly Dictionary<int, ProtobufField> Metadata = Fields(
        (1, Text("name")), (2, Text("generateName")), (3, Text("namespace")), (5, Text("uid")), (6, Text("resourceVersion")),
        (11, new("labels", ProtobufKind.TextMap)), (12, new("annotations", ProtobufKind.TextMap)), (14, Texts("finalizers")));

    private static readonly Dictionary<int, ProtobufField> Rule = Fields((1, Texts("verbs")), (2, Texts("apiGroups")), (3, Texts("resources")), (4, Texts("resourceNames")), (5, Texts("nonResourceURLs")));

    private static readonly Dictionary<int, ProtobufField> Subject = Fields((1, Text("kind")), (2, Text("apiGroup")), (3, Text("name")), (4, Text("namespace")));

    private static readonly Dictionary<int, ProtobufField> RoleReference = Fields((1, Text("apiGroup")), (2, Text("kind")), (3, Text("name")));

    private static readonly ProtobufField ResourceAttributes = Message("resourceAttributes", Fields(
        (1, Text("namespace")), (2, Text("verb")), (3, Text("group")), (4, Text("version")), (5, Text("resource")), (6, Text("subresource")), (7, Text("name"))));

    private static readonly ProtobufField PathAttributes = Message("nonResourceAttributes", Fields((1, Text("path")), (2, Text("verb"))));

    private static readonly ProtobufField SubjectSpec = Message("spec", Fields((1, ResourceAttributes), (2, PathAttributes), (3, Text("user")), (4, Texts("groups"))));

    private static readonly Dictionary<string, Dictionary<int, ProtobufField>> Kinds = new(StringComparer.Ordinal)
    {
        ["SelfSubjectAccessReview"] = Whole((2, Message("spec", Fields((1, ResourceAttributes), (2, PathAttributes))))),
        ["SubjectAccessReview"] = Whole((2, SubjectSpec)),
        ["LocalSubjectAccessReview"] = Whole((2, SubjectSpec)),
        ["SelfSubjectRulesReview"] = Whole((2, Message("spec", Fields((1, Text("namespace")))))),
        ["SelfSubjectReview"] = Whole(),
        ["TokenReview"] = Whole((2, Message("spec", Fields((1, Text("token")), (2, Texts("audiences")))))),
        ["ClusterRole"] = Whole((2, Messages("rules", Rule))),
        ["Role"] = Whole((2, Messages("rules", Rule))),
        ["ClusterRoleBinding"] = Whole((2, Messages("subjects", Subject)), (3, Message("roleRef", RoleReference))),
        ["RoleBinding"] = Whole((2, Messages("subjects", Subject)), (3, Message("roleRef", RoleReference))),
        ["ConfigMap"] = Whole((2, new("data", ProtobufKind.TextMap)), (3, new("binaryData", ProtobufKind.BytesMap)), (4, new("immutable", ProtobufKind.Flag))),
        ["Secret"] = Whole((2, new("data", ProtobufKind.BytesMap)), (3, Text("type")), (4, new("stringData", ProtobufKind.TextMap))),
        ["Namespace"] = Whole(),
        ["ServiceAccount"] = Whole(),
    };

    /// <summary>Reads an object: four magic bytes, then an envelope of type and content.</summary>
    /// <exception cref="ApiException">400: the bytes are no such object; 415: its kind is not in the tables.</exception>
    public static JsonObject Read(ReadOnlyMemory<byte> body)
    {
        if (!body.Span.StartsWith(Magic)) throw ApiErrors.BadRequest("provided data does not appear to be a protobuf message, expected prefix \"k8s\\0\"");
        try
        {
            JsonObject type = ProtobufReader.Read(ProtobufReader.Find(body[Magic.Length..], 1), TypeMeta);
            string kind = (string?)type["kind"] ?? "";
            if (!Kinds.TryGetValue(kind, out Dictionary<int, ProtobufField>? fields))
                throw new ApiException(new ApiStatus(415, "UnsupportedMediaType", $"the simulator reads {kind} as application/json only; as protobuf it reads {string.Join(", ", Kinds.Keys)}"));
            JsonObject content = ProtobufReader.Read(ProtobufReader.Find(body[Magic.Length..], 2), fields);
            foreach ((string key, JsonNode? value) in content) type[key] = value?.DeepClone();
            return type;
        }
        catch (InvalidDataException failure)
        {
            throw ApiErrors.BadRequest($"the protobuf message cannot be read: {failure.Message}");
        }
    }

    private static Dictionary<int, ProtobufField> Whole(params (int, ProtobufField)[] fields) => Fields([(1, Message("metadata", Metadata)), .. fields]);

    private static Dictionary<int, ProtobufField> Fields(params (int Number, ProtobufField Field)[] fields) => fields.ToDictionary(field => field.Number, field => field.Field);

    private static ProtobufField Text(string name) => new(name, ProtobufKind.Text);

    private static ProtobufField Texts(string name) => new(name, ProtobufKind.Text, Repeated: true);

    private static ProtobufField Message(string name, Dictionary<int, ProtobufField> fields) => new(name, ProtobufKind.Message, fields);

    private static ProtobufField Messages(string name, Dictionary<int, ProtobufField> fields) => new(name, ProtobufKind.Message, fields, Repeated: true);
}
