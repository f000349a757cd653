<#
Runs Watch-KubeVirtMetric in a runspace of its own, and tells every three seconds from beside it what the process holds: bytes of objects that are alive after a
full collection, and open handles.
#>
param(
    [string] $Module, [string] $UriFile, [string] $CertificateAuthority, [string] $ServerName,
    [double] $Interval, [long] $Rounds
)

$ErrorActionPreference = 'Stop'
$watch = [powershell]::Create().AddScript({
    param($Module, $UriFile, $CertificateAuthority, $ServerName, $Interval, $Rounds)
    $ErrorActionPreference = 'Stop'
    Import-Module $Module
    $parameters = @{
        Uri = [IO.File]::ReadAllLines($UriFile); CertificateAuthority = $CertificateAuthority; ServerName = $ServerName
        SampleInterval = $Interval; MaxSamples = $Rounds; TimeoutSec = 30; WarningAction = 'Ignore'
    }
    Watch-KubeVirtMetric @parameters | Out-Null
}).AddParameters([ordered]@{
    Module = $Module; UriFile = $UriFile; CertificateAuthority = $CertificateAuthority; ServerName = $ServerName; Interval = $Interval; Rounds = $Rounds
})
$run = $watch.BeginInvoke()
while (-not $run.AsyncWaitHandle.WaitOne(3000)) {
    [GC]::Collect()
    $heap = [GC]::GetGCMemoryInfo([GCKind]::FullBlocking)
    $handles = [IO.Directory]::GetFiles('/proc/self/fd').Length
    [Console]::Out.WriteLine("live=$($heap.HeapSizeBytes - $heap.FragmentedBytes) handles=$handles")
}

$null = $watch.EndInvoke($run)
