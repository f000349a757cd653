using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Tests.Yaml;

/// <summary>Lets the real kubectl read YAML, without any cluster.</summary>
internal static class Kubectl
{
    public static string? Version { get; } = FindVersion();

    /// <summary>What kubectl makes of a YAML object; null when it refuses.</summary>
    public static JsonObject? Read(string yaml)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, yaml);
            (int code, string output) = Run("annotate", "--local", "-f", path, "read=yes", "-o", "json");
            return code == 0 ? JsonNode.Parse(output)!.AsObject() : null;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string? FindVersion()
    {
        try
        {
            (int code, string output) = Run("version", "--client");
            return code == 0 ? output : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static (int Code, string Output) Run(params string[] arguments)
    {
        ProcessStartInfo start = new("kubectl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = "/dev/null";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        error.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
