using KubeVirtMonitor.Display;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Simulator;

/// <summary>The part of the tour that opens a session to the cluster, without PowerShell.</summary>
internal sealed class LibrarySessionTour(TourStage stage, TextWriter output)
{
    private readonly ScrapeOptions _options = new() { NoProxy = true };
    private int _wrong;

    /// <summary>Runs the steps and returns how many did not work.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        ServerOptions authority = new() { CertificateAuthority = stage.Server.Kubeconfig.AuthorityFile };
        using KubernetesClient client = new(KubernetesConnection.FromToken(stage.Server.Uri, stage.Server.Kubeconfig.AdminToken, authority));
        using KubeVirtSession session = await KubeVirtSession.OpenAsync(client, cancellationToken: cancellation);
        IReadOnlyList<KubeVirtComponent> components = (await session.FindComponentsAsync(cancellation)).Components;
        await ComponentsAsync(components);
        await HealthAsync(session, components, cancellation);
        await MetricsAsync(session, components, cancellation);
        await ProbesAsync(session, cancellation);
        return _wrong;
    }

    private async Task ComponentsAsync(IReadOnlyList<KubeVirtComponent> components)
    {
        await TitleAsync("An address and a token are all it takes. The session finds what runs there, and who leads");
        await TableAsync(["Name", "Component", "Node", "Leading"], components.Select(component => (string[])[component.Name, $"{component.Component}", component.Node ?? "", $"{component.Leading}"]));
        int leading = components.Count(component => component is { Component: ComponentKind.Controller, Leading: true });
        await CheckAsync(components.Count == 7 && leading == 1, "seven components, and one virt-controller that leads");
    }

    private async Task HealthAsync(KubeVirtSession session, IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellation)
    {
        await TitleAsync("How they are. Certificates are verified, and one has expired");
        HealthResult[] results = [.. new SessionHealth(session, _options, TimeSpan.FromHours(1)).Run(components, [ComponentKind.Api], cancellation)];
        await TableAsync(["Name", "Healthy", "Problem"], results.Select(result => (string[])[result.Name, $"{result.Healthy}", result.Error?.Message ?? ""]));
        await CheckAsync(results.Length == 7 && results.Count(result => !result.Healthy) == 1, "one of seven that is not healthy");
    }

    private async Task MetricsAsync(KubeVirtSession session, IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellation)
    {
        await TitleAsync("One metric of every machine: the node that cannot be scraped is an error of its own, and hides no other");
        MappingOptions wanted = new() { NameFilter = (name, _) => name.EndsWith(".vmi.memory_resident_bytes", StringComparison.Ordinal) };
        List<MetricSample> samples = [];
        int failed = 0;
        foreach (FanOutItem item in new SessionScraper(session, _options, wanted).Run(components, cancellation))
        {
            samples.AddRange(item.Samples.Span);
            if (item.Result?.Error is not { } error) continue;
            failed++;
            await output.WriteLineAsync($"  {error.Message}");
        }

        await TableAsync(["Name", "Value", "Instance"], samples.Select(sample => (string[])[sample.Name, ValueText.Of(sample), sample.Tags["name"]]));
        await CheckAsync(samples.Count == 10 && failed == 1, "ten values and one error");
    }

    private async Task ProbesAsync(KubeVirtSession session, CancellationToken cancellation)
    {
        await TitleAsync("A probe, run now as kubelet would run it: one guest agent answers, the other guest has none");
        VmiProbe ping = new() { Kind = ProbeKind.GuestAgentPing };
        using ProbePool pool = new(session, new ProbeRunOptions(), cancellation);
        pool.Add(new ProbeRunTarget { Namespace = "ns0", Name = "vm-00000", Probes = [ping] });
        pool.Add(new ProbeRunTarget { Namespace = "ns2", Name = "vm-00007", Probes = [ping] });
        ProbeResult[] results = [.. pool.Complete().Select(item => item.Result).OfType<ProbeResult>().OrderBy(result => result.Name, StringComparer.Ordinal)];
        await TableAsync(["Name", "Kind", "Success", "Message"], results.Select(result => (string[])[result.Name, $"{result.Kind}", $"{result.Success}", result.Message ?? ""]));
        await CheckAsync(results is [{ Success: true }, { Success: false }], "one success and one failure");
    }

    private Task TitleAsync(string title) => output.WriteLineAsync($"\n{title}\n");

    private Task TableAsync(string[] headers, IEnumerable<string[]> rows) => output.WriteAsync(TextTable.Of(headers, rows));

    private async Task CheckAsync(bool worked, string expected)
    {
        if (worked) return;
        _wrong++;
        await output.WriteLineAsync($"  This step did not work: expected {expected}.");
    }
}
