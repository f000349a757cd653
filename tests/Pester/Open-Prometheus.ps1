<#
.SYNOPSIS
Dot-sourced in BeforeAll: Open-Prometheus starts a Prometheus over samples that a test gives.

.DESCRIPTION
It returns its Uri, and Close to end it; or, where Prometheus is not installed, Missing with the reason.
#>
function Open-Prometheus([string[]] $Lines) {
    foreach ($tool in 'prometheus', 'promtool') {
        if (-not (Get-Command $tool -CommandType Application -ErrorAction Ignore)) { return @{ Missing = "$tool is not installed."; Close = { } } }
    }
    $folder = (New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) "prometheus-$([guid]::NewGuid().ToString('n'))")).FullName
    [IO.File]::WriteAllText("$folder/samples.om", (($Lines + '# EOF') -join "`n") + "`n")
    [IO.File]::WriteAllText("$folder/prometheus.yml", "scrape_configs: []`n")
    $null = promtool tsdb create-blocks-from openmetrics "$folder/samples.om" "$folder/data" 2>&1
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $port = $listener.LocalEndpoint.Port
    $listener.Stop()
    $arguments = "--config.file=$folder/prometheus.yml", "--storage.tsdb.path=$folder/data", '--storage.tsdb.retention.time=10y', "--web.listen-address=127.0.0.1:$port", '--log.level=error'
    $process = Start-Process prometheus -ArgumentList $arguments -PassThru -RedirectStandardOutput "$folder/out" -RedirectStandardError "$folder/err"
    $uri = "http://127.0.0.1:$port"
    $end = [DateTime]::UtcNow.AddSeconds(60)
    while ($true) {
        try { $null = Invoke-RestMethod "$uri/-/ready" -TimeoutSec 2 -NoProxy; break }
        catch {
            if ($process.HasExited -or [DateTime]::UtcNow -gt $end) { throw "prometheus is not ready: $(Get-Content "$folder/err" -Raw)" }
            Start-Sleep -Milliseconds 100
        }
    }
    $close = {
        $process.Kill()
        $process.WaitForExit()
        Remove-Item $folder -Recurse -Force
    }.GetNewClosure()
    @{ Uri = $uri; Missing = $null; Close = $close }
}
