using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A user cannot change the spec of a running instance, as virt-api has it.</summary>
public sealed class VmiUpdateRule : IAdmissionRule
{
    /// <inheritdoc/>
    public ApiStatus? Review(AdmissionRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Verb != "update" || request.Type.Plural != "virtualmachineinstances" || JsonNode.DeepEquals(request.After?["spec"], request.Before?["spec"])) return null;
        const string Message = "update of VMI object is restricted";
        return new ApiStatus(422, "Invalid", $"admission webhook \"virtualmachineinstances-update-validator.kubevirt.io\" denied the request: {Message}")
        {
            Causes = [("FieldValueNotSupported", Message, null)],
        };
    }
}
