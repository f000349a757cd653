using System.Net;
using KubeVirtMonitor.Sessions;
using Xunit;

namespace KubeVirtMonitor.Tests.Sessions;

/// <summary>What Auto decides on, with ways that do what a script says.</summary>
public sealed class RouteSearchTests
{
    private const string Works = "works";
    private const string Refused = "refused";
    private const string Silent = "silent";
    private const string Stranger = "stranger";
    private const string Forbidden = "forbidden";
    private const string Broken = "broken";
    private const string Gateway = "503";

    /// <summary>Each way has a word for pod a, b, ...; behind a comma what comes at the second attempt.</summary>
    [Theory]
    [InlineData("works", "works", "works", ComponentRoute.Direct)]
    [InlineData("refused works", "works works", "works works", ComponentRoute.Direct)] // One pod that refuses is no network that is not there.
    [InlineData("refused refused refused works", "", "", ComponentRoute.Direct)]
    [InlineData("silent silent", "works works", "works works", ComponentRoute.PortForward)]
    [InlineData("silent silent", "broken works", "works works", ComponentRoute.PortForward)]
    [InlineData("stranger stranger", "works works", "works works", ComponentRoute.PortForward)] // A stranger has the pod's address outside the cluster.
    [InlineData("silent silent", "forbidden forbidden", "works works", ComponentRoute.ApiServerProxy)]
    [InlineData("refused refused", "forbidden forbidden", "works works", ComponentRoute.ApiServerProxy)]
    [InlineData("silent silent", "forbidden forbidden", "503 works", ComponentRoute.ApiServerProxy)]
    [InlineData("silent silent", "forbidden forbidden", "forbidden forbidden", null)]
    [InlineData("refused refused", "refused refused", "works works", null)] // A stack that restarts: nothing is proven but that nobody is there now.
    [InlineData("silent silent", "broken broken", "works works", null)]
    [InlineData("silent silent", "forbidden broken", "works works", null)]
    [InlineData("stranger stranger", "forbidden forbidden", "works works", null)]
    [InlineData("silent stranger", "forbidden forbidden", "works works", null)]
    [InlineData("refused refused", "stranger stranger", "works works", null)]
    [InlineData("refused,works", "forbidden", "works", ComponentRoute.Direct)] // The pod came back while the decisions were tried.
    [InlineData("refused,stranger", "forbidden", "works", null)]
    [InlineData("refused", "forbidden,works", "works", ComponentRoute.PortForward)] // An API server that starts knows no permissions for a moment.
    [InlineData("refused", "forbidden,broken", "works", null)]
    public async Task AutoNeverTradesVerificationForReach(string direct, string tunnel, string proxy, ComponentRoute? expected)
    {
        using Script script = new(direct, tunnel, proxy);
        RouteFinding found = await script.RunAsync(Math.Max(1, direct.Split(' ').Length));
        Assert.Equal(expected, found.Client?.Route);
        Assert.Equal(expected is null, found.Error is not null);
    }

    [Fact]
    public async Task TheReasonsOfAllWaysAreTold()
    {
        using Script script = new("stranger", "forbidden", "works");
        RouteFinding found = await script.RunAsync(1);
        Assert.Equal(ScrapeError.TlsUntrusted, found.Error!.Cause);
        Assert.Equal("Direct: its certificate is a stranger's; PortForward: user 'jane' may not create pods/portforward; a route without verification does not replace one that fails verification", found.Reason);
        Assert.Equal(0, script.Asked(ComponentRoute.ApiServerProxy));
    }

    [Fact]
    public async Task WithoutPermissionForTheAuthorityNothingCanBeVerified()
    {
        using Script script = new("works", "works", "works") { Verify = new KubernetesException(KubernetesError.Forbidden, "user 'jane' may not get configmaps", "Ask.") { StatusCode = 403 } };
        RouteFinding found = await script.RunAsync(1);
        Assert.Equal(ComponentRoute.ApiServerProxy, found.Client!.Route);
        Assert.Equal("certificates of pods cannot be verified from here: user 'jane' may not get configmaps", found.Reason);
    }

    [Fact]
    public async Task WithoutAnyPermissionTheAdviceIsWhatVerifies()
    {
        using Script script = new("silent", "forbidden", "forbidden");
        RouteFinding found = await script.RunAsync(1);
        Assert.Equal("Direct: no response within 3 s; PortForward: user 'jane' may not create pods/portforward; ApiServerProxy: user 'jane' may not get pods/proxy", found.Reason);
        Assert.Equal("user 'jane' may not create pods/portforward", found.Error!.What);
        using Script unread = new("works", "works", "forbidden") { Verify = new KubernetesException(KubernetesError.Forbidden, "user 'jane' may not get configmaps", "Ask.") { StatusCode = 403 } };
        found = await unread.RunAsync(1);
        Assert.Equal("certificates of pods cannot be verified from here: user 'jane' may not get configmaps; ApiServerProxy: user 'jane' may not get pods/proxy", found.Reason);
        Assert.Equal(("user 'jane' may not get configmaps", "Ask."), (found.Error!.What, found.Error.Advice));
    }

