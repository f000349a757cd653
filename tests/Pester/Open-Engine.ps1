<#
.SYNOPSIS
Dot-sourced in BeforeAll, after Open-Cluster.ps1 and Open-Endpoint.ps1: Open-Engine starts a Prometheus or a VictoriaMetrics that scrapes simulators, Open-Stub a
server that answers as it is told; Close-Engine ends an engine.

.DESCRIPTION
What Open-Engine writes has Address, the address of its API, and Missing, why there is no engine, or $null. Each target has the labels that the ServiceMonitor of
KubeVirt gives; of several simulators, also the label cluster, which is k and the version.
#>
function Open-Engine([string] $Program, [object[]] $Simulators, [string] $Folder, [switch] $NoHonorLabels) {
    $missing = if (-not (Get-Command $Program -CommandType Application -ErrorAction Ignore)) { "$Program is not installed." } else { $Simulators.Missing | Select-Object -First 1 }
    if ($missing) { return [pscustomobject] @{ Missing = $missing; Process = $null; Address = $null } }
    $null = New-Item -ItemType Directory -Force $Folder
    $text = @"
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:

"@
    foreach ($simulator in $Simulators) {
        $cluster = if ($Simulators.Count -gt 1) { ", cluster: k$($simulator.Version)" }
        $text += @"
  - job_name: k$($simulator.Version)
    scheme: https
    honor_labels: $(if ($NoHonorLabels) { 'false' } else { 'true' })
    tls_config:
      insecure_skip_verify: true
    relabel_configs:
      - target_label: job
        replacement: kubevirt-prometheus-metrics
    static_configs:

"@
        foreach ($line in $simulator.Lines) {
            if ($line -notmatch '(?<kind>api|controller|handler|operator)/(?<number>\d+)\s+https://(?<address>\S+)/metrics') { continue }
            $text += "      - targets: ['$($Matches.address)']`n        labels: {namespace: kubevirt, pod: virt-$($Matches.kind)-$($Matches.number)x7z, container: virt-$($Matches.kind), service: kubevirt-prometheus-metrics, endpoint: metrics$cluster}`n"
        }
    }
    Set-Content "$Folder/scrape.yml" $text
    $probe = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $probe.Start()
    $port = $probe.LocalEndpoint.Port
    $probe.Stop()
    $start = [Diagnostics.ProcessStartInfo]::new($Program)
    $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $arguments = if ($Program -eq 'prometheus') { "--config.file=$Folder/scrape.yml", "--storage.tsdb.path=$Folder/data", "--web.listen-address=127.0.0.1:$port", '--log.level=error' }
    else { "-promscrape.config=$Folder/scrape.yml", "-storageDataPath=$Folder/data", "-httpListenAddr=127.0.0.1:$port", '-memory.allowedBytes=128MB', '-loggerLevel=ERROR' }
    foreach ($argument in $arguments) { $start.ArgumentList.Add($argument) }
    $process = [Diagnostics.Process]::Start($start)
    # What it says is read away, because a pipe that is full would stop it.
    $process.BeginOutputReadLine()
    $process.BeginErrorReadLine()
    $engine = [pscustomobject] @{ Missing = $null; Process = $process; Address = "http://127.0.0.1:$port" }
    # Eight scrapes of every pod.
    for ($i = 0; $i -lt 240; $i++) {
        Start-Sleep -Milliseconds 250
        $answer = try { Invoke-RestMethod "$($engine.Address)/api/v1/query?query=sum(sum_over_time(up%5B1m%5D)%20%3E%3D%20bool%208)&nocache=1" -NoProxy } catch { $null }
        if ($answer.data.result -and [int] $answer.data.result[0].value[1] -ge 8 * $Simulators.Count) { return $engine }
    }
    Close-Engine $engine
    throw "$Program does not scrape all pods."
}

function Close-Engine($Engine) {
    if (-not $Engine.Process) { return }
    $Engine.Process.Kill()
    $Engine.Process.WaitForExit()
    $Engine.Process.Dispose()
}

# A server with the API of Prometheus in which one machine runs, and which answers other queries as -Answer says: it gets the path and the query, and writes the status, the type and the body.
function Open-Stub([scriptblock] $Answer) {
    $listener = Open-Listener
    $serve = {
        param($listener, $answer)
        $answer = [scriptblock]::Create($answer)
        try {
            while ($listener.IsListening) {
                $context = $listener.GetContext()
                $form = [IO.StreamReader]::new($context.Request.InputStream).ReadToEnd()
                $query = [regex]::Match("$form&$($context.Request.Url.Query.TrimStart('?'))", '(^|&)query=(?<q>[^&]*)').Groups['q'].Value
                $query = [uri]::UnescapeDataString($query.Replace('+', ' '))
                $status, $type, $body, $headers = & $answer $context.Request.Url.AbsolutePath $query
                if ($null -eq $status) {
                    $now = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
                    $status, $type = 200, 'application/json'
                    $part = { param($name, $labels, $value) '{"metric":{"kubevirtmonitor_part":"' + $name + '"' + $labels + '},"value":[' + $now + ',"' + $value + '"]}' }
                    $result = if ($query -match '"machines"') { (& $part machines ',"namespace":"n"' 1), (& $part versions ',"kubeversion":"v1.9.0"' 1), (& $part signs '' 4) }
                    elseif ($query -match 'vector\(time') { (& $part now '' $now), (& $part newest '' ($now - 5)) }
                    $body = '{"status":"success","data":{"resultType":"vector","result":[' + ($result -join ',') + ']}}'
                }
                $response = $context.Response
                $response.StatusCode = $status
                $response.ContentType = $type
                foreach ($name in "$($headers.Keys)".Split(' ', [StringSplitOptions]::RemoveEmptyEntries)) { $response.Headers[$name] = $headers[$name] }
                $bytes = [Text.Encoding]::UTF8.GetBytes("$body")
                try {
                    if ($headers -and $headers['X-Cut']) { $response.ContentLength64 = $bytes.Length * 2; $response.OutputStream.Write($bytes); $response.OutputStream.Flush(); $response.Abort() }
                    else { $response.OutputStream.Write($bytes); $response.Close() }
                } catch { $null = $_ }
            }
        } catch { $null = $_ }
    }
    $shell = [powershell]::Create().AddScript($serve).AddArgument($listener).AddArgument("$Answer")
    $null = $shell.BeginInvoke()
    [pscustomobject] @{ Address = @($listener.Prefixes)[0].TrimEnd('/'); Listener = $listener; Shell = $shell }
}
