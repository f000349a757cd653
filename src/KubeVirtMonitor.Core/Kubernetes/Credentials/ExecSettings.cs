namespace KubeVirtMonitor.Kubernetes;

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
                    "is Always: the plugin wants a terminal to ask questions, and gets none here",
                    "Log in with the plugin in a terminal first and set IfAvailable, or take a token of 'kubectl create token'.",
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
