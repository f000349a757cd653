using System.Net;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Net;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>
/// Looks for a server with the API of Prometheus in the cluster of a session: OpenShift's by its route, with the user's own token; any other by its service, through
/// the API server. Those are tried in order that have one cluster only before those that may have many, and the first that knows KubeVirt is taken.
/// </summary>
internal sealed class ServerSearch(KubeVirtSession session, ScrapeOptions options, ObjectProxy proxy, Action<IScrapeTransport> lost)
{
    private const string Monitoring = "openshift-monitoring";
    private const string Managed = "openshift-config-managed";
    private const string NoSeries = "no series of KubeVirt";

    // A server that does not answer a question about ten series in this time is of no use for larger ones.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly ResourceType Routes = new("route.openshift.io", "v1", "routes");

    // Where the usual installations put their servers, for users who may not list services everywhere.
    private static readonly string[] UsualNamespaces = ["monitoring", "cattle-monitoring-system", "prometheus", "victoria-metrics", "observability", "thanos"];

    private static readonly (string Namespace, string Service)[] UsualServices =
    [
        ("monitoring", "prometheus-k8s:9090"), ("monitoring", "kube-prometheus-stack-prometheus:9090"), ("monitoring", "prometheus-operated:9090"),
        ("cattle-monitoring-system", "rancher-monitoring-prometheus:9090"),
    ];

    private readonly List<(string Name, string Why)> _notes = [];
    private KubernetesException? _refusal;
    private ScrapeException? _failure;

    /// <summary>Looks.</summary>
    /// <exception cref="KubernetesException">The API server cannot be reached, or no server could be asked; the error has the reason for each.</exception>
    public async Task<FoundServer> RunAsync(CancellationToken cancellationToken)
    {
        FoundServer? empty = null;
        if (await FindRouteAsync(cancellationToken).ConfigureAwait(false) is { } route)
        {
            if (route.HasKubeVirt) return route.Server with { Reason = $"{route.Server.Reason}, which has series of KubeVirt" };
            empty = route.Server;
            _notes.Add((route.Server.Name, NoSeries));
        }

        IReadOnlyList<ServiceCandidate> candidates = await ListAsync(cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < candidates.Count; i++)
        {
            (FoundServer? found, bool hasKubeVirt) = await TryAsync(candidates[i], cancellationToken).ConfigureAwait(false);
            if (found is null) continue;
            if (hasKubeVirt) return found with { Reason = $"{found.Reason}, which has series of KubeVirt{Notes()}{NotAsked(candidates.Skip(i + 1))}" };
            _notes.Add((found.Name, NoSeries));
            empty ??= found;
        }

        return empty is null ? throw Nothing(candidates.Count) : empty with { Reason = $"{empty.Reason}; no server was found that has series of KubeVirt{Notes()}" };
    }

    // OpenShift's own answers to nobody without a token, and the API server passes on none.
    private async Task<(FoundServer Server, bool HasKubeVirt)?> FindRouteAsync(CancellationToken cancellationToken)
    {
        if (await HostAsync(cancellationToken).ConfigureAwait(false) is not { } address) return null;
        const string Name = "the route thanos-querier of OpenShift";
        bool hasOwnAccess = options.Token is not null || options.Credential is not null;
        if (!hasOwnAccess && await session.Client.GetTokenAsync(cancellationToken).ConfigureAwait(false) is null)
        {
            _notes.Add((Name, $"it asks for a token, and the session has none of its own ({session.Authentication})"));
            return null;
        }

        bool isTrustGiven = options.Tls.SkipCertificateCheck || options.Tls.CertificateAuthority is not null;
        X509Certificate2Collection? ingress = isTrustGiven ? null : await IngressAuthorityAsync(cancellationToken).ConfigureAwait(false);
        foreach (X509Certificate2Collection? authority in ingress is null ? new[] { ingress } : [ingress, null])
        {
            FoundServer found = new(address, Name, $"{Name}{(hasOwnAccess ? "" : ", with the token of the session")}", null, authority);
            try
            {
                return (found, await AskAsync(found, cancellationToken).ConfigureAwait(false));
            }
            catch (ScrapeException exception) when (exception.Cause == ScrapeError.TlsUntrusted && authority is not null)
            {
                // An administrator may have given the routes a certificate that the system trusts.
            }
            catch (ScrapeException exception)
            {
                Note(Name, exception.Cause switch
                {
                    ScrapeError.Forbidden => exception.With(advice: "Ask for the ClusterRole cluster-monitoring-view, bound to that user."),
                    ScrapeError.Unauthorized when !hasOwnAccess => exception.With(advice: "Log in again: the token of the session is not accepted there."),
                    _ => exception,
                });
                return null;
            }
        }

        return null;
    }

