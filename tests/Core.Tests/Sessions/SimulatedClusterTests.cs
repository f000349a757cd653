using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Sessions;

/// <summary>Sessions to a simulated cluster, which knows what is right.</summary>
public sealed class SimulatedClusterTests
{
    [Theory]
    [InlineData(ComponentRoute.Auto, ComponentRoute.Direct)]
    [InlineData(ComponentRoute.Direct, ComponentRoute.Direct)]
    [InlineData(ComponentRoute.PortForward, ComponentRoute.PortForward)]
    [InlineData(ComponentRoute.ApiServerProxy, ComponentRoute.ApiServerProxy)]
    public async Task EveryRouteShowsWhatTheClusterHolds(ComponentRoute asked, ComponentRoute taken)
    {
        await using ApiCluster host = await ApiCluster.StartAsync(handlers: 3, vmis: 4);
        using KubeVirtSession session = await host.OpenAsync(asked);
        SessionScrape scrape = await SessionScrape.OfAsync(session);
        Each.Of(scrape.Results, result => Assert.Null(result.Error));
        Each.Of(scrape.Results, result => Assert.True(result.Health!.CanConnect));
        Assert.Equal(
            host.Host.Endpoints.Select(endpoint => endpoint.Pod.Name).Order(StringComparer.Ordinal),
            scrape.Results.Select(result => result.Target.PodName).Order(StringComparer.Ordinal));
        Assert.Equal(taken, session.ActiveRoute);
        Assert.Equal(
            host.Host.Cluster.VirtualMachineInstances.Count(vmi => vmi.Phase == "Running"),
            scrape.Samples.Count(sample => sample.StartsWith("kubevirt_handler.vmi.memory_resident_bytes{", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(ComponentRoute.Direct)]
    [InlineData(ComponentRoute.PortForward)]
    [InlineData(ComponentRoute.ApiServerProxy)]
    public async Task ComponentsWithFaultsAreNamedAndTheOthersScraped(ComponentRoute route)
    {
        await using ApiCluster host = await ApiCluster.StartAsync();
        SimulatedEndpoint sick = host.Host.Endpoints.Single(endpoint => endpoint.Id == "handler/1");
        sick.Fault = Fault.Parse("status:500");
        using KubeVirtSession session = await host.OpenAsync(route);
        SessionScrape scrape = await SessionScrape.OfAsync(session);
        ScrapeResult failed = Assert.Single(scrape.Results, result => result.Error is not null);
        Assert.Equal(ScrapeError.HttpStatus, failed.Error!.Cause);
        Assert.StartsWith($"{sick.Pod.Name} (https://", failed.Error.Message, StringComparison.Ordinal);
        Assert.Contains($", {route}): the server answered 500", failed.Error.Message, StringComparison.Ordinal);
        Assert.Contains(scrape.Samples, sample => sample.StartsWith("kubevirt_handler.", StringComparison.Ordinal));
        Assert.DoesNotContain(scrape.Samples, sample => sample.Contains(sick.Pod.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task FromOutsideAutoTakesTheTunnelAndWithoutThePermissionTheProxy()
    {
        await using ApiCluster host = await ApiCluster.StartAsync();
        await host.HidePodsAsync();
        using KubeVirtSession outside = await host.OpenAsync(ComponentRoute.Auto);
        SessionScrape scrape = await SessionScrape.OfAsync(outside);
        Each.Of(scrape.Results, result => Assert.Null(result.Error));
        Assert.Equal((ComponentRoute.PortForward, "Direct: the connection was refused"), (outside.ActiveRoute, outside.RouteReason));
        Each.Of(scrape.Results, result => Assert.NotNull(result.CertificateExpires));

        using IDisposable refused = host.Server.Refuse(new ApiRefusal { Resource = "pods/portforward" });
        using KubeVirtSession restricted = await host.OpenAsync(ComponentRoute.Auto);
        Each.Of((await SessionScrape.OfAsync(restricted)).Results, result => Assert.Null(result.Error));
        Assert.Equal(ComponentRoute.ApiServerProxy, restricted.ActiveRoute);
        Assert.Contains("pods/portforward in namespace kubevirt", restricted.RouteReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWayThatLeadsNowhereAnyMoreIsLookedForAgain()
    {
        await using ApiCluster host = await ApiCluster.StartAsync();
        using KubeVirtSession session = await host.OpenAsync(ComponentRoute.Auto);
        await SessionScrape.OfAsync(session);
        Assert.Equal(ComponentRoute.Direct, session.ActiveRoute);
        await host.HidePodsAsync();
        Each.Of((await SessionScrape.OfAsync(session)).Results, result => Assert.Equal(ScrapeError.ConnectionRefused, result.Error!.Cause));
        Assert.Null(session.ActiveRoute);
        Each.Of((await SessionScrape.OfAsync(session)).Results, result => Assert.Null(result.Error));
        Assert.Equal(ComponentRoute.PortForward, session.ActiveRoute);
    }

    [Fact]
    public async Task AutoNeverTakesAWayWithoutVerificationForACertificateThatIsWrong()
    {
        await using ApiCluster host = await ApiCluster.StartAsync();
        foreach (SimulatedEndpoint endpoint in host.Host.Endpoints) endpoint.Fault = Fault.Parse("other-ca");
        using KubeVirtSession session = await host.OpenAsync(ComponentRoute.Auto);
        SessionScrape scrape = await SessionScrape.OfAsync(session);
        Each.Of(scrape.Results, result => Assert.Equal(ScrapeError.TlsUntrusted, result.Error!.Cause));
        Assert.Null(session.ActiveRoute);
        using IDisposable refused = host.Server.Refuse(new ApiRefusal { Resource = "pods/portforward" });
        Each.Of((await SessionScrape.OfAsync(session)).Results, result => Assert.Equal(ScrapeError.TlsUntrusted, result.Error!.Cause));
        Assert.Null(session.ActiveRoute);
        Assert.Null(session.TakeWarning());
    }

    [Fact]
    public async Task CountsAreExactWhileTheServerThrottlesDropsAndExpires()
    {
        await using ApiCluster host = await ApiCluster.StartAsync(handlers: 2, vmis: 700);
        using KubeVirtSession session = await host.OpenAsync();
        host.Server.Faults.Add(new ApiFault(ApiFaultKind.Throttle) { Resource = "virtualmachines", Times = 2, RetryAfterSeconds = 0 });
        host.Server.Faults.Add(new ApiFault(ApiFaultKind.Drop) { Resource = "virtualmachines", Page = 2, Bytes = 100_000, Times = 1 });
        host.Server.Faults.Add(new ApiFault(ApiFaultKind.Reset) { Resource = "virtualmachineinstances", Times = 1 });
        host.Server.Faults.Add(new ApiFault(ApiFaultKind.Expired) { Resource = "virtualmachineinstances", Page = 3, Times = 1 });
        HashSet<string> machines = [.. (await VirtualMachinesAsync(session, [])).Select(sample => $"{sample.Tags["kube_namespace"]}/{sample.Tags["vm_name"]}")];
        Assert.Equal(host.Host.Cluster.VirtualMachines.Select(vm => $"{vm.Namespace}/{vm.Name}").Order(StringComparer.Ordinal), machines.Order(StringComparer.Ordinal));
        List<string> instances = [];
        await foreach (MetricSample sample in ObjectCounts.OfInstances(session, [], static _ => { }, TestContext.Current.CancellationToken)) instances.Add($"{sample.Tags["kube_namespace"]}/{sample.Tags["vmi_name"]}");
        Assert.Equal(host.Host.Cluster.VirtualMachineInstances.Select(vmi => $"{vmi.Namespace}/{vmi.Name}").Order(StringComparer.Ordinal), instances.Order(StringComparer.Ordinal));
        Assert.Equal(0, host.Server.Faults.Count);
    }

    [Fact]
    public async Task MachinesThatNoSchemaAllowsAreToldAndHideNoOther()
    {
        await using ApiCluster host = await ApiCluster.StartAsync();
        using KubeVirtSession session = await host.OpenAsync();
        host.Server.Faults.Add(new ApiFault(ApiFaultKind.MalformedItems) { Resource = "virtualmachines" });
        List<KubernetesException> bad = [];
        List<MetricSample> samples = await VirtualMachinesAsync(session, bad);
        Assert.Equal(host.Host.Cluster.VirtualMachines.Count, samples.Count);
        Assert.Equal(8, bad.Count);
        Assert.Contains(bad, error => error.Message.Contains("VirtualMachine ns0/bad-labels: metadata.labels is not an object", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ATokenThatWasReplacedDoesNotEndTheSession()
    {
        await using ApiCluster host = await ApiCluster.StartAsync();
        using KubeVirtSession session = await host.OpenAsync(ComponentRoute.ApiServerProxy, host.ConnectionByTokenFile());
        Each.Of((await SessionScrape.OfAsync(session)).Results, result => Assert.Null(result.Error));
        await host.Server.Kubeconfig.RotateTokenAsync(cancellation: TestContext.Current.CancellationToken);
        Each.Of((await SessionScrape.OfAsync(session)).Results, result => Assert.Null(result.Error));
        Assert.NotEmpty(await VirtualMachinesAsync(session, []));
    }

    [Fact]
    public async Task WhatTheClusterSaysOfItsHealthIsWhatIsWritten()
    {
        await using ApiCluster host = await ApiCluster.StartAsync();
        using KubeVirtSession session = await host.OpenAsync();
        ComponentSurvey survey = await session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken);
        SessionHealth health = new(session, new ScrapeOptions(), TimeSpan.FromHours(1));
        HealthResult[] results = [.. health.Run(survey.Components, Enum.GetValues<ComponentKind>(), TestContext.Current.CancellationToken)];
        Each.Of(results, result => Assert.True(result.Healthy, $"{result.Name}: {result.Error?.Message} {string.Join(' ', result.Problems)}"));
        Assert.Equal(
            host.Host.Endpoints.Where(endpoint => endpoint.Pod is { Leading: true, Component: ComponentKind.Controller or ComponentKind.Operator }).Select(endpoint => endpoint.Pod.Name).Order(StringComparer.Ordinal),
            results.Where(result => result.Leading == true).Select(result => result.Name).Order(StringComparer.Ordinal));
        Assert.Contains("connectivity", results.First(result => result.Component == ComponentKind.Api).Body, StringComparison.Ordinal);
    }

    private static async Task<List<MetricSample>> VirtualMachinesAsync(KubeVirtSession session, List<KubernetesException> bad)
    {
        List<MetricSample> samples = [];
        await foreach (MetricSample sample in ObjectCounts.OfVirtualMachines(session, [], bad.Add, TestContext.Current.CancellationToken)) samples.Add(sample);
        return samples;
    }
}
