using System.Diagnostics;
using System.Text.Json;

namespace KubeVirtMonitor.Simulator;

/// <summary>The tour with the real cmdlets, in a pwsh of its own.</summary>
internal sealed class PowerShellTour(TourStage stage, string manifest, TextWriter output)
{
    public IReadOnlyList<TourStep> Steps => MakeSteps(stage, manifest);

    /// <summary>Runs the steps and returns how many did not work.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        string steps = Path.Combine(stage.Folder, "steps.json");
        string script = Path.Combine(stage.Folder, "tour.ps1");
        await File.WriteAllTextAsync(steps, JsonSerializer.Serialize(Steps), cancellation);
        await using (Stream source = typeof(PowerShellTour).Assembly.GetManifestResourceStream("TourScript.ps1")!)
        await using (FileStream target = File.Create(script)) await source.CopyToAsync(target, cancellation);

        ProcessStartInfo start = PowerShellHost.Describe(["-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", script, steps]);
        start.WorkingDirectory = stage.Folder;

        // A proxy of the environment has no way back to this machine.
        start.Environment["NO_PROXY"] = "127.0.0.1";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            await Task.WhenAll(CopyAsync(process.StandardOutput), CopyAsync(process.StandardError));
            await process.WaitForExitAsync(cancellation);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        return process.ExitCode;

