using System.Net;
using System.Security.Authentication;
using KubeVirtMonitor.Simulator.Datadog;
using KubeVirtMonitor.Simulator.Guests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// The Kubernetes API server of a simulated cluster, on loopback over HTTPS, faithful enough for kubectl. It serves until it is disposed; the endpoints of
/// the pods belong to the host and outlive it.
/// </summary>
public sealed class SimulatedApiServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ApiServices _services;
    private readonly ApiRequestHandler _handler;
    private readonly string? _temporaryFolder;
    private readonly VirtOperator _operator;
    private readonly HyperConvergedOperator? _hyperConverged;
    private readonly AgentKeeper? _agents;
    private readonly OpenShiftRoute? _route;

    private SimulatedApiServer(ApiServices services, ContentContext content, ApiCertificates certificates, string? temporaryFolder)
    {
        _services = services;
        _handler = new ApiRequestHandler(services, new ControlHandler(services, () => Kubeconfig));
        _application = Build(services, certificates, _handler);
        _temporaryFolder = temporaryFolder;
        _operator = new VirtOperator(services.Store, services.Pods, services.Time, services.Host);
        if (services.Options.HyperConverged) _hyperConverged = new HyperConvergedOperator(services.Store, services.Time);
        if (services.Agents is not null) _agents = new AgentKeeper(content, services.Agents, services.Time);
        _route = content.Route;
        Certificates = certificates;
    }

    /// <summary>The endpoints of the pods.</summary>
    public SimulatorHost Host => _services.Host;

    /// <summary>The address.</summary>
    public Uri Uri { get; private set; } = null!;

    /// <summary>The address of the metrics of kube-state-metrics, over plain HTTP; null where there is none.</summary>
    public Uri? KubeStateUri { get; private set; }

    /// <summary>The kubeconfig with its contexts.</summary>
    public SimulatedKubeconfig Kubeconfig { get; private set; } = null!;

    /// <summary>The authority of the cluster.</summary>
    public ApiCertificates Certificates { get; }

    /// <summary>The objects.</summary>
    public ResourceStore Store => _services.Store;

    /// <summary>The tokens.</summary>
    public TokenIssuer Tokens => _services.Tokens;

    /// <summary>What goes wrong.</summary>
    public ApiFaults Faults => _services.Faults;

    /// <summary>What was asked.</summary>
    public ApiRequestLog Log => _services.Log;

    /// <summary>What listens in pods and instances.</summary>
    public PodNetwork Network => (PodNetwork)_services.Network;

    /// <summary>The programs in containers.</summary>
    public ExecCommands Commands => _services.Commands;

    /// <summary>The Datadog Agents; null = there are none.</summary>
    public SimulatedAgents? Agents => _services.Agents;

    /// <summary>The insides of the instances.</summary>
    public GuestFleet Guests => _services.Guests;

    /// <summary>Refuses what the roles would allow, until the result is disposed.</summary>
    public IDisposable Refuse(ApiRefusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        _services.Authorizer.Refusals.TryAdd(refusal, 0);
        return new Restorer(() => _services.Authorizer.Refusals.TryRemove(refusal, out _));
    }

    /// <summary>Replaces a pod of KubeVirt, by an id such as <c>api/0</c>, as when it is deleted: it goes, another one comes, is not ready at first, and then is, when this returns.</summary>
    public Task ReplacePodAsync(string id) => _services.Pods.ReplaceAsync(id);

    /// <summary>Replaces all pods of KubeVirt at once.</summary>
    public Task RestartAsync() => _services.Pods.RestartAsync();

    /// <summary>Lets the holder of a lease, such as <c>virt-controller</c>, stop renewing it, until the result is disposed.</summary>
    public IDisposable StopRenewing(string lease)
    {
        _services.Leases.Renew();
        _services.Leases.Stopped.Add(lease);
        return new Restorer(() => _services.Leases.Stopped.Remove(lease));
    }

    /// <summary>Lets a user in by basic authentication.</summary>
    public void AcceptPassword(string user, string password) => _services.Authenticator.Passwords[user] = password;

    /// <summary>Starts to serve the cluster of a host.</summary>
    /// <exception cref="IOException">The port is taken, or the folder cannot be written to.</exception>
    public static async Task<SimulatedApiServer> StartAsync(SimulatorHost host, ApiServerOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        options ??= new ApiServerOptions();
        TimeProvider time = host.Cluster.Options.TimeProvider;
        ApiCertificates certificates = new();
        ResourceStore store = new(ResourceTypes.Of(options));

        // Tokens go by the real clock, or clients could not renew them in a cluster whose clock is fast.
        TokenIssuer tokens = new((time as FastTime)?.Inner ?? time);
        PodNetwork network = new(host);
        ExecCommands commands = new();
        OpenShiftRoute? route = options.Monitoring is { } monitoring && monitoring.Stacks.Contains(MonitoringStack.OpenShift) ? await OpenShiftRoute.StartAsync(monitoring.Upstream, cancellation) : null;
        ContentContext content = new(host, options, store) { Route = route };
        LeaseKeeper leases = new(content, time);
        PodKeeper pods = new(content, network, leases, time);
        GuestFleet guests = new(host.Cluster, store, network, commands, time);
        ApiServices services = new(host, options, store, time, tokens, new Authenticator(certificates, tokens), new RbacAuthorizer(store), new ApiFaults(), new ApiRequestLog(), network, commands, guests, pods, leases);
        if (route is not null) route.Services = services;
        host.Cluster.Settle();
        ClusterContent.Load(content, certificates.AuthorityPem);
        host.Cluster.Changed = change =>
        {
            new InstanceKeeper(content).Apply(change);
            if (change.Before.AgentConnected != change.After.AgentConnected) guests[change.After.Namespace, change.After.Name].Agent = change.After.AgentConnected ? GuestAgentState.Answering : GuestAgentState.Absent;
        };
        host.Cluster.PodRestart = (id, _) => Task.Run(() => pods.ReplaceAsync(id));
        FaultKeeper faults = new(content, pods, leases);
        host.Cluster.Faulted = faults.Apply;
        foreach (ClusterEvent before in host.Cluster.FaultsSoFar) faults.Apply(before);
        if (options.AgentNamespace is not null)
        {
            services.Agents = new SimulatedAgents(services);
            AgentProgram.Register(services.Commands, services.Agents, store);
        }

        string? temporary = options.Folder is null ? Directory.CreateTempSubdirectory("kubevirt-simulator-").FullName : null;
        SimulatedApiServer server = new(services, content, certificates, temporary);
        try
        {
            await server._application.StartAsync(cancellation);
            server.Uri = new Uri(server._application.Urls.First(static url => url.StartsWith("https:", StringComparison.Ordinal)));
            if (options.KubeState) server.KubeStateUri = new Uri(new Uri(server._application.Urls.First(static url => url.StartsWith("http:", StringComparison.Ordinal))), "metrics");
            server.Kubeconfig = await SimulatedKubeconfig.WriteAsync(server, options, options.Folder ?? temporary!, cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops serving at once; requests that run are broken off.</summary>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.FromMilliseconds(100));
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
        _services.Pods.Dispose();
        if (_hyperConverged is not null) await _hyperConverged.StopAsync();
        await _operator.StopAsync();
        if (_agents is not null) await _agents.DisposeAsync();
        if (Agents is not null) await Agents.DisposeAsync();
        if (_route is not null) await _route.DisposeAsync();
        _handler.Dispose();
        Guests.Dispose();
        Certificates.Dispose();
        if (_temporaryFolder is not null) Directory.Delete(_temporaryFolder, recursive: true);
    }

    private static WebApplication Build(ApiServices services, ApiCertificates certificates, ApiRequestHandler handler)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            if (services.Options.KubeState)
            {
                KubeState state = new(services.Store, services.Options.KubeStateNodeLabels);
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => connection =>
                {
                    connection.Features.Set(state);
                    return next(connection);
                }));
            }

            kestrel.Listen(IPAddress.Loopback, services.Options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                PodListeners.RefusePlainHttp(listen);
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificates.Server,
                    SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,

                    // A real API server takes any certificate in the handshake and answers 401 to those that it does not know.
                    ClientCertificateValidation = static (_, _, _) => true,
                });
            });
        });
        WebApplication application = builder.Build();
        application.Use(next => context => context.Features.Get<KubeState>() is { } state ? Told(state, context) : next(context));
        application.UseWebSockets();
        application.Run(handler.HandleAsync);
        return application;

        Task Told(KubeState state, Microsoft.AspNetCore.Http.HttpContext context)
        {
            services.Host.Cluster.Settle();
            return state.SendAsync(context);
        }
    }

    private sealed class Restorer(Action restore) : IDisposable
    {
        public void Dispose() => restore();
    }
}
