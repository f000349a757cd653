<#
Measures the module in a PowerShell of its own: one thing, the first that the process does, and then the end.
#>
param(
    [string] $Module, [string] $Kind, [string] $KubeConfig,
    [string] $PrometheusUri, [int] $Hours, [int] $Minutes, [string] $Property,
    [string] $UriFile, [int] $First, [string] $CertificateAuthority, [string] $ServerName, [double] $Interval
)

$ErrorActionPreference = 'Stop'

# Environment.CpuUsage has microseconds and came with .NET 9; before it there are only clock ticks.
$exact = [Environment].GetProperty('CpuUsage')
$self = [Diagnostics.Process]::GetCurrentProcess()
function Get-CpuTime {
    if ($exact) { return $exact.GetValue($null).TotalTime.TotalSeconds }
    $self.Refresh()
    $self.TotalProcessorTime.TotalSeconds
}

function Get-PeakKiB {
    [regex]::Match([IO.File]::ReadAllText('/proc/self/status'), 'VmHWM:\s+(\d+)').Groups[1].Value
}

if ($Kind -eq 'bare') {
    [Console]::Out.WriteLine("peak=$(Get-PeakKiB)")
    return
}

Import-Module $Module
$assembly = (Get-Command Get-KubeVirtMetric).ImplementingType.Assembly
$debuggable = [Attribute]::GetCustomAttribute($assembly, [Diagnostics.DebuggableAttribute])
if ($debuggable -and $debuggable.IsJITOptimizerDisabled) {
    throw 'The staged module is a Debug build. Build it with -c Release; tests/benchmarks/run does.'
}

$trust = @{ CertificateAuthority = $CertificateAuthority; ServerName = $ServerName }
$uris = if ($UriFile) { [IO.File]::ReadAllLines($UriFile)[0..($First - 1)] }
$before = Get-CpuTime
$watch = [Diagnostics.Stopwatch]::StartNew()
switch ($Kind) {
    'list' {
        $null = Connect-KubeVirt -KubeConfigPath $KubeConfig
        $vm = Get-KubeVirtVM -Namespace *
        $vmi = Get-KubeVirtVmi -Namespace *
        $found = { $vm.Count + $vmi.Count }
    }
    'count' {
        $null = Connect-KubeVirt -KubeConfigPath $KubeConfig
        $counts = Get-KubeVirtMetric -Name *.vm.count, *.vmi.count
        $found = { $counts.Count }
    }
    'count-api' {
        $null = Connect-KubeVirt -KubeConfigPath $KubeConfig
        $counts = Get-KubeVirtMetric -Component Api -Name *.vm.count, *.vmi.count
        $found = { $counts.Count }
    }
    { $_ -in 'list-and-count', 'list-and-count-again' } {
        $null = Connect-KubeVirt -KubeConfigPath $KubeConfig
        if ($_ -eq 'list-and-count-again') {
            $vm = Get-KubeVirtVM -Namespace *
            $vmi = Get-KubeVirtVmi -Namespace *
            $counts = Get-KubeVirtMetric -Name *.vm.count, *.vmi.count

            # What the first time left behind is collected outside the measured time, as between any two measurements.
            $vm = $vmi = $counts = $null
            [GC]::Collect()
            $watch.Restart()
            $before = Get-CpuTime
        }

        $vm = Get-KubeVirtVM -Namespace *
        $vmi = Get-KubeVirtVmi -Namespace *
        $counts = Get-KubeVirtMetric -Name *.vm.count, *.vmi.count
        $found = {
            if ($vm.Count + $vmi.Count -ne $counts.Count) { throw "$($vm.Count) machines and $($vmi.Count) instances were listed, and $($counts.Count) counted." }
            $counts.Count
        }
    }
    'history' {
        $count = 0
        Get-KubeVirtUsage -PrometheusUri $PrometheusUri -Last "${Hours}h" -Step "${Minutes}m" -Property ($Property -split ',') | & { process { $script:count++ } }
        $found = { $script:count }
    }
    'once' {
        $x = Get-KubeVirtMetric -Uri $uris @trust
        $found = { $x.Count }
    }
    'once-gzip' {
        $x = Get-KubeVirtMetric -Uri $uris @trust -IncludeUnmapped -Headers @{ 'Accept-Encoding' = 'gzip' }
        $found = { $x.Count }
    }
    'once-null' {
        Get-KubeVirtMetric -Uri $uris @trust | Out-Null
        $found = $null
    }
    'usage' {
        $x = Get-KubeVirtUsage -Uri $uris @trust -SampleInterval $Interval -TimeoutSec 60 -WarningAction Ignore
        $found = {
            if ($x.Where({ $null -eq $_.CpuPercent }, 'First')) { throw 'Usage has no rates: the values did not move between the looks.' }
            $x.Count
        }
    }
    'usage-scrapes' {
        $x = Get-KubeVirtMetric -Uri $uris @trust
        Start-Sleep -Seconds $Interval
        $y = Get-KubeVirtMetric -Uri $uris @trust
        $found = { $x.Count + $y.Count }
    }
    default { throw "There is nothing to measure under the name '$Kind'." }
}

$watch.Stop()
$cpu = (Get-CpuTime) - $before
$peak = Get-PeakKiB
$culture = [cultureinfo]::InvariantCulture
$line = [string]::Format($culture, 'cpu={0:F6} wall={1:F6} peak={2}', $cpu, $watch.Elapsed.TotalSeconds, $peak)
if ($found) { $line += " samples=$(& $found)" }
[Console]::Out.WriteLine($line)
