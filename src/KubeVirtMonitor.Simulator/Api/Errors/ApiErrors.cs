using System.Globalization;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The failures of a real API server (1.36), in its words.</summary>
internal static class ApiErrors
{
    public static ApiException Unauthorized() => new(new ApiStatus(401, "Unauthorized", "Unauthorized"));

    public static ApiException BadRequest(string message) => new(new ApiStatus(400, "BadRequest", message));

    public static ApiException NotFound(ResourceType type, string name) =>
        new(new ApiStatus(404, "NotFound", $"{type.QualifiedName} \"{name}\" not found") { Name = name, Group = type.Group, Kind = type.Plural });

    public static ApiException NoSuchResource() => new(new ApiStatus(404, "NotFound", "the server could not find the requested resource"));

    public static ApiException MethodNotAllowed() => new(new ApiStatus(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"));

    public static ApiException AlreadyExists(ResourceType type, string name) =>
        new(new ApiStatus(409, "AlreadyExists", $"{type.QualifiedName} \"{name}\" already exists") { Name = name, Group = type.Group, Kind = type.Plural });

    public static ApiException Conflict(ResourceType type, string name, string why) =>
        new(new ApiStatus(409, "Conflict", $"Operation cannot be fulfilled on {type.QualifiedName} \"{name}\": {why}") { Name = name, Group = type.Group, Kind = type.Plural });

    public static ApiException Modified(ResourceType type, string name) =>
        Conflict(type, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException NotAcceptable() => new(new ApiStatus(
        406,
        "NotAcceptable",
        "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf"));

    public static ApiException UnsupportedMediaType(IEnumerable<string> accepted) => new(new ApiStatus(
        415,
        "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", accepted)}"));

    public static ApiException Invalid(ResourceType type, string name, params (string Field, string Message)[] causes) => Invalid(type.Kind, type.Group, name, causes);

    /// <summary>Fields that do not fit. The reason of each cause is in the first words of its message.</summary>
    public static ApiException Invalid(string kind, string group, string name, params (string Field, string Message)[] causes) => new(new ApiStatus(
        422,
        "Invalid",
        $"{kind}{(group.Length == 0 ? "" : "." + group)} \"{name}\" is invalid: {(causes.Length == 1 ? Text(causes[0]) : $"[{string.Join(", ", causes.Select(Text))}]")}")
    {
        Name = name.Length == 0 ? null : name,
        Group = group,
        Kind = kind.Length == 0 ? null : kind,
        Causes = causes.Select(cause => (ReasonOf(cause.Message), cause.Message, (string?)cause.Field)).ToList(),
    });

    /// <summary>A custom resource that is to be replaced, by one that does not say which version it was made from.</summary>
    public static ApiException WithoutVersion(ResourceType type, string name) => new(new ApiStatus(
        422,
        "Invalid",
        $"{type.QualifiedName} \"{name}\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update")
    {
        Name = name,
        Group = type.Group,
        Kind = type.Plural,
        Causes = [("FieldValueInvalid", "Invalid value: 0: must be specified for an update", "metadata.resourceVersion")],
    });

    /// <summary>A patch that does not fit the object: what does not fit is not said.</summary>
    public static ApiException Unfit() => new(new ApiStatus(422, "Invalid", "the server rejected our request due to an error in our request"));

    /// <summary>A webhook says no.</summary>
    /// <param name="webhook">Its name.</param>
    /// <param name="causes">What it says: reason (may be empty), message, field.</param>
    public static ApiStatus Denied(string webhook, params IReadOnlyList<(string Reason, string Message, string? Field)> causes) =>
        new(422, "Invalid", $"admission webhook \"{webhook}\" denied the request: {string.Join(", ", causes.Select(cause => cause.Message))}") { Causes = causes };

    /// <summary>A list from a version that the server has not reached.</summary>
    public static ApiException FutureVersion(long version, long present) =>
        new(new ApiStatus(504, "Timeout", string.Create(CultureInfo.InvariantCulture, $"Timeout: Too large resource version: {version}, current: {present}"))
        {
            Causes = [("ResourceVersionTooLarge", "Too large resource version", null)],
            RetryAfterSeconds = 1,
        });

    public static ApiException Internal(string message) => new(new ApiStatus(500, "InternalError", $"Internal error occurred: {message}")
    {
        Causes = [("", message, null)],
    });

    /// <summary>A page of a list whose beginning is forgotten; the token inside continues with what is there now.</summary>
    public static ApiException ExpiredContinue(string inconsistent) => new(new ApiStatus(
        410,
        "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
    {
        Continue = inconsistent,
    });

    public static ApiStatus ExpiredWatch(long version, long present) =>
        new(410, "Expired", string.Create(CultureInfo.InvariantCulture, $"too old resource version: {version} ({present})"));

    public static ApiException TooManyRequests(int seconds) => new(new ApiStatus(429, "TooManyRequests", "Too many requests, please try again later.") { RetryAfterSeconds = seconds });

    public static ApiException Unavailable(int seconds) => new(new ApiStatus(503, "ServiceUnavailable", "the server is currently unable to handle the request") { RetryAfterSeconds = seconds });

    /// <summary>Rights that are missing.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="request">What for.</param>
    /// <param name="missing">Roles that bindings of the user name and that do not exist.</param>
    public static ApiException Forbidden(string user, ApiRequest request, IReadOnlyList<string>? missing = null)
    {
        string[] absent = [.. (missing ?? []).Select(role => $"clusterrole.rbac.authorization.k8s.io \"{role}\" not found")];
        string rbac = absent.Length == 0 ? "" : absent.Length == 1 ? ": RBAC: " + absent[0] : $": RBAC: [{string.Join(", ", absent)}]";
        if (request.Resource is null) return new ApiException(new ApiStatus(403, "Forbidden", $"forbidden: User \"{user}\" cannot {request.Verb} path \"{request.Path}\"{rbac}"));
        string subject = request.Group.Length == 0 ? request.Resource : $"{request.Resource}.{request.Group}";
        string? name = request.Name ?? request.SelectedName;
        if (name is not null) subject += $" \"{name}\"";
        string resource = request.Subresource is null ? request.Resource : $"{request.Resource}/{request.Subresource}";
        string where = request.Namespace is null ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"";
        return new ApiException(new ApiStatus(403, "Forbidden", $"{subject} is forbidden: User \"{user}\" cannot {request.Verb} resource \"{resource}\" in API group \"{request.Group}\" {where}{rbac}")
        {
            Name = name,
            Group = request.Group,
            Kind = request.Resource,
        });
    }

    private static string Text((string Field, string Message) cause) => $"{cause.Field}: {cause.Message}";

    private static string ReasonOf(string message) => message switch
    {
        _ when message.StartsWith("Required value", StringComparison.Ordinal) => "FieldValueRequired",
        _ when message.StartsWith("Unsupported value", StringComparison.Ordinal) => "FieldValueNotSupported",
        _ => "FieldValueInvalid",
    };
}
