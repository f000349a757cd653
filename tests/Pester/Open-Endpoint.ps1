<#
.SYNOPSIS
Dot-sourced in BeforeAll: Open-Endpoint serves files of a folder over HTTP on loopback, and some trouble.

.DESCRIPTION
/NAME.prom   the file
/healthz     200 ok
/ill         500 with a reason
/busy        503, and from the third request on the file virt-operator-1.9.prom
/moved       a redirect to /virt-operator-1.9.prom
/headers     the headers of the request, as a series each
/hang        headers and some thousand samples, and then nothing until the client goes away
/requests    how many requests to /hang are still open
#>
function Open-Endpoint([string] $Folder) {
    $listener = Open-Listener
    $state = [hashtable]::Synchronized(@{ Busy = 0; Open = 0 })
    $serve = {
        param($listener, $folder, $state)
        $answer = {
            param($context, $folder, $state)
            $response = $context.Response
            $response.ContentType = 'text/plain; version=0.0.4; charset=utf-8'
            $path = $context.Request.Url.AbsolutePath
            $text = switch -Regex ($path) {
                '^/healthz$' { 'ok' }
                '^/ill$' { $response.StatusCode = 500; 'the API server cannot be reached' }
                '^/moved$' { $response.StatusCode = 302; $response.RedirectLocation = '/virt-operator-1.9.prom'; '' }
                '^/busy$' {
                    if (++$state.Busy -lt 3) { $response.StatusCode = 503; 'Limit of concurrent requests reached (3), try again later.' }
                    else { [IO.File]::ReadAllText("$folder/virt-operator-1.9.prom") }
                }
                '^/headers$' { foreach ($name in $context.Request.Headers.AllKeys) { "kubevirt_header{name=`"$name`",value=`"$($context.Request.Headers[$name])`"} 1`n" } }
                '^/requests$' { "open_requests $($state.Open)`n" }
                '^/hang$' {
                    $state.Open++
                    $response.SendChunked = $true
                    try {
                        $start = [Text.Encoding]::UTF8.GetBytes("kubevirt_virt_handler_ready_status 1`n" + -join (1..2000 | ForEach-Object { "kubevirt_vmi_memory_resident_bytes{name=`"a$_`",namespace=`"b`"} 1`n" }))
                        $response.OutputStream.Write($start)
                        $response.OutputStream.Flush()
                        # A client that has gone away shows when something is written to it.
                        for ($i = 0; $i -lt 300; $i++) {
                            Start-Sleep -Milliseconds 100
                            $response.OutputStream.Write([byte[]] (35, 10))
                            $response.OutputStream.Flush()
                        }
                    } catch { $null = $_ } finally { $state.Open--; $response.Abort() }
                    return
                }
                '\.prom$' {
                    if ([IO.File]::Exists("$folder$path")) { [IO.File]::ReadAllText("$folder$path") } else { $response.StatusCode = 404; 'no such page' }
                }
                default { $response.StatusCode = 404; 'no such page' }
            }
            $bytes = [Text.Encoding]::UTF8.GetBytes(-join $text)
            $response.OutputStream.Write($bytes)
            $response.Close()
        }
        try {
            while ($listener.IsListening) {
                $shell = [powershell]::Create().AddScript($answer).AddArgument($listener.GetContext()).AddArgument($folder).AddArgument($state)
                $null = $shell.BeginInvoke()
            }
        } catch { $null = $_ }
    }
    $shell = [powershell]::Create().AddScript($serve).AddArgument($listener).AddArgument($Folder).AddArgument($state)
    $null = $shell.BeginInvoke()
    [pscustomobject] @{ Address = @($listener.Prefixes)[0].TrimEnd('/'); Listener = $listener; Shell = $shell; State = $state }
}

# A listener on a free port of loopback.
function Open-Listener {
    $probe = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $probe.Start()
    $port = $probe.LocalEndpoint.Port
    $probe.Stop()
    $listener = [Net.HttpListener]::new()
    $listener.Prefixes.Add("http://127.0.0.1:$port/")
    $listener.Start()
    $listener
}

function Close-Endpoint($Endpoint) {
    $Endpoint.Listener.Abort()
    $Endpoint.Shell.Dispose()
}
