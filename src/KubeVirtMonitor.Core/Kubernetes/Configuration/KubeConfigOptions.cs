namespace KubeVirtMonitor;

/// <summary>Where to look for a kubeconfig.</summary>
public sealed record KubeConfigOptions
{
    /// <summary>One file, and no other; it has to exist. Null = the files of KUBECONFIG, else <c>~/.kube/config</c>.</summary>
    public string? Path { get; init; }

    /// <summary>Reads YAML; without it only JSON kubeconfigs are read.</summary>
    public IYamlReader? Yaml { get; init; }

    /// <summary>Looks up an environment variable; null = those of the process.</summary>
    public Func<string, string?>? Environment { get; init; }

    /// <summary>The folder that relative paths of <see cref="Path"/> and KUBECONFIG count from, and that credential plugins run in; null = that of the process.</summary>
    public string? WorkingDirectory { get; init; }

    internal string? Variable(string name) =>
        (Environment ?? System.Environment.GetEnvironmentVariable)(name) is { Length: > 0 } value ? value : null;
}
