using KubeVirtMonitor.Json;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor;

/// <summary>An open connection to a cluster with KubeVirt. Thread-safe: several runspaces may use one. Shows no secrets.</summary>
public sealed class KubeVirtSession : IDisposable
{
    private static int _lastId;

    private readonly IKubernetesClient _client;
    private readonly Dictionary<Type, IDisposable> _attached = [];
    private bool _isClosed;
    private int _isWarned;
    private string? _warning;
    private string? _label;

    private KubeVirtSession(IKubernetesClient client, KubeVirtSessionOptions options, InstallationProjection installation, string? kubernetesVersion)
    {
        _client = client;
        Time = options.Time ?? TimeProvider.System;
        Id = Interlocked.Increment(ref _lastId);
        Context = client.Connection.ContextName;
        Server = client.Connection.Server;
        User = client.Connection.UserName;
        Authentication = client.Connection.CredentialKind;
        InstallNamespace = installation.Namespace;
        Installation = installation;
        KubeVirtVersion = installation.Version;
        KubernetesVersion = kubernetesVersion;
        Route = options.Route;
        OpenedAt = Time.GetUtcNow();
    }

    /// <summary>A number that no other session of the process has.</summary>
    public int Id { get; }

    /// <summary>The context of the kubeconfig; null when the session comes from none.</summary>
    public string? Context { get; }

    /// <summary>The address of the API server.</summary>
    public Uri Server { get; }

    /// <summary>The user entry of the kubeconfig; null when the session comes from none.</summary>
    public string? User { get; }

    /// <summary>How this side shows itself, such as <c>token</c> or <c>client certificate</c>.</summary>
    public string Authentication { get; }

    /// <summary>The namespace KubeVirt is installed in.</summary>
    public string InstallNamespace { get; }

    /// <summary>The KubeVirt resource as it was found; without a name where only its namespace is known.</summary>
    internal InstallationProjection Installation { get; }

    /// <summary>The KubeVirt version of the cluster when the session was opened, such as <c>v1.9.0</c>; null when the KubeVirt resource does not say.</summary>
    public string? KubeVirtVersion { get; }

    /// <summary>The Kubernetes version of the API server, such as <c>v1.32.1</c>; null when it may not be asked.</summary>
    public string? KubernetesVersion { get; }

    /// <summary>The way to the components that was asked for.</summary>
    public ComponentRoute Route { get; }

    /// <summary>The way that is taken: null until the first component is asked, and then never Auto.</summary>
    public ComponentRoute? ActiveRoute { get; private set; }

    /// <summary>Why that way is taken; null until the first component is asked.</summary>
    public string? RouteReason { get; private set; }

    /// <summary>The server of the cluster with the API of Prometheus that is asked for history: null until it is first needed.</summary>
    public Uri? PrometheusUri { get; private set; }

    /// <summary>Why it is that one, and no other; null until it is first needed.</summary>
    public string? PrometheusReason { get; private set; }

    /// <summary>When the session was opened.</summary>
    public DateTimeOffset OpenedAt { get; }

    /// <summary>Whether it is the session that is meant where none is named. Each runspace has its own; the answer is for the one that asks.</summary>
    public bool IsDefault => IsOpen && DefaultRule?.Invoke(this) == true;

    /// <summary>False once it has been closed.</summary>
    public bool IsOpen => !Volatile.Read(ref _isClosed);

    /// <summary>The client of the API server.</summary>
    /// <exception cref="KubernetesException">The session has been closed.</exception>
    internal IKubernetesClient Client => IsOpen
        ? _client
        : throw new KubernetesException(KubernetesError.ArgumentInvalid, $"the session {Id} ({this}) has been closed") { Setting = Setting.Session };

    internal TimeProvider Time { get; }

    /// <summary>Knows which session is the default of the caller; null = there is no such thing.</summary>
    internal static Func<KubeVirtSession, bool>? DefaultRule { get; set; }

    /// <summary>Context and server, for whoever has to be sure which cluster is meant.</summary>
    internal string Place => Context is null ? Address : $"{Context} ({Address})";

    private string Address => Server.ToString().TrimEnd('/');

    /// <summary>Tells the session from another of the same context at another server, which every kubeconfig with a context <c>default</c> makes: the address goes with the name.</summary>
    internal void TellApart() => _label ??= $"{Context} ({Server.Authority})";

