using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The webhooks of virt-api and virt-operator: what they add to an object, what they refuse, and what they warn of, in their words.</summary>
internal sealed class KubeVirtWebhooks : IAdmissionRule
{
    private static readonly string[] Handlers = ["tcpSocket", "httpGet", "exec", "guestAgentPing"];

    private static readonly VmiUpdateRule Update = new();

    /// <summary>Where the spec of an instance is in each kind, and the webhook that looks at it.</summary>
    private static readonly Dictionary<string, (string[] Path, string Webhook, bool Defaults)> Holders = new(StringComparer.Ordinal)
    {
        ["VirtualMachine"] = (["spec", "template", "spec"], "virtualmachine-validator.kubevirt.io", true),
        ["VirtualMachineInstance"] = (["spec"], "virtualmachineinstances-create-validator.kubevirt.io", true),
        ["VirtualMachineInstanceReplicaSet"] = (["spec", "template", "spec"], "virtualmachinereplicaset-validator.kubevirt.io", false),
        ["VirtualMachinePool"] = (["spec", "virtualMachineTemplate", "spec", "template", "spec"], "virtualmachinepool-validator.kubevirt.io", false),
    };

    public ApiStatus? Review(AdmissionRequest request)
    {
        if (request.After is not { } item || request.Subresource is not null) return null;
        if (request.Type.Kind == "KubeVirt") return Patches(request);
        if (!Holders.TryGetValue(request.Type.Kind, out var holder)) return null;
        if (request.Type.Kind == "VirtualMachineInstance" && request.Verb == "update") return Update.Review(request);
        if (request.Verb == "update" && JsonNode.DeepEquals(request.Before?["spec"], item["spec"])) return null;

        // The webhooks that change an object come first, and look at its schema before they do; those of a definition of a resource come after them.
        IReadOnlyList<SchemaViolation> violations = KubeVirtSchema.Violations(request.Type, item);
        if (violations.Count > 0 && holder.Defaults)
            return ApiErrors.Denied($"{request.Type.Plural}-mutator.kubevirt.io", [.. violations.Select(static violation => ("", violation.Message, (string?)null))]);
        JsonObject? spec = holder.Path.Aggregate((JsonNode?)item, static (at, name) => at?[name]) as JsonObject;
        if (spec is not null && request.Verb == "create") Complete(request.Type.Kind, item, spec);
        if (Broken(request, violations.Where(static violation => violation.Kind != "enum")) is { } broken) return broken;
        if (item["spec"] is JsonObject { } machine && machine["running"] is not null && request.Type.Kind == "VirtualMachine")
        {
            const string Both = "Running and RunStrategy are mutually exclusive. Note that Running is deprecated, please use RunStrategy instead";
            if (machine["runStrategy"] is not null) return ApiErrors.Denied(holder.Webhook, ("FieldValueInvalid", Both, "spec.running"));
            request.Warnings.Add("spec.running is deprecated, please use spec.runStrategy instead.");
        }

        if (spec is null) return null;
        (string, string, string?)[] causes = [.. Probes(spec, string.Join('.', holder.Path), holder.Defaults)];
        return causes.Length == 0 ? null : ApiErrors.Denied(holder.Webhook, causes);
    }

