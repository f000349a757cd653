using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// A credential plugin (client.authentication.k8s.io). Run when first needed, again once what it gave has expired or
/// was refused, and never twice at once. It gets no terminal and no standard input.
/// </summary>
internal sealed class ExecCredential(ExecSettings settings, TimeProvider? time = null) : IKubernetesCredential, IDisposable
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly SemaphoreSlim _running = new(1, 1);
    private PluginAnswer? _answer;

    /// <summary>How long the plugin may run. Some open a browser and wait for the login there.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    public string Kind => $"exec plugin {Path.GetFileNameWithoutExtension(settings.Command)}";

    public bool IsAtHand => Volatile.Read(ref _answer) is { } answer && !IsExpired(answer);

    public async ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _answer) is { } answer && !IsExpired(answer)) return answer.Value;
        await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_answer is null || IsExpired(_answer)) Volatile.Write(ref _answer, await AskAsync(cancellationToken).ConfigureAwait(false));
            return _answer.Value;
        }
        finally
        {
            _running.Release();
        }
    }

    public async ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken)
    {
        await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_answer is null || !ReferenceEquals(_answer.Value, refused)) return true;
            PluginAnswer answer = await AskAsync(cancellationToken).ConfigureAwait(false);
            bool isNew = !answer.IsSameAs(_answer);
            if (isNew) Volatile.Write(ref _answer, answer);
            return isNew;
        }
        finally
        {
            _running.Release();
        }
    }

    public void Dispose() => _running.Dispose();

    private bool IsExpired(PluginAnswer answer) => answer.Expires is { } expires && _time.GetUtcNow() >= expires;

    private async Task<PluginAnswer> AskAsync(CancellationToken cancellationToken)
    {
        string path = PluginFinder.Find(settings.Command, Variable) ?? throw PluginErrors.NotFound(settings);
        try
        {
            PluginRun run = await PluginProcess.RunAsync(path, settings.Arguments, Variables(), settings.WorkingDirectory, Timeout, cancellationToken).ConfigureAwait(false);
            if (run.ExitCode != 0) throw PluginErrors.Failed(settings, run);
            return PluginAnswer.Read(settings, run, _time.GetUtcNow());
        }
        catch (ArgumentException exception)
        {
            throw PluginErrors.NotStarted(settings, path, exception);
        }
        catch (ExternalException exception)
        {
            throw PluginErrors.NotStarted(settings, path, exception);
        }
        catch (TimeoutException)
        {
            throw PluginErrors.Hung(settings, Timeout);
        }
    }

    private IEnumerable<KeyValuePair<string, string>> Variables()
    {
        JsonObject spec = new() { ["interactive"] = false };
        if (settings.Cluster is { } cluster) spec["cluster"] = cluster.ToJson();
        JsonObject info = new()
        {
            ["kind"] = "ExecCredential",
            ["apiVersion"] = settings.ApiVersion,
            ["spec"] = spec,
        };
        return settings.Variables.Append(new KeyValuePair<string, string>("KUBERNETES_EXEC_INFO", info.ToJsonString()));
    }

    private string? Variable(string name) => (settings.Environment ?? Environment.GetEnvironmentVariable)(name);
}

/// <summary>How a kubeconfig wants a credential plugin to be run.</summary>
internal sealed class ExecSettings
{
    private const string Group = "client.authentication.k8s.io/";

    public required string Command { get; init; }

