using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// The kubeconfig files of a user, merged as kubectl merges them: of entries with the same name the first wins as a whole,
/// and the current context is that of the first file that sets one. Nothing is written, but for a login with OIDC whose issuer replaces the
/// refresh-token: the new one takes the place of the old, as kubectl does it.
/// </summary>
internal sealed class KubeConfig
{
    private readonly KubeConfigFile[] _files;
    private readonly KubeConfigOptions _options;

    internal KubeConfig(KubeConfigFile[] files, KubeConfigOptions options)
    {
        _files = files;
        _options = options;
        CurrentContext = files.Select(file => file.CurrentContext).FirstOrDefault(name => name is not null);
    }

    /// <summary>The files that were read, in the order of their precedence.</summary>
    public IReadOnlyList<string> Files => Array.ConvertAll(_files, file => file.Path);

    /// <summary>The context that is used when none is named; null when no file sets one.</summary>
    public string? CurrentContext { get; }

    /// <summary>Every context, in the order of the files.</summary>
    public IReadOnlyList<KubeConfigContext> Contexts => Merged(file => file.Contexts)
        .Select(entry => new KubeConfigContext(
            entry.Name,
            entry.Text("cluster") ?? "",
            entry.Text("user") ?? ""))
        .ToArray();

    /// <summary>Reads the files of KUBECONFIG, or <c>~/.kube/config</c>, or the one file that is named. Files that KUBECONFIG names and that do not exist are passed over.</summary>
    /// <param name="options">Where to look; null = as kubectl does.</param>
    /// <exception cref="KubernetesException">No file exists, or one is no kubeconfig.</exception>
    public static KubeConfig Load(KubeConfigOptions? options = null)
    {
        options ??= new KubeConfigOptions();
        string[] paths = KubeConfigPaths.Find(options);
        KubeConfigFile[] files = paths
            .Where(path => options.Path is not null || File.Exists(path))
            .Select(path => KubeConfigFile.Read(path, options.Yaml))
            .ToArray();
        return files.Length > 0 ? new KubeConfig(files, options) : throw KubeConfigPaths.NothingFound(paths, options);
    }

    /// <summary>What it takes to connect: server, TLS settings and credentials. Nothing is sent or run before the first request.</summary>
    /// <param name="context">The context; null = the current one.</param>
    /// <exception cref="KubernetesException">An entry is missing or wrong, or holds no credentials.</exception>
    public KubernetesConnection Resolve(string? context = null)
    {
        KubeConfigEntry contextEntry = FindContext(context);
        KubeConfigEntry clusterEntry = FindCluster(contextEntry);
        KubeConfigEntry? userEntry = FindUser(contextEntry, clusterEntry);
        return ConnectionResolver.Resolve(contextEntry, clusterEntry, userEntry, _options);
    }

    private KubeConfigEntry FindContext(string? name)
    {
        string? wanted = name ?? CurrentContext;
        if (wanted is null)
        {
            bool any = Merged(file => file.Contexts).Any(entry => entry.Name.Length > 0);
            throw new KubernetesException(
                KubernetesError.NoConfiguration,
                any ? $"no context is selected: {Where()} has no current-context" : $"there is no context in {Where()}",
                any ? $"Select one{Known(Merged(file => file.Contexts))}, for example with 'kubectl config use-context'." : "Add one, for example with 'kubectl config set-context'.")
            { File = _files[0].Path, Entry = any ? "current-context" : "contexts", Setting = any ? Setting.Context : Setting.KubeConfig };
        }

        return Merged(file => file.Contexts).FirstOrDefault(entry => entry.Name == wanted)
            ?? throw Missing("context", wanted, name is null ? " (its current-context)" : "", Merged(file => file.Contexts));
    }

    private KubeConfigEntry FindCluster(KubeConfigEntry context)
    {
        string wanted = context.Text("cluster") ?? throw context.Error("cluster", "names no cluster", "Add the line 'cluster: NAME' to the context.");
        return Merged(file => file.Clusters).FirstOrDefault(entry => entry.Name == wanted)
            ?? throw Missing("cluster", wanted, $" (named by context '{context.Name}')", Merged(file => file.Clusters));
    }

    // Only a plain HTTP server, which is a local "kubectl proxy", does without a user.
    private KubeConfigEntry? FindUser(KubeConfigEntry context, KubeConfigEntry cluster)
    {
        string? wanted = context.Text("user");
        if (wanted is null)
        {
            if (cluster.Text("server")?.StartsWith("http://", StringComparison.OrdinalIgnoreCase) == true) return null;
            throw context.Error("user", "names no user", "Add the line 'user: NAME' to the context; requests are not sent anonymously by default.");
        }

        return Merged(file => file.Users).FirstOrDefault(entry => entry.Name == wanted)
            ?? throw Missing("user", wanted, $" (named by context '{context.Name}')", Merged(file => file.Users));
    }

    private KubernetesException Missing(string kind, string name, string why, IEnumerable<KubeConfigEntry> known) => new(
        KubernetesError.EntryNotFound,
        $"there is no {kind} '{name}'{why} in {Where()}",
        known.Any(entry => entry.Name.Length > 0) ? $"Name one that exists{Known(known, name)}, or add it to the kubeconfig." : $"Add it to the kubeconfig, which has no {kind}s.")
    { File = _files[0].Path, Entry = $"{kind}s[{name}]" };

    // What is near to a misspelt name comes first.
    private static string Known(IEnumerable<KubeConfigEntry> entries, string wanted = "")
    {
        string[] all = [.. entries.Select(entry => entry.Name).Where(name => name.Length > 0)];
        string[] names = [.. wanted.Length == 0 ? all : NearestNames.Of(wanted, all).Union(all, StringComparer.Ordinal)];
        string shown = string.Join(", ", names.Take(8));
        return names.Length > 8 ? $" ({shown} and {names.Length - 8} more)" : $" ({shown})";
    }

    private string Where() => string.Join(", ", Files);

    private IEnumerable<KubeConfigEntry> Merged(Func<KubeConfigFile, IReadOnlyList<KubeConfigEntry>> entries) =>
        _files.SelectMany(entries).DistinctBy(entry => entry.Name);
}

/// <summary>A context of a kubeconfig: which cluster, and as which user.</summary>
/// <param name="Name">The name of the context.</param>
/// <param name="Cluster">The name of the cluster entry.</param>
/// <param name="User">The name of the user entry; empty when the context names none.</param>
internal sealed record KubeConfigContext(string Name, string Cluster, string User);

/// <summary>Where to look for a kubeconfig.</summary>
internal sealed record KubeConfigOptions
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
