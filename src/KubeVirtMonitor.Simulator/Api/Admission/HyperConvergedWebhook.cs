using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// The webhook of the HyperConverged operator: a resource of which no KubeVirt can be made is refused, and so is one whose KubeVirt the API server would refuse, which it is asked by
/// a dry run. As pkg/webhooks/validator/v1beta1_validator.go of kubevirt/hyperconverged-cluster-operator at release-1.19.
/// </summary>
internal sealed class HyperConvergedWebhook(ResourceStore store) : IAdmissionRule
{
    private const string Denied = "admission webhook \"validate-hco-v1beta1.kubevirt.io\" denied the request: ";

    private static readonly KubeVirtWebhooks KubeVirt = new();

    public ApiStatus? Review(AdmissionRequest request)
    {
        if (request.Type.Kind != "HyperConverged" || request.Subresource is not null || request.After is not { } after) return null;
        string name = (string?)after["metadata"]!["name"] ?? "";
        if (!name.Contains(HyperConvergedOperator.Name, StringComparison.Ordinal))
            return ApiErrors.Invalid(request.Type, name, ("metadata.name", $"Invalid value: \"{name}\": metadata.name in body should match '{HyperConvergedOperator.Name}'")).Status;
        if (request.Verb == "update" && JsonNode.DeepEquals(request.Before?["spec"], after["spec"]) && JsonNode.DeepEquals(request.Before?["metadata"]?["annotations"], after["metadata"]?["annotations"])) return null;
        try
        {
            JsonObject spec = HyperConvergedOperator.SpecOf(after);
            ResourceCollection collection = store[ResourceTypes.KubeVirtGroup, "kubevirts"];
            if (request.Verb != "update" || collection.Find((string?)after["metadata"]!["namespace"], HyperConvergedOperator.KubeVirtName)?.ToJson() is not { } present) return null;
            JsonObject changed = present.DeepClone().AsObject();
            changed["spec"] = spec;
            return KubeVirt.Review(new AdmissionRequest("update", collection.Type, null, changed, present, request.User, false)) is { } refused ? refused with { Message = Denied + refused.Message } : null;
        }
        catch (FormatException failure)
        {
            return new ApiStatus(403, "Forbidden", Denied + failure.Message);
        }
    }
}
