using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace KubeVirtMonitor.Simulator;

/// <summary>Serves the pods of a cluster on loopback ports, each pod on its own, until it is disposed.</summary>
public sealed class SimulatorHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly CertificateStore _certificates;
    private readonly string? _temporaryFile;
    private readonly Dictionary<string, SimulatedEndpoint> _byId;
    private readonly ConcurrentDictionary<ComponentKind, PodPort> _spares = [];
    private readonly ConcurrentDictionary<string, SimulatedEndpoint> _coming = [];

    private SimulatorHost(SimulatedCluster cluster, HostOptions options, CertificateStore certificates, WebApplication application, IReadOnlyList<SimulatedEndpoint> endpoints)
    {
        Cluster = cluster;
        _certificates = certificates;
        _application = application;
        Endpoints = endpoints;
        _byId = endpoints.ToDictionary(endpoint => endpoint.Id, StringComparer.Ordinal);
        if (options.CertificateAuthorityFile is null) _temporaryFile = Path.Combine(Path.GetTempPath(), $"kubevirt-ca-{Guid.NewGuid():N}.pem");
        CertificateAuthorityFile = options.CertificateAuthorityFile is { } file ? Path.GetFullPath(file) : _temporaryFile!;
    }

    /// <summary>What is served.</summary>
    public SimulatedCluster Cluster { get; }

    /// <summary>The endpoints, in the order of the cluster's pods.</summary>
    public IReadOnlyList<SimulatedEndpoint> Endpoints { get; }

    /// <summary>The pods that are there beside those that they will take the place of, during the rollout of a deployment.</summary>
    internal IEnumerable<SimulatedEndpoint> Coming => _coming.Values;

    /// <summary>The authority that signs all certificates from now on.</summary>
    public CertificateAuthority CertificateAuthority => _certificates.Authority;

    /// <summary>Makes another authority; the components show certificates of it to whoever connects from now on. The file has both.</summary>
    public void RenewAuthority()
    {
        _certificates.Renew();
        File.AppendAllText(CertificateAuthorityFile, CertificateAuthority.Pem);
    }

    /// <summary>The file with the certificate of the authority, as PEM.</summary>
    public string CertificateAuthorityFile { get; }

    /// <summary>The endpoint of a pod, by an id such as <c>handler/0</c>.</summary>
    /// <exception cref="KeyNotFoundException">There is no such endpoint.</exception>
    public SimulatedEndpoint this[string id] => _byId.TryGetValue(id, out SimulatedEndpoint? endpoint)
        ? endpoint
        : throw new KeyNotFoundException($"There is no endpoint '{id}'. There are: {string.Join(", ", _byId.Keys.Take(20))}.");

    /// <summary>Starts to serve. Ports are bound and the file of the authority is written when this returns.</summary>
    /// <exception cref="ArgumentException">A fault is addressed to an endpoint that does not exist.</exception>
    /// <exception cref="IOException">A port is taken, or the file cannot be written.</exception>
    public static async Task<SimulatorHost> StartAsync(SimulatedCluster cluster, HostOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        options ??= new HostOptions();
        List<SimulatedEndpoint> endpoints = cluster.Pods.Where(pod => options.PodFilter?.Invoke(pod) ?? true)
            .Select(pod => new SimulatedEndpoint(pod, cluster.Options.Namespace, options.PlainHttp) { Access = options.Access })
            .ToList();
        foreach ((string id, Fault fault) in options.Faults)
        {
            SimulatedEndpoint endpoint = endpoints.Find(candidate => candidate.Id == id)
                ?? throw new ArgumentException($"There is no endpoint '{id}' to have a fault. There are: {string.Join(", ", endpoints.Take(20).Select(each => each.Id))}.", nameof(options));
            endpoint.Fault = fault;
        }

        if (options.PodAddresses) PodAddressBlock.Assign(endpoints);
        CertificateStore certificates = new(cluster.Options.Namespace);
        List<ListenOptions> listeners = [];

        // A deployment has one pod more while it rolls out; its port is there from the start.
        ComponentKind[] surging = [.. new[] { ComponentKind.Api, ComponentKind.Controller }.Where(component => endpoints.Exists(endpoint => endpoint.Pod.Component == component))];
        PodPort[] ports = [.. endpoints.Select(endpoint => endpoint.Serving = new PodPort { Endpoint = endpoint }), .. surging.Select(static _ => new PodPort())];
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        PodListeners pods = new();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory>(pods)).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
            for (int i = 0; i < ports.Length; i++)
            {
                PodPort port = ports[i];
                kestrel.Listen(port.Endpoint?.Address ?? IPAddress.Loopback, port.Endpoint is not { } first ? 0 : first.Port != 0 ? first.Port : options.FirstPort == 0 ? 0 : options.FirstPort + i, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listen.Use(next => connection =>
                    {
                        connection.Features.Set(port.Endpoint);
                        return next(connection);
                    });
                    if (!options.PlainHttp)
                    {
                        PodListeners.RefusePlainHttp(listen);
                        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = context => new(TlsOptions(context.Connection.Features.Get<SimulatedEndpoint>()!, certificates)) });
                    }

                    listeners.Add(listen);
                });
            }
        });
        WebApplication application = builder.Build();
        RequestHandler handler = new(cluster, options);
        application.Run(handler.HandleAsync);
        SimulatorHost host = new(cluster, options, certificates, application, endpoints);
        try
        {
            await File.WriteAllTextAsync(host.CertificateAuthorityFile, host.CertificateAuthority.Pem, cancellation);
            await application.StartAsync(cancellation);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        for (int i = 0; i < ports.Length; i++)
        {
            ports[i].Listener = pods[listeners[i].IPEndPoint!];
            if (i < endpoints.Count)
            {
                endpoints[i].Port = listeners[i].IPEndPoint!.Port;
                continue;
            }

            host._spares[surging[i - endpoints.Count]] = ports[i];
            await ports[i].Listener!.CloseAsync();
        }

        cluster.PodRestart = (id, _) => Task.Run(() => host.RestartPodAsync(id));
        cluster.Faulted = host.Fault;
        return host;
    }

    /// <summary>Stops the pod of an endpoint: connections are broken off, and refused from now on.</summary>
    public Task StopPodAsync(string id) => this[id].Serving!.Listener!.CloseAsync();

    /// <summary>Replaces a pod that was stopped: with a new name and, where pods have addresses of their own, a new address. It does not listen yet.</summary>
    /// <param name="id">The id of the endpoint.</param>
    /// <param name="revision">The hash of its template; null = as the pod before.</param>
    public SimulatedPod ReplacePod(string id, string? revision = null)
    {
        SimulatedEndpoint endpoint = this[id];
        SimulatedPod next = Cluster.Next(endpoint.Pod, revision);
        Cluster.Replace(endpoint.Pod, next);
        endpoint.Pod = next;
        endpoint.Address = NextAddress(endpoint);
        return next;
    }

    /// <summary>Replaces the pod of an endpoint at once, where there is no API server to tell of it.</summary>
    private async Task RestartPodAsync(string id)
    {
        await StopPodAsync(id);
        ReplacePod(id);
        await StartPodAsync(this[id]);
    }

    /// <summary>Refuses connections to pods that are down, and takes them again, where there is no API server to tell of it.</summary>
    private void Fault(ClusterEvent what)
    {
        foreach (SimulatedEndpoint endpoint in Endpoints.Where(endpoint => Cluster.Faults.Pods(what.Target).Contains(endpoint.Pod)))
        {
            if (what.Kind == "down") _ = StopPodAsync(endpoint.Id);
            else if (what.Kind == "recover" && !endpoint.IsOpen) _ = StartPodAsync(endpoint);
        }
    }

    /// <summary>Makes the pod that is to take the place of one, which goes on for now. It does not listen yet.</summary>
    internal SimulatedEndpoint RaisePod(string id, string? revision)
    {
        SimulatedEndpoint endpoint = this[id];
        if (!_spares.TryRemove(endpoint.Pod.Component, out PodPort? spare)) throw new InvalidOperationException($"There is a pod beside those of {endpoint.Pod.ComponentName} already.");
        SimulatedEndpoint coming = new(Cluster.Next(endpoint.Pod, revision), Cluster.Options.Namespace, endpoint.PlainHttp) { Access = endpoint.Access, Fault = endpoint.Fault, Serving = spare, Address = NextAddress(endpoint) };
        coming.Port = Equals(coming.Address, IPAddress.Loopback) ? ((IPEndPoint)spare.Listener!.EndPoint).Port : endpoint.Port;
        spare.Endpoint = coming;
        return _coming[id] = coming;
    }

    /// <summary>Lets the pod of an endpoint listen.</summary>
    internal static Task StartPodAsync(SimulatedEndpoint endpoint) => endpoint.Serving!.Listener!.OpenAsync(new IPEndPoint(endpoint.Address, endpoint.Port));

    /// <summary>Lets a pod take the place of another one, whose connections are broken off, and refused from now on.</summary>
    internal async Task HandOverAsync(string id)
    {
        SimulatedEndpoint endpoint = this[id];
        if (!_coming.TryRemove(id, out SimulatedEndpoint? coming)) return;
        PodPort old = endpoint.Serving!;
        Cluster.Replace(endpoint.Pod, coming.Pod);
        endpoint.Pod = coming.Pod;
        endpoint.Address = coming.Address;
        endpoint.Port = coming.Port;
        endpoint.Serving = coming.Serving;
        endpoint.Serving!.Endpoint = endpoint;
        await old.Listener!.CloseAsync();
        _spares[endpoint.Pod.Component] = old;
    }

    private IPAddress NextAddress(SimulatedEndpoint endpoint) =>
        Equals(endpoint.Address, IPAddress.Loopback) ? endpoint.Address : PodAddressBlock.Next(endpoint.Address, [.. Endpoints.Concat(Coming).Select(static each => each.Address)]);

    /// <summary>Stops serving at once; requests that run are broken off.</summary>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.FromMilliseconds(100));
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
        _certificates.Dispose();
        if (_temporaryFile is not null) File.Delete(_temporaryFile);
    }

    private static SslServerAuthenticationOptions TlsOptions(SimulatedEndpoint endpoint, CertificateStore certificates) => new()
    {
        ServerCertificateContext = certificates.Get(endpoint.Pod.Component, endpoint.CertificateKind),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        ClientCertificateRequired = endpoint.Access.RequireClientCertificate,
        RemoteCertificateValidationCallback = endpoint.Access.RequireClientCertificate
            ? (_, certificate, _, _) => certificate is X509Certificate2 client && certificates.Authority.Issued(client)
            : null,
    };
}
