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
        string[] containers = [.. CellValues.Items(root, "spec.containers").Select(each => CellValues.Text(each, "name") ?? "")];
        string asked = request.Query["container"].ToString();
        if (asked.Length == 0) asked = containers[0];
        if (!containers.Contains(asked)) throw ApiErrors.BadRequest($"container {asked} is not valid for pod {pod.Name}");
        if (CellValues.Text(root, "status.phase") != "Running") throw ApiErrors.BadRequest($"pod {pod.Name} does not have a host assigned");
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

    /// <summary>Runs a command and words its end.</summary>
    public async Task<JsonObject> RunAsync(ExecContext context, CancellationToken cancellation)
    {
        if (commands.Find(context.Command[0]) is not { } command)
        {
            string message = $"error executing command in container: OCI runtime exec failed: exec failed: unable to start container process: exec: \"{context.Command[0]}\": executable file not found in $PATH: unknown";
            return Failure(message, "InternalError", null);
        }

        int code = await command(context, cancellation);
        if (code == 0) return new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" };
        return Failure(string.Create(CultureInfo.InvariantCulture, $"command terminated with non-zero exit code: exit status {code}"), "NonZeroExitCode", code);
    }

    private static JsonObject Failure(string message, string reason, int? code)
    {
        JsonObject status = new() { ["metadata"] = new JsonObject(), ["status"] = "Failure", ["message"] = message, ["reason"] = reason };
        if (code is { } number)
        {
            status["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = number.ToString(CultureInfo.InvariantCulture) }) };
        }
        else
        {
            status["code"] = 500;
        }

        return status;
    }
}
