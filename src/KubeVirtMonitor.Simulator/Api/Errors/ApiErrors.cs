using System.Globalization;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The failures of a real API server (1.32), in its words.</summary>
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
        "only the following media types are accepted: application/json, application/json;as=Table;v=v1;g=meta.k8s.io, application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"));

    public static ApiException UnsupportedMediaType(IEnumerable<string> accepted) => new(new ApiStatus(
        415,
        "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", accepted)}"));

    public static ApiException Invalid(ResourceType type, string name, params (string Field, string Message)[] causes) => new(new ApiStatus(
        422,
        "Invalid",
        $"{type.Kind}{(type.Group.Length == 0 ? "" : "." + type.Group)} \"{name}\" is invalid: {string.Join(", ", causes.Select(cause => $"{cause.Field}: {cause.Message}"))}")
    {
        Name = name,
        Group = type.Group,
        Kind = type.Kind,
        Causes = causes.Select(cause => ("FieldValueInvalid", cause.Message, (string?)cause.Field)).ToList(),
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

    public static ApiException Forbidden(string user, ApiRequest request)
    {
        if (request.Resource is null) return new ApiException(new ApiStatus(403, "Forbidden", $"forbidden: User \"{user}\" cannot {request.Verb} path \"{request.Path}\""));
        string subject = request.Group.Length == 0 ? request.Resource : $"{request.Resource}.{request.Group}";
        if (request.Name is not null) subject += $" \"{request.Name}\"";
        string resource = request.Subresource is null ? request.Resource : $"{request.Resource}/{request.Subresource}";
        string where = request.Namespace is null ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"";
        return new ApiException(new ApiStatus(403, "Forbidden", $"{subject} is forbidden: User \"{user}\" cannot {request.Verb} resource \"{resource}\" in API group \"{request.Group}\" {where}")
        {
            Name = request.Name,
            Group = request.Group,
            Kind = request.Resource,
        });
    }
}
