using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Finds the container and the command of an exec request, runs it, and words its end as a Status.</summary>
internal sealed class ExecRunner(ExecCommands commands)
{
    /// <summary>Makes the context of a command, still without streams.</summary>
    /// <exception cref="ApiException">400: there is no command, no such container, or the pod does not run.</exception>
    public static ExecContext Prepare(HttpRequest request, ApiObject pod)
    {
        string[] command = [.. request.Query["command"].Select(part => part ?? "")];
        if (command.Length == 0 || command[0].Length == 0) throw ApiErrors.BadRequest("you must specify at least 1 command for the container");
        using JsonDocument document = JsonDocument.Parse(pod.Body);
        JsonElement root = document.RootElement;
        string[] containers = [.. CellValues.Items(root, "spec.containers").Concat(CellValues.Items(root, "spec.initContainers")).Select(each => CellValues.Text(each, "name") ?? "")];
        string asked = request.Query["container"].ToString();
        if (asked.Length == 0) asked = DefaultContainer(root) ?? containers[0];
        if (!containers.Contains(asked)) throw ApiErrors.BadRequest($"container {asked} is not valid for pod {pod.Name}");
        Assigned(pod);
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOSTNAME"] = pod.Name,
            ["POD_NAME"] = pod.Name,
            ["KUBERNETES_SERVICE_HOST"] = "198.19.255.1",
            ["KUBERNETES_SERVICE_PORT"] = "443",
            ["HOME"] = "/",
        };
        return new ExecContext
        {
            Command = command,
            Namespace = pod.Namespace!,
            Pod = pod.Name,
            Container = asked,
            Input = Stream.Null,
            Output = Stream.Null,
            Error = Stream.Null,
            Environment = environment,
        };
    }

    /// <summary>Looks whether a pod has a node, without which there is no kubelet to ask.</summary>
    /// <exception cref="ApiException">400: it has none.</exception>
    public static void Assigned(ApiObject pod)
    {
        using JsonDocument document = JsonDocument.Parse(pod.Body);
        if (string.IsNullOrEmpty(CellValues.Text(document.RootElement, "spec.nodeName"))) throw ApiErrors.BadRequest($"pod {pod.Name} does not have a host assigned");
    }

    private static string? DefaultContainer(JsonElement pod) =>
        pod.GetProperty("metadata").TryGetProperty("annotations", out JsonElement annotations) && annotations.TryGetProperty("kubectl.kubernetes.io/default-container", out JsonElement name) ? name.GetString() : null;

    /// <summary>Runs a command and words its end.</summary>
    public async Task<JsonObject> RunAsync(ExecContext context, CancellationToken cancellation)
    {
        if (commands.Find(context.Command[0]) is not { } command)
        {
            string message = $"error executing command in container: failed to exec in container: failed to start exec \"0123\": OCI runtime exec failed: exec failed: unable to start container process: exec: \"{context.Command[0]}\": executable file not found in $PATH: unknown";
            return Failure("Internal error occurred: Internal error occurred: " + message, "InternalError", "", "Internal error occurred: " + message);
        }

        int code = await command(context, cancellation);
        if (code == 0) return new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" };
        string number = code.ToString(CultureInfo.InvariantCulture);
        return Failure($"command terminated with non-zero exit code: command terminated with exit code {number}", "NonZeroExitCode", "ExitCode", number);
    }

    private static JsonObject Failure(string message, string reason, string causeReason, string causeMessage)
    {
        JsonObject cause = [];
        if (causeReason.Length > 0) cause["reason"] = causeReason;
        cause["message"] = causeMessage;
        JsonObject status = new()
        {
            ["metadata"] = new JsonObject(), ["status"] = "Failure", ["message"] = message, ["reason"] = reason, ["details"] = new JsonObject { ["causes"] = new JsonArray(cause) },
        };
        if (reason == "InternalError") status["code"] = 500;
        return status;
    }
}
