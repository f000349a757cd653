using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Display;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Simulator;

/// <summary>The tour without PowerShell: the same story, told through the library that the cmdlets stand on.</summary>
internal sealed class LibraryTour(TourStage stage, TextWriter output)
{
    private int _wrong;

    /// <summary>Runs the steps and returns how many did not work.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        _wrong += await new LibrarySessionTour(stage, output).RunAsync(cancellation);
        await OneHandlerAsync(cancellation);
        await ManyHandlersAsync(cancellation);
        await HealthAsync(cancellation);
        await OldScrapeAsync(cancellation);
        await DriftAsync(cancellation);
        await DefinitionsAsync();
        return _wrong;
    }

    private async Task OneHandlerAsync(CancellationToken cancellation)
    {
        await TitleAsync("Without a session: one virt-handler by its address. KubeVirt's certificates name services and not addresses, so say which one is meant and whose signature counts");
        Func<string, string, bool> wanted = (name, _) => name.Contains(".vmi.memory_domain", StringComparison.Ordinal) || name.Contains(".vmi.cpu_usage", StringComparison.Ordinal);
        (List<MetricSample> samples, _) = Scrape([ScrapeTarget.FromUri(stage.Handlers[0].MetricsUri)], Options(stage.Handlers[0]), new MappingOptions { NameFilter = wanted }, cancellation);
        await TableAsync(["Name", "Value", "Instance"], samples.Select(sample => (string[])[sample.Name, ValueText.Of(sample), sample.Tags["name"]]));
        await CheckAsync(samples.Count == 10 && samples.Any(sample => sample.Tags["name"] == "vm-00001" && sample.Value == 3L << 30), "ten values, and 3 GiB for vm-00001");
    }

    private async Task ManyHandlersAsync(CancellationToken cancellation)
    {
        await TitleAsync("Three virt-handlers at once, of which one shows a certificate that has expired: the others are not hidden by it");
        (List<MetricSample> samples, List<ScrapeResult> results) = Scrape(stage.Handlers.Select(handler => ScrapeTarget.FromUri(handler.MetricsUri)), Options(stage.Handlers[0]), new MappingOptions(), cancellation);
        foreach (ScrapeResult result in results) await output.WriteLineAsync($"  {ResultText.Of(result)}");
        foreach (ScrapeResult failed in results.Where(result => result.Error is not null)) await output.WriteLineAsync($"  {failed.Error!.Message}");
        await CheckAsync(
            samples.Count > 1000 && results.Count(result => result.Error is null) == 2 && results.Count(result => result.Error?.Cause == ScrapeError.TlsExpired) == 1,
            "two whole scrapes and one certificate that expired");
    }

    private async Task HealthAsync(CancellationToken cancellation)
    {
        await TitleAsync("Is virt-api well?");
        SimulatedEndpoint api = stage.Host["api/0"];
        HealthCheckResult health = await new MetricScraper(Options(api), new MappingOptions()).CheckHealthAsync(api.HealthUri, cancellation);
        await TableAsync(["Target", "CanConnect", "Status", "CertificateExpires"], [[health.Target, $"{health.CanConnect}", $"{health.StatusCode}", $"{health.CertificateExpires:u}"]]);
        await CheckAsync(health.CanConnect, "a connection");
    }

    private async Task OldScrapeAsync(CancellationToken cancellation)
    {
        await TitleAsync("A scrape of KubeVirt 1.2 that somebody saved: the same names, and what that version counted in another unit is put right");
        MappingOptions mapping = new()
        {
            NameFilter = (name, _) => name.Contains(".vcpu_seconds", StringComparison.Ordinal),
            TagFilter = tags => tags["name"] == "vm-00001" && tags["id"] == "0",
        };
        (List<MetricSample> samples, _) = Scrape([ScrapeTarget.FromFile(Path.Combine(stage.Folder, TourStage.OldScrapeFile))], new ScrapeOptions(), mapping, cancellation);
        await TableAsync(["Name", "Value", "Correction"], samples.Select(sample => (string[])[sample.Name, ValueText.Of(sample), sample.Correction ?? ""]));
        await CheckAsync(samples is [{ Value: 190, Correction: not null }], "190 seconds, with a correction");
    }

    private async Task DriftAsync(CancellationToken cancellation)
    {
        await TitleAsync("What is promised and missing, and what is there and unknown, with the reason");
        (_, List<ScrapeResult> results) = Scrape([ScrapeTarget.FromUri(stage.Handlers[0].MetricsUri)], Options(stage.Handlers[0]), new MappingOptions(), cancellation);
        MetricDrift[] drifts = results is [{ Summary: { } summary }] ? [.. DriftAnalyzer.Compare(summary).Where(drift => drift.Status != DriftStatus.Present)] : [];
        await TableAsync(["Name", "Status", "Reason"], drifts.Select(drift => (string[])[drift.Name, $"{drift.Status}", drift.Reason ?? ""]));
        await CheckAsync(drifts.Length > 0 && !drifts.Any(drift => drift.Documented && drift.Status == DriftStatus.Missing), "nothing documented to be missing");
    }

    private async Task DefinitionsAsync()
    {
        await TitleAsync("What the names mean");
        MetricDefinition[] definitions = [.. MetricCatalog.Default.Definitions.Where(definition => definition.Name.Contains(".vmi.memory_u", StringComparison.Ordinal))];
        await TableAsync(["Name", "Unit", "Description"], definitions.Select(definition => (string[])[definition.Name, definition.Unit ?? "", definition.Description]));
        await CheckAsync(definitions.Length == 2, "two definitions");
    }

    private ScrapeOptions Options(SimulatedEndpoint endpoint) => new()
    {
        NoProxy = true,
        Tls = new TlsOptions
        {
            CertificateAuthority = new X509Certificate2Collection(CertificateFiles.LoadAuthority([Path.Combine(stage.Folder, TourStage.AuthorityFile)])),
            ServerName = endpoint.ServerNames[2],
        },
    };

    private static (List<MetricSample> Samples, List<ScrapeResult> Results) Scrape(IEnumerable<ScrapeTarget> targets, ScrapeOptions options, MappingOptions mapping, CancellationToken cancellation)
    {
        List<MetricSample> samples = [];
        List<ScrapeResult> results = [];
        foreach (FanOutItem item in new FanOut(new MetricScraper(options, mapping)).Run(targets, cancellation))
        {
            samples.AddRange(item.Samples.Span);
            if (item.Result is { } result) results.Add(result);
        }

        return (samples, results);
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