    /// <summary>The names of what was listed so far; asks nobody.</summary>
    internal SeenNames Seen { get; } = new();

    /// <summary>Opens a session: looks where KubeVirt is installed, and in which version.</summary>
    /// <param name="client">The client, which belongs to the session from here on; it is disposed of when the session cannot be opened.</param>
    /// <param name="options">The options; null = the defaults.</param>
    /// <exception cref="KubernetesException">The server refuses, there is no KubeVirt, or more than one.</exception>
    internal static async Task<KubeVirtSession> OpenAsync(IKubernetesClient client, KubeVirtSessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new KubeVirtSessionOptions();
        try
        {
            // The first request may run a credential plugin; a second one beside it would only wait for that.
            string? version = await VersionOfAsync(client, cancellationToken).ConfigureAwait(false);
            InstallationProjection installation = await InstallationFinder.FindAsync(client, options.InstallNamespace, cancellationToken).ConfigureAwait(false);
            return new KubeVirtSession(client, options, installation, version);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Finds pods of KubeVirt itself. Nothing is asked that is not wanted.</summary>
    /// <param name="kinds">The components to find; null = all.</param>
    /// <param name="withLeaders">Whether to find out who leads, which reads leases.</param>
    /// <exception cref="KubernetesException">The pods may not be listed.</exception>
    internal Task<ComponentSurvey> FindComponentsAsync(IReadOnlyCollection<ComponentKind>? kinds = null, bool withLeaders = true, CancellationToken cancellationToken = default) =>
        ComponentFinder.FindAsync(this, kinds ?? Enum.GetValues<ComponentKind>(), withLeaders, cancellationToken);

    /// <summary>What the API server has warned of since the last call: one line each, each once. Asks nobody; works on a closed session too.</summary>
    internal IReadOnlyList<string> TakeWarnings() => _client.TakeWarnings();

    /// <summary>Closes the session and its connections.</summary>
    public void Dispose()
    {
        IDisposable[] attached;
        lock (_attached)
        {
            if (_isClosed) return;
            Volatile.Write(ref _isClosed, true);
            attached = [.. _attached.Values];
            _attached.Clear();
        }

        foreach (IDisposable one in attached) one.Dispose();
        _client.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => _label ?? Context ?? Server.Authority;

    /// <summary>Something of another room that lives as long as the session: made once, disposed of with it.</summary>
    internal T Attach<T>(Func<KubeVirtSession, T> create)
        where T : class, IDisposable
    {
        lock (_attached)
        {
            _ = Client;
            if (_attached.TryGetValue(typeof(T), out IDisposable? known)) return (T)known;
            T made = create(this);
            _attached.Add(typeof(T), made);
            return made;
        }
    }

    /// <summary>What the user has to know of the way that Auto took, as a sentence; told once in the life of the session, and null after that, and where there is nothing.</summary>
    internal string? TakeWarning() => Interlocked.Exchange(ref _warning, null);

    internal void WarnOnce(string warning)
    {
        if (Interlocked.Exchange(ref _isWarned, 1) == 1) return;
        Volatile.Write(ref _warning, warning);
    }

    internal void NoteRoute(ComponentRoute? route, string? reason)
    {
        ActiveRoute = route;
        RouteReason = reason;
    }

    internal void NotePrometheus(Uri? address, string? reason)
    {
        PrometheusUri = address;
        PrometheusReason = reason;
    }

    private static async Task<string?> VersionOfAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync("/version", static json => JsonFields.TextAt(json, "gitVersion"), cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (exception.Error is KubernetesError.Forbidden or KubernetesError.NotFound)
        {
            return null;
        }
    }
}

/// <summary>The options of a session.</summary>
internal sealed record KubeVirtSessionOptions
{
    /// <summary>The namespace KubeVirt is installed in; null = that of the one KubeVirt resource of the cluster.</summary>
    public string? InstallNamespace { get; init; }

    /// <summary>The way to the components.</summary>
    public ComponentRoute Route { get; init; } = ComponentRoute.Auto;

    /// <summary>The clock; null = that of the system.</summary>
    public TimeProvider? Time { get; init; }
}