    /// <summary>What the launcher pod of an instance would be refused for, by the API server; KubeVirt does not look at it.</summary>
    public static IEnumerable<(string Field, string Message)> PodRefusals(JsonObject spec)
    {
        foreach (string name in new[] { "readinessProbe", "livenessProbe" })
        {
            if (spec[name] is not JsonObject probe) continue;
            string path = $"spec.containers[0].{name}";
            if (probe["exec"] is JsonObject exec && exec["command"] is not JsonArray { Count: > 0 }) yield return ($"{path}.exec.command", "Required value");
            foreach (string handler in new[] { "tcpSocket", "httpGet" })
            {
                if (probe[handler]?["port"] is not JsonValue port) continue;
                if (port.TryGetValue(out int number) && number is < 1 or > ushort.MaxValue) yield return ($"{path}.{handler}.port", $"Invalid value: {number}: must be between 1 and 65535, inclusive");
                else if (port.TryGetValue(out string? text) && !text.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
                    yield return ($"{path}.{handler}.port", $"Invalid value: \"{text}\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
            }

            foreach (JsonNode? header in probe["httpGet"]?["httpHeaders"] as JsonArray ?? [])
            {
                if ((string?)header?["name"] is { } field && field.Any(static letter => !char.IsAsciiLetterOrDigit(letter) && letter != '-'))
                    yield return ($"{path}.httpGet.httpHeaders", $"Invalid value: \"{field}\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')");
            }

            // The pod waits ten seconds longer than the instance asks for, and below that a negative delay is left.
            const int Lead = 10;
            if (probe["initialDelaySeconds"] is JsonValue delay && delay.TryGetValue(out int seconds) && seconds + Lead < 0) yield return ($"{path}.initialDelaySeconds", $"Invalid value: {seconds + Lead}: must be greater than or equal to 0");
            if (name == "livenessProbe" && probe["successThreshold"] is JsonValue success && success.TryGetValue(out int times) && times > 1) yield return ($"{path}.successThreshold", $"Invalid value: {times}: must be 1");
        }
    }

    private static ApiStatus? Broken(AdmissionRequest request, IEnumerable<SchemaViolation> violations)
    {
        (string, string)[] causes = [.. violations.Select(static violation => (violation.Path, violation.Kind == "required" ? "Required value" : $"Invalid value: {violation.Message[(violation.Message.LastIndexOf(' ') + 1)..]}: {violation.Message}"))];
        return causes.Length == 0 ? null : ApiErrors.Invalid(request.Type, (string?)request.After!["metadata"]?["name"] ?? "", causes).Status;
    }

    private static ApiStatus? Patches(AdmissionRequest request)
    {
        if (Broken(request, KubeVirtSchema.Violations(request.Type, request.After!)) is { } broken) return broken;
        if (request.Verb != "update") return null;
        List<(string, string, string?)> causes = [];
        foreach (JsonNode? patch in request.After!["spec"]?["customizeComponents"]?["patches"] as JsonArray ?? [])
        {
            string text = (string?)patch?["patch"] ?? "";
            try
            {
                _ = JsonDocument.Parse(text);
            }
            catch (JsonException)
            {
                causes.Add(("FieldValueNotSupported", $"patch \"{text}\" is not valid JSON", null));
            }
        }

        return causes.Count == 0 ? null : ApiErrors.Denied("kubevirt-update-validator.kubevirt.io", causes);
    }

    /// <summary>What is filled in: an instance has the network of the pod unless it says otherwise.</summary>
    private static void Complete(string kind, JsonObject item, JsonObject spec)
    {
        if (kind is not ("VirtualMachine" or "VirtualMachineInstance")) return;
        spec["architecture"] ??= "amd64";
        if (spec["domain"] is not JsonObject domain) return;
        domain["firmware"] ??= new JsonObject { ["uuid"] = Guid.NewGuid().ToString() };
        domain["machine"] ??= new JsonObject { ["type"] = "q35" };
        if (kind != "VirtualMachineInstance")
        {
            domain["resources"] ??= new JsonObject();
            return;
        }

        item["status"] ??= new JsonObject { ["guestOSInfo"] = new JsonObject(), ["runtimeUser"] = 107 };
        item["metadata"]!["finalizers"] ??= new JsonArray("kubevirt.io/foregroundDeleteVirtualMachine");
        JsonObject devices = domain["devices"] as JsonObject ?? [];
        if (!HasDefaultNetwork(spec)) return;
        domain["devices"] ??= devices;
        devices["interfaces"] = new JsonArray(new JsonObject { ["bridge"] = new JsonObject(), ["name"] = "default" });
        spec["networks"] = new JsonArray(new JsonObject { ["name"] = "default", ["pod"] = new JsonObject() });
    }

    private static bool HasDefaultNetwork(JsonObject spec) =>
        spec["networks"] is not JsonArray { Count: > 0 }
        && spec["domain"]?["devices"]?["interfaces"] is not JsonArray { Count: > 0 }
        && (bool?)spec["domain"]?["devices"]?["autoattachPodInterface"] != false;

    private static IEnumerable<(string Reason, string Message, string? Field)> Probes(JsonObject spec, string path, bool defaults)
    {
        bool attached = (spec["networks"] as JsonArray ?? []).Any(static network => network?["pod"] is not null) || (defaults && HasDefaultNetwork(spec));
        foreach (string name in new[] { "readinessProbe", "livenessProbe" })
        {
            if (spec[name] is not JsonObject probe) continue;
            string field = $"{path}.{name}";
            int handlers = Handlers.Count(handler => probe[handler] is not null);
            if (handlers > 1) yield return ("FieldValueInvalid", $"{field} must have exactly one probe type set", field);
            if (handlers == 0) yield return ("FieldValueRequired", $"either {field}.tcpSocket, {field}.exec or {field}.httpGet must be set if a {field} is specified", field);
            if (handlers != 1 || attached) continue;
            foreach (string handler in new[] { "httpGet", "tcpSocket" })
            {
                if (probe[handler] is not null) yield return ("FieldValueInvalid", $"{field}.{handler} is only allowed if the Pod Network is attached", $"{field}.{handler}");
            }
        }

        if ((string?)spec["startStrategy"] == "Paused" && spec["livenessProbe"] is not null)
            yield return ("FieldValueInvalid", $"either {path}.startStrategy or {path}.livenessProbe should be provided.Pausing VMI with LivenessProbe is not supported", $"{path}.startStrategy");
    }
}
