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
                "The module, as the build makes it",
                $"Import-Module ./out/KubeVirtMonitor/{version}/KubeVirtMonitor.psd1",
                "(Get-Command -Module KubeVirtMonitor -Name Get-KubeVirtMetric).Count -eq 1",
                $"Import-Module '{manifest.Replace("'", "''", StringComparison.Ordinal)}'"),
            new(
                "A kubeconfig is all it takes. The session finds KubeVirt, its components and the way to them",
                "Connect-KubeVirt -KubeConfigPath ./kubeconfig",
                "$last.Count -eq 1 -and $last[0].InstallNamespace -eq 'kubevirt'"),
            new(
                "What runs there, and who leads",
                "Get-KubeVirtComponent",
                "$last.Count -eq 9 -and @($last | Where-Object { $_.Component -eq 'Controller' -and $_.Leading }).Count -eq 1"),
            new(
                "How they are. Certificates are verified, and one has expired",
                "Test-KubeVirtHealth",
                "$last.Count -eq 9 -and @($last | Where-Object { -not $_.Healthy }).Count -eq 1"),
            new(
                "One metric of every machine: the node that cannot be scraped is an error of its own, and hides no other",
                "Get-KubeVirtMetric -Name *.vmi.memory_resident_bytes",
                "@($last | Where-Object { $_ -is [KubeVirtMonitor.MetricSample] }).Count -eq 10 -and @($last | Where-Object { $_ -is [Management.Automation.ErrorRecord] }).Count -eq 1"),
            new(
                "Machines, as the Kubernetes API has them",
                "Get-KubeVirtVmi | Group-Object Phase -NoElement",
                "($last | Measure-Object Count -Sum).Sum -eq 16"),
            new(
                "A probe, run now as kubelet would run it: one guest agent answers, the other guest has none",
                "Test-VmiProbe -Name vm-00000, vm-00007 -GuestAgentPing",
                "$last.Count -eq 2 -and @($last | Where-Object Success).Name -eq 'vm-00000'"),
            new(
                "Without a session: one virt-handler by its address. KubeVirt's certificates name services and not addresses, so say which one is meant and whose signature counts",
                $"$tls = @{{ CertificateAuthority = './{TourStage.AuthorityFile}'; ServerName = '{stage.Handlers[0].ServerNames[2]}' }}\n"
                + $"Get-KubeVirtMetric -Uri {uris[0]} @tls -Name *.vmi.memory_domain*, *.vmi.cpu_usage*",
                "$last.Count -eq 10 -and ($last | Where-Object { $_.Tags.name -eq 'vm-00001' -and $_.Name -like '*memory*' }).Value -eq 3GB"),
            new(
                "Three virt-handlers at once, of which one shows a certificate that has expired: the others are not hidden by it",
                $"$metrics = Get-KubeVirtMetric -Uri {uris[0]},\n    {uris[1]},\n    {uris[2]} @tls -ErrorVariable failed\n"
                + "\"$($metrics.Count) values of $(@($metrics.Target | Sort-Object -Unique).Count) targets; $($failed.Count) target failed\"",
                "$metrics.Count -gt 1000 -and $failed.Count -eq 1 -and $failed[0].FullyQualifiedErrorId -like 'TlsExpired,*'"),
            new(
                "Values are objects, and go where objects go",
                "$metrics | Where-Object Name -like *.vmi.storage_iops* | Group-Object { $_.Tags.drive } |\n    Select-Object Name, Count, @{ Name = 'Operations'; Expression = { ($_.Group | Measure-Object Value -Sum).Sum } }",
                "$last.Count -eq 2 -and ($last | Measure-Object Count -Sum).Sum -eq 40"),
            new(
                "All there is to know of one",
                "$metrics | Where-Object Name -like *.vmi.vcpu_wait* | Select-Object -First 1 | Format-List",
                "$last.Count -gt 0"),
            new(
                "Is virt-api well?",
                $"Get-KubeVirtMetric -Uri {api.MetricsUri} -HealthUri {api.HealthUri} -Name *.can_connect `\n    -CertificateAuthority ./{TourStage.AuthorityFile} -ServerName {api.ServerNames[2]}",
                "$last.Count -eq 1 -and $last[0].Value -eq 1"),
            new(
                "A scrape of KubeVirt 1.2 that somebody saved: the same names, and what that version counted in another unit is put right",
                $"Get-KubeVirtMetric -Path ./{TourStage.OldScrapeFile} -Name *.vcpu_seconds* -Tag @{{ name = 'vm-00001'; id = '0' }} |\n    Format-List Name, Value, Unit, RawName, Correction",
                $"(Get-KubeVirtMetric -Path ./{TourStage.OldScrapeFile} -Name *.vcpu_seconds* -Tag @{{ name = 'vm-00001'; id = '0' }}).Value -eq 190"),
            new(
                "What is promised and missing, and what is there and unknown, with the reason",
                $"Compare-KubeVirtMetric -Uri {uris[0]} @tls",
                "@($last | Where-Object { $_.Documented -and $_.Status -eq 'Missing' }).Count -eq 0 -and $last.Count -gt 0"),
            new(
                "What the names mean",
                "Get-KubeVirtMetricDefinition -Name *.vmi.memory_u*",
                "$last.Count -eq 2"),
        ];
    }
}
