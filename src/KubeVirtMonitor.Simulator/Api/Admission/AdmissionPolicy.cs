namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A ValidatingAdmissionPolicy with its binding, as Kubernetes 1.36 answers for it. In place of an expression it has a function.</summary>
/// <param name="Name">The name of the policy.</param>
/// <param name="Resource">The plural of what it looks at.</param>
/// <param name="Allows">Whether a write may be.</param>
/// <param name="Message">What those are told who may not.</param>
public sealed record AdmissionPolicy(string Name, string Resource, Func<AdmissionRequest, bool> Allows, string Message) : IAdmissionRule
{
    /// <summary>The name of the binding.</summary>
    public string Binding { get; init; } = Name;

    /// <summary>The reason of the answer: <c>Forbidden</c>, <c>Unauthorized</c>, <c>RequestEntityTooLarge</c>; <c>Invalid</c> when the policy names none.</summary>
    public string Reason { get; init; } = "Invalid";

    /// <summary>Whether the binding only warns.</summary>
    public bool Warns { get; init; }

    /// <inheritdoc/>
    public ApiStatus? Review(AdmissionRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Type.Plural != Resource || Allows(request)) return null;
        if (Warns)
        {
            request.Warnings.Add($"Validation failed for ValidatingAdmissionPolicy '{Name}' with binding '{Binding}': {Message}");
            return null;
        }

        // The words are those of a refusal whatever the reason.
        string said = $"ValidatingAdmissionPolicy '{Name}' with binding '{Binding}' denied request: {Message}";
        string name = (string?)(request.After ?? request.Before)?["metadata"]?["name"] ?? "";
        int code = Reason switch { "Unauthorized" => 401, "Forbidden" => 403, "RequestEntityTooLarge" => 413, _ => 422 };
        return new ApiStatus(code, Reason, $"{request.Type.QualifiedName} \"{name}\" is forbidden: {said}") { Name = name, Group = request.Type.Group, Kind = request.Type.Plural, Causes = [("", said, null)] };
    }
}