    private async Task<Uri?> HostAsync(CancellationToken cancellationToken)
    {
        string? host = await ReadAsync(Routes.PathOf(Monitoring, "thanos-querier"), ["spec", "host"], cancellationToken).ConfigureAwait(false);
        if (host is { Length: > 0 } && Uri.CheckHostName(host) == UriHostNameType.Dns) return new Uri($"https://{host}");
        // What the console knows; some users may read this and no routes.
        string? url = await ReadAsync(ResourceType.ConfigMaps.PathOf(Managed, "monitoring-shared-config"), ["data", "thanosPublicURL"], cancellationToken).ConfigureAwait(false);
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? known) && known.Scheme == Uri.UriSchemeHttps ? known : null;
    }

    // The second is in every namespace, and has the authority of the routes beside that of the API server.
    private async Task<X509Certificate2Collection?> IngressAuthorityAsync(CancellationToken cancellationToken)
    {
        string? pem = await ReadAsync(ResourceType.ConfigMaps.PathOf(Managed, "default-ingress-cert"), ["data", "ca-bundle.crt"], cancellationToken).ConfigureAwait(false)
            ?? await ReadAsync(ResourceType.ConfigMaps.PathOf(session.InstallNamespace, "kube-root-ca.crt"), ["data", "ca.crt"], cancellationToken).ConfigureAwait(false);
        try
        {
            return pem is null || CertificateReader.FromPem(pem) is not { Count: > 0 } roots ? null : roots;
        }
        catch (CertificateException)
        {
            return null;
        }
    }

    // Who may not read it does without it, as one does who finds none.
    private async Task<string?> ReadAsync(string path, string[] field, CancellationToken cancellationToken)
    {
        try
        {
            return await session.Client.GetAsync(path, json => JsonFields.TextAt(json, field), cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (exception.Error is KubernetesError.Forbidden or KubernetesError.NotFound && !exception.IsImpersonation)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<ServiceCandidate>> ListAsync(CancellationToken cancellationToken)
    {
        List<ServiceCandidate> found = [];
        if (!await ListAsync(null, found, cancellationToken).ConfigureAwait(false))
        {
            bool isAnyListed = false;
            foreach (string space in UsualNamespaces.Append(session.InstallNamespace).Distinct()) isAnyListed |= await ListAsync(space, found, cancellationToken).ConfigureAwait(false);
            if (!isAnyListed) found.AddRange(UsualServices.Select(static usual => new ServiceCandidate(usual.Namespace, usual.Service, "not listed", 0, ["", "/prometheus"]) { IsGuess = true }));
        }

        return [.. found.OrderBy(static one => one.Rank).ThenBy(static one => one.Namespace, StringComparer.Ordinal).ThenBy(static one => one.Service, StringComparer.Ordinal)];
    }

    private async Task<bool> ListAsync(string? inNamespace, List<ServiceCandidate> found, CancellationToken cancellationToken)
    {
        try
        {
            ListOptions list = new() { Namespace = inNamespace, BadItem = static _ => { } };
            await foreach (ServiceCandidate? one in session.Client.ListAsync(ResourceType.Services, ServiceCandidate.Read, list, cancellationToken).ConfigureAwait(false))
            {
                if (one is null) continue;
                if (one.Namespace.StartsWith("openshift-", StringComparison.Ordinal)) _notes.Add((one.ToString(), "it asks for a token, which the API server does not pass on"));
                else found.Add(one);
            }

            return true;
        }
        catch (KubernetesException exception) when (exception is { Error: KubernetesError.Forbidden, IsImpersonation: false })
        {
            if (inNamespace is null) _notes.Add(("", exception.What));
            _refusal ??= exception;
            return false;
        }
    }

    private async Task<(FoundServer? Server, bool HasKubeVirt)> TryAsync(ServiceCandidate candidate, CancellationToken cancellationToken)
    {
        Uri address = ObjectProxy.AddressOf(session, candidate.Namespace, candidate.Service);
        ScrapeException? failure = null;
        foreach (string root in candidate.Roots)
        {
            FoundServer found = new(
                new Uri(address.AbsoluteUri + root), candidate.ToString(), $"the service {candidate.Service} in namespace {candidate.Namespace} ({candidate.Product}), through the API server",
                new ServiceTransport(proxy, candidate, lost), null);
            try
            {
                return (found, await AskAsync(found, cancellationToken).ConfigureAwait(false));
            }
            catch (ScrapeException exception)
            {
                failure = exception;
                // Another path may be the right one only where the service itself has answered.
                if (exception.StatusCode != HttpStatusCode.NotFound || ComponentTransport.Find(exception) is not null) break;
            }
        }

        // What was only tried because it is usual is worth a word only where it may be there.
        if (!candidate.IsGuess || failure!.StatusCode != HttpStatusCode.NotFound) Note(candidate.ToString(), failure!);
        return (null, false);
    }

    private async Task<bool> AskAsync(FoundServer found, CancellationToken cancellationToken)
    {
        ScrapeOptions trial = options.WithTimeout(options.Timeout == Timeout.InfiniteTimeSpan || options.Timeout > Patience ? Patience : options.Timeout);
        PrometheusServer server = await found.OpenAsync(session, trial, cancellationToken).ConfigureAwait(false);
        return await ServerFacts.HasSeriesAsync(server, cancellationToken).ConfigureAwait(false);
    }

    private void Note(string name, ScrapeException failure)
    {
        KubernetesException? known = ComponentTransport.Find(failure);
        // Without the API server there is nothing to look for.
        if (known is { Error: not (KubernetesError.Forbidden or KubernetesError.NotFound or KubernetesError.ServerError or KubernetesError.Invalid) }) throw known;
        if (known?.Error == KubernetesError.Forbidden) _refusal ??= known;
        _failure ??= failure;
        _notes.Add((name, failure.What));
    }

    private string Notes() => _notes.Count == 0 ? "" : $"; others were not taken: {NotesText()}";

    // Many services may be refused for one reason.
    private string NotesText() => string.Join("; ", _notes.GroupBy(static note => note.Why).Select(static group => group.First().Name.Length == 0 ? group.Key : $"{string.Join(", ", group.Select(static note => note.Name))}: {group.Key}"));

    private static string NotAsked(IEnumerable<ServiceCandidate> rest) => rest.ToArray() is { Length: > 0 } others ? $"; not asked: {string.Join(", ", others.Select(static one => one.ToString()))}" : "";

    private KubernetesException Nothing(int candidates)
    {
        string where = $"the cluster of {session}";
        if (_refusal is not null)
        {
            return new KubernetesException(
                KubernetesError.Forbidden,
                $"no server with the API of Prometheus could be asked in {where}: {NotesText()}",
                "Ask for a ClusterRole with the verb 'list' on 'services' and the verbs 'get' and 'create' on 'services/proxy', or for a Role with them in the namespace of the server, bound to that user.",
                _refusal)
            { Setting = Setting.PrometheusUri, StatusCode = _refusal.StatusCode, Status = _refusal.Status };
        }

        string what = candidates == 0 && _notes.Count == 0
            ? $"there is no server with the API of Prometheus in {where}: none of its services is known as one of Prometheus, VictoriaMetrics, Thanos or Mimir"
            : $"no server with the API of Prometheus could be asked in {where}: {NotesText()}";
        return new KubernetesException(_failure?.Cause == ScrapeError.Forbidden ? KubernetesError.Forbidden : KubernetesError.NotFound, what, _failure?.Advice ?? "", _failure) { Setting = Setting.PrometheusUri };
    }
}

/// <summary>A server that was found in the cluster of a session.</summary>
/// <param name="Address">Where its API begins.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Reason">Why it was taken, without a full stop.</param>
/// <param name="Transport">The way through the API server; null = it is reached by itself, with the token of the session.</param>
/// <param name="Authority">Who issued its certificate; null = one whom the system trusts.</param>
internal sealed record FoundServer(Uri Address, string Name, string Reason, IScrapeTransport? Transport, X509Certificate2Collection? Authority)
{
    /// <summary>The server, to be asked.</summary>
    /// <param name="options">How; what it says of token and authority goes before that of the session.</param>
    /// <exception cref="KubernetesException">The token cannot be obtained.</exception>
    public async Task<PrometheusServer> OpenAsync(KubeVirtSession session, ScrapeOptions options, CancellationToken cancellationToken)
    {
        if (Transport is not null) return new PrometheusServer(Address, options, Transport);
        // A token is good for a while only, so it is asked for each time.
        string? token = options.Token is null && options.Credential is null ? await session.Client.GetTokenAsync(cancellationToken).ConfigureAwait(false) : options.Token;
        bool isTrustGiven = options.Tls.SkipCertificateCheck || options.Tls.CertificateAuthority is not null;
        return new PrometheusServer(Address, options.WithAccess(token, isTrustGiven || Authority is null ? options.Tls : options.Tls with { CertificateAuthority = Authority }));
    }
}

/// <summary>The server of a session: looked for once, and again after it was forgotten. Thread-safe: all who ask meanwhile wait for the same search.</summary>
internal sealed class SessionServers : IDisposable
{
    private readonly KubeVirtSession _session;
    private readonly ObjectProxy _proxy;
    private readonly SemaphoreSlim _one = new(1);
    private FoundServer? _found;

    private SessionServers(KubeVirtSession session)
    {
        _session = session;
        // A query has a time limit of its own.
        _proxy = new ObjectProxy(session, Timeout.InfiniteTimeSpan);
    }

    public static SessionServers Of(KubeVirtSession session) => session.Attach(static owner => new SessionServers(owner));

    /// <summary>The server, to be asked; where it is and why is in the properties of the session then.</summary>
    /// <param name="options">How it is asked.</param>
    /// <exception cref="KubernetesException">There is none that can be asked.</exception>
    public async Task<PrometheusServer> OpenAsync(ScrapeOptions options, CancellationToken cancellationToken)
    {
        FoundServer? found = _found;
        if (found is null)
        {
            await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (_found is null)
                {
                    _found = await new ServerSearch(_session, options, _proxy, Forget).RunAsync(cancellationToken).ConfigureAwait(false);
                    _session.NotePrometheus(_found.Address, _found.Reason);
                }

                found = _found;
            }
            finally
            {
                _one.Release();
            }
        }

        return await found.OpenAsync(_session, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks for one again the next time, since the one that was found is not there any more.</summary>
    /// <param name="transport">The way to it; that to another one changes nothing.</param>
    public void Forget(IScrapeTransport? transport)
    {
        if (_found?.Transport != transport) return;
        _found = null;
        _session.NotePrometheus(null, null);
    }

    public void Dispose()
    {
        _proxy.Dispose();
        _one.Dispose();
    }
}

/// <summary>The way to a service through the API server.</summary>
/// <param name="lost">Called where the service, or what was behind it, is gone.</param>
internal sealed class ServiceTransport(ObjectProxy proxy, ServiceCandidate service, Action<IScrapeTransport> lost) : IScrapeTransport
{
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string target = ShownUri.From(request.RequestUri!);
        // The API server gets the credentials of the session, and passes on none.
        request.Headers.Authorization = null;
        try
        {
            return await proxy.SendAsync(service.ToString(), request, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (exception.Error is KubernetesError.NotFound or KubernetesError.ServerError) lost(this);
            throw RouteErrors.Of(exception, target);
        }
    }

    public DateTimeOffset? CertificateExpires(Uri uri) => null;

    public ScrapeException Explain(ScrapeException error) => (error.Cause, ComponentTransport.Find(error)) switch
    {
        // A service without any address behind it is not found either.
        (ScrapeError.Unreachable, not null) or (_, { Error: KubernetesError.NotFound }) => error.With(advice: $"Check that its pods are running: 'kubectl get pods,endpointslices -n {service.Namespace}'.", inner: error.InnerException),
        (_, not null) => error,
        (ScrapeError.Unauthorized, null) => error.With(
            advice: "It asks for a token of its own, which the API server does not pass on: use an address at which it can be reached directly.", inner: error.InnerException, setting: Setting.PrometheusUri),
        _ => error,
    };
}