    public required string ApiVersion { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Variables { get; init; } = [];

    public string InstallHint { get; init; } = "";

    /// <summary>Null when the plugin is not to learn about the cluster.</summary>
    public PluginCluster? Cluster { get; init; }

    /// <summary>The folder it runs in, that of the user's shell; null = that of the process.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Where the kubeconfig describes it, for messages.</summary>
    public required KubeConfigEntry Entry { get; init; }

    /// <summary>The whole environment the plugin inherits, where it is not that of the process.</summary>
    public Func<string, string?>? Environment { get; init; }

    public static ExecCredential Read(KubeConfigEntry exec, KubeConfigEntry user, PluginCluster cluster, KubeConfigOptions options)
    {
        string command = exec.Text("command") ?? throw exec.Error("command", "is missing", "Write the name or path of the credential plugin there.");
        string version = exec.Text("apiVersion") ?? throw exec.Error("apiVersion", "is missing", "Write client.authentication.k8s.io/v1 there.");
        if (version is not (Group + "v1" or Group + "v1beta1"))
        {
            throw exec.Error(
                "apiVersion",
                $"asks for '{TextShown.Cut(version, 80)}', which is not supported",
                "Update the plugin and its kubeconfig entry to client.authentication.k8s.io/v1.",
                KubernetesError.CredentialUnsupported);
        }

        CheckInteraction(exec, isV1: version == Group + "v1");
        // Without a separator it is looked for in PATH, else it is a file beside the kubeconfig.
        bool isPath = command.Contains('/', StringComparison.Ordinal) || (OperatingSystem.IsWindows() && command.Contains('\\', StringComparison.Ordinal));
        return new ExecCredential(new ExecSettings
        {
            Command = isPath ? exec.FilePath("command")! : command,
            ApiVersion = version,
            Arguments = exec.Texts("args"),
            Variables = exec.Maps("env").Select(ReadVariable).ToArray(),
            InstallHint = TextShown.Printable(exec.Text("installHint") ?? ""),
            Cluster = exec.Flag("provideClusterInfo") ? cluster : null,
            Entry = new KubeConfigEntry(user.File, exec.Place, user.Name, exec.Body),
            Environment = options.Environment,
            WorkingDirectory = options.WorkingDirectory,
        });
    }

    private static void CheckInteraction(KubeConfigEntry exec, bool isV1)
    {
        switch (exec.Text("interactiveMode"))
        {
            case "Never" or "IfAvailable":
            case null when !isV1:
                return;
            case null:
                throw exec.Error("interactiveMode", "is missing", "Write Never, or IfAvailable, there.");
            case "Always":
                throw exec.Error(
                    "interactiveMode",
                    "is Always: the plugin needs a terminal, which is not available here",
                    "Log in with the plugin in a terminal first and set IfAvailable, or use a token from 'kubectl create token'.",
                    KubernetesError.CredentialUnsupported);
            default:
                throw exec.Error("interactiveMode", "has to be Never, IfAvailable or Always", "Write Never, or IfAvailable, there.");
        }
    }

    private static KeyValuePair<string, string> ReadVariable(KubeConfigEntry variable)
    {
        string name = variable.Text("name") ?? throw variable.Error("name", "is missing", "Name the environment variable.");
        return new KeyValuePair<string, string>(name, variable.Text("value") ?? "");
    }
}

/// <summary>What a credential plugin may learn about the cluster it logs in to, when the kubeconfig allows it.</summary>
internal sealed class PluginCluster(Uri server, KubeConfigEntry cluster, ServerTrust trust)
{
    private const string ExtensionName = "client.authentication.k8s.io/exec";

    /// <summary>The field <c>spec.cluster</c> of an ExecCredential.</summary>
    public JsonObject ToJson()
    {
        JsonObject json = new() { ["server"] = server.ToString().TrimEnd('/') };
        if (trust.ServerName is { } name) json["tls-server-name"] = name;
        if (trust.SkipCertificateCheck) json["insecure-skip-tls-verify"] = true;
        if (trust.AuthorityPem is { } pem) json["certificate-authority-data"] = Convert.ToBase64String(pem);
        if (cluster.Text("proxy-url") is { } proxy) json["proxy-url"] = proxy;
        if (cluster.Flag("disable-compression")) json["disable-compression"] = true;
        KubeConfigEntry? extension = cluster.Maps("extensions").FirstOrDefault(entry => entry.Text("name") == ExtensionName);
        json["config"] = extension?.Body["extension"]?.DeepClone();
        return json;
    }
}

/// <summary>What can go wrong with a credential plugin, in words. What it wrote to standard output is never shown, what it wrote to standard error only redacted.</summary>
internal static class PluginErrors
{
    private const int MostShown = 1500;

    public static KubernetesException NotFound(ExecSettings settings) => Error(
        settings,
        $"the credential plugin '{settings.Command}' is not installed: {(Path.IsPathFullyQualified(settings.Command) ? "there is no such file" : "it is not in PATH")}",
        settings.InstallHint.Length > 0 ? settings.InstallHint : "Install it, or log in another way.");

    public static KubernetesException NotStarted(ExecSettings settings, string path, Exception exception) => Error(
        settings,
        $"the credential plugin {path} cannot be started ({exception.Message})",
        "Check that it is an executable for this system and that this user may run it.",
        exception);

    public static KubernetesException Hung(ExecSettings settings, TimeSpan timeout) => Error(
        settings,
        $"the credential plugin '{settings.Command}' did not respond within {timeout.TotalSeconds:0} seconds and was terminated",
        "Run it by hand: it may be waiting for a login in a browser or a terminal, which is not possible here.");

    public static KubernetesException Failed(ExecSettings settings, PluginRun run) => Error(
        settings,
        $"the credential plugin '{settings.Command}' failed with exit code {run.ExitCode}{Said(settings, run)}",
        "Log in again with the tool that it belongs to, or run it by hand to see more.");

    public static KubernetesException Rubbish(ExecSettings settings, PluginRun run, string what) => Error(
        settings,
        $"the credential plugin '{settings.Command}' returned no credential: {what}{Said(settings, run)}",
        "Run it by hand; it must write one ExecCredential as JSON to standard output, and everything else to standard error.");

    private static string Said(ExecSettings settings, PluginRun run)
    {
        ForeignText foreign = new([.. Secrets.Among(settings.Variables), .. Secrets.Among(settings.Arguments)]);
        string text = foreign.Scrub(run.ErrorText).Trim();
        if (text.Length == 0) return "";
        return $"; it said: {(text.Length <= MostShown ? text : "..." + text[^MostShown..])}";
    }

    private static KubernetesException Error(ExecSettings settings, string what, string advice, Exception? inner = null) =>
        new(KubernetesError.PluginFailed, $"{what} ({settings.Entry.Place} in {settings.Entry.File})", advice, inner)
        {
            File = settings.Entry.File,
            Entry = settings.Entry.Place,
        };
}