        async Task CopyAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync(cancellation) is { } line) await output.WriteLineAsync(line);
        }
    }

    /// <summary>The manifest of the newest module under <c>out</c>, looked for from the program upwards; null where none is built.</summary>
    public static string? FindModule()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            DirectoryInfo built = new(Path.Combine(directory.FullName, "out", "KubeVirtMonitor"));
            if (!built.Exists) continue;
            return built.EnumerateDirectories()
                .Select(version => (Version: Version.TryParse(version.Name, out Version? parsed) ? parsed : null, Manifest: Path.Combine(version.FullName, "KubeVirtMonitor.psd1")))
                .Where(found => found.Version is not null && File.Exists(found.Manifest))
                .OrderByDescending(found => found.Version)
                .Select(found => found.Manifest)
                .FirstOrDefault();
        }

        return null;
    }

    private static IReadOnlyList<TourStep> MakeSteps(TourStage stage, string manifest)
    {
        string[] uris = [.. stage.Handlers.Select(endpoint => endpoint.MetricsUri.ToString())];
        SimulatedEndpoint api = stage.Host["api/0"];
        string version = Path.GetFileName(Path.GetDirectoryName(manifest))!;
        return
        [
            new(
                "Import the module that the build created",
                $"Import-Module ./out/KubeVirtMonitor/{version}/KubeVirtMonitor.psd1",
                "(Get-Command -Module KubeVirtMonitor -Name Get-KubeVirtMetric).Count -eq 1",
                $"Import-Module '{manifest.Replace("'", "''", StringComparison.Ordinal)}'"),
            new(
                "Connect with a kubeconfig. The session finds KubeVirt, its components and a route to them",
                "Connect-KubeVirt -KubeConfigPath ./kubeconfig",
                "$last.Count -eq 1 -and $last[0].InstallNamespace -eq 'kubevirt'"),
            new(
                "List the components and their leaders",
                "Get-KubeVirtComponent",
                "$last.Count -eq 9 -and @($last | Where-Object { $_.Component -eq 'Controller' -and $_.Leading }).Count -eq 1"),
            new(
                "Test their health. Certificates are verified, and one of them has expired",
                "Test-KubeVirtHealth",
                "$last.Count -eq 9 -and @($last | Where-Object { -not $_.Healthy }).Count -eq 1"),
            new(
                "Read one metric of every VMI. The node that cannot be scraped is an error, and the other nodes are still read",
                "Get-KubeVirtMetric -Name *.vmi.memory_resident_bytes",
                "@($last | Where-Object { $_ -is [KubeVirtMonitor.MetricSample] }).Count -eq 10 -and @($last | Where-Object { $_ -is [Management.Automation.ErrorRecord] }).Count -eq 1"),
            new(
                "Count the VMIs in the Kubernetes API by phase",
                "Get-KubeVirtVmi | Group-Object Phase -NoElement",
                "($last | Measure-Object Count -Sum).Sum -eq 16"),
            new(
                "Run a probe as kubelet runs it. One guest agent responds; the other guest has no agent",
                "Test-VmiProbe -Name vm-00000, vm-00007 -GuestAgentPing",
                "$last.Count -eq 2 -and @($last | Where-Object Success).Name -eq 'vm-00000'"),
            new(
                "Scrape one virt-handler by its address, without a session. KubeVirt's certificates contain service names and no addresses, so specify the name to expect and the authority to trust",
                $"$tls = @{{ CertificateAuthority = './{TourStage.AuthorityFile}'; ServerName = '{stage.Handlers[0].ServerNames[2]}' }}\n"
                + $"Get-KubeVirtMetric -Uri {uris[0]} @tls -Name *.vmi.memory_domain*, *.vmi.cpu_usage*",
                "$last.Count -eq 10 -and ($last | Where-Object { $_.Tags.name -eq 'vm-00001' -and $_.Name -like '*memory*' }).Value -eq 3GB"),
            new(
                "Scrape three virt-handlers at the same time. One has an expired certificate; the others are still scraped",
                $"$metrics = Get-KubeVirtMetric -Uri {uris[0]},\n    {uris[1]},\n    {uris[2]} @tls -ErrorVariable failed\n"
                + "\"$($metrics.Count) values of $(@($metrics.Target | Sort-Object -Unique).Count) targets; $($failed.Count) target failed\"",
                "$metrics.Count -gt 1000 -and $failed.Count -eq 1 -and $failed[0].FullyQualifiedErrorId -like 'TlsExpired,*'"),
            new(
                "Samples are objects: filter, group and sum them",
                "$metrics | Where-Object Name -like *.vmi.storage_iops* | Group-Object { $_.Tags.drive } |\n    Select-Object Name, Count, @{ Name = 'Operations'; Expression = { ($_.Group | Measure-Object Value -Sum).Sum } }",
                "$last.Count -eq 2 -and ($last | Measure-Object Count -Sum).Sum -eq 40"),
            new(
                "Show everything about one sample",
                "$metrics | Where-Object Name -like *.vmi.vcpu_wait* | Select-Object -First 1 | Format-List",
                "$last.Count -gt 0"),
            new(
                "Check the health of virt-api",
                $"Get-KubeVirtMetric -Uri {api.MetricsUri} -HealthUri {api.HealthUri} -Name *.can_connect `\n    -CertificateAuthority ./{TourStage.AuthorityFile} -ServerName {api.ServerNames[2]}",
                "$last.Count -eq 1 -and $last[0].Value -eq 1"),
            new(
                "Read a saved scrape of KubeVirt 1.2: the names are the same, and a value that this version exposes in another unit is corrected",
                $"Get-KubeVirtMetric -Path ./{TourStage.OldScrapeFile} -Name *.vcpu_seconds* -Tag @{{ name = 'vm-00001'; id = '0' }} |\n    Format-List Name, Value, Unit, RawName, Correction",
                $"(Get-KubeVirtMetric -Path ./{TourStage.OldScrapeFile} -Name *.vcpu_seconds* -Tag @{{ name = 'vm-00001'; id = '0' }}).Value -eq 190"),
            new(
                "Compare a scrape with the catalogue: what is missing and what is unknown, with the reason",
                $"Compare-KubeVirtMetric -Uri {uris[0]} @tls",
                "@($last | Where-Object { $_.Documented -and $_.Status -eq 'Missing' }).Count -eq 0 -and $last.Count -gt 0"),
            new(
                "Look up what the names mean",
                "Get-KubeVirtMetricDefinition -Name *.vmi.memory_u*",
                "$last.Count -eq 2"),
        ];
    }
}