    [Theory]
    [InlineData(KubernetesError.NotFound)]
    [InlineData(KubernetesError.TimedOut)]
    [InlineData(KubernetesError.ServerError)]
    [InlineData(KubernetesError.BadAnswer)]
    public async Task AnAuthorityThatCannotBeReadJustNowIsNoReasonToTrustNobody(KubernetesError error)
    {
        using Script script = new("works", "works", "works") { Verify = new KubernetesException(error, "no ConfigMap", "Look.") };
        RouteFinding found = await script.RunAsync(1);
        Assert.Null(found.Client);
        Assert.Contains("no ConfigMap", found.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(0, script.Asked(ComponentRoute.ApiServerProxy));
    }

    [Fact]
    public async Task ASearchThatIsCancelledFindsNothing()
    {
        using Script script = new("hangs", "works", "works");
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => script.RunAsync(1, stop.Token));
    }

    private sealed class Script : IDisposable
    {
        private readonly Dictionary<ComponentRoute, ScriptedWay> _clients;

        public Script(string direct, string tunnel, string proxy) => _clients = new()
        {
            [ComponentRoute.Direct] = new ScriptedWay(ComponentRoute.Direct, direct),
            [ComponentRoute.PortForward] = new ScriptedWay(ComponentRoute.PortForward, tunnel),
            [ComponentRoute.ApiServerProxy] = new ScriptedWay(ComponentRoute.ApiServerProxy, proxy),
        };

        public KubernetesException? Verify { get; init; }

        public int Asked(ComponentRoute route) => _clients[route].Asked;

        public Task<RouteFinding> RunAsync(int pods, CancellationToken? cancellationToken = null)
        {
            RouteSearch search = new(route => _clients[route], _ => Verify is null ? Task.CompletedTask : Task.FromException(Verify));
            KubeVirtComponent[] all = [.. Enumerable.Range(0, pods).Select(index => new KubeVirtComponent
            {
                Name = $"virt-handler-{(char)('a' + index)}", Component = ComponentKind.Handler, Namespace = "kv", Port = 8443, PodIP = "10.0.0.1", Ready = true,
            })];
            return search.RunAsync(all, cancellationToken ?? TestContext.Current.CancellationToken);
        }

        public void Dispose()
        {
            foreach (ScriptedWay client in _clients.Values) client.Dispose();
        }
    }

    private sealed class ScriptedWay(ComponentRoute route, string script) : IComponentClient
    {
        private readonly string[][] _words = [.. script.Split(' ').Select(word => word.Split(','))];
        private readonly Dictionary<string, int> _attempts = [];
        private int _asked;

        public ComponentRoute Route => route;

        public int Asked => Volatile.Read(ref _asked);

        public async Task<HttpResponseMessage> SendAsync(KubeVirtComponent component, HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            int attempt;
            lock (_attempts) attempt = _attempts[component.Name] = _attempts.GetValueOrDefault(component.Name) + 1;
            string[] words = _words[component.Name[^1] - 'a'];
            string target = request.RequestUri!.ToString();
            switch (words[Math.Min(attempt, words.Length) - 1])
            {
                case Works:
                    // A pod that does not answer well is there all the same.
                    return new HttpResponseMessage(HttpStatusCode.InternalServerError);
                case Refused:
                    throw new ScrapeException(ScrapeError.ConnectionRefused, target, "the connection was refused");
                case Silent:
                    throw new ScrapeException(ScrapeError.Timeout, target, "no response within 3 s");
                case Stranger:
                    throw new ScrapeException(ScrapeError.TlsUntrusted, target, "its certificate is a stranger's");
                case Forbidden:
                    throw new KubernetesException(KubernetesError.Forbidden, $"user 'jane' may not {(route == ComponentRoute.ApiServerProxy ? "get pods/proxy" : "create pods/portforward")}", "Ask for a Role.") { StatusCode = 403 };
                case Broken:
                    throw new KubernetesException(KubernetesError.StreamFailed, "the stream broke", "Try again.");
                case Gateway:
                    throw new KubernetesException(KubernetesError.ServerError, "error trying to reach service", "") { StatusCode = 503 };
                default:
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    throw new InvalidOperationException();
            }
        }

        public DateTimeOffset? CertificateExpires(Uri uri) => null;

        public void Dispose()
        {
        }
    }
}
