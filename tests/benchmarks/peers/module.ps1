<#
Measures the module inside PowerShell. With -Once one measurement of a fresh process (bare, cold); otherwise one
measurement per line on standard input, where the line names what to measure.
#>
param([string] $Module, [string] $Path, [string] $Once, [string] $UriFile, [string] $CertificateAuthority, [string] $ServerName, [double] $Interval, [int] $First, [string] $KubeConfig)

$ErrorActionPreference = 'Stop'
$pattern = '*vmi.memory*'
$one = 'kubevirt_handler.vmi.memory_resident_bytes'

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

function Write-Reading([double] $Cpu, [long] $Samples) {
    [Console]::Out.WriteLine([string]::Format([cultureinfo]::InvariantCulture, 'cpu={0:F6} samples={1} peak={2}', $Cpu, $Samples, (Get-PeakKiB)))
}

if ($Once -eq 'bare') {
    [Console]::Out.WriteLine("peak=$(Get-PeakKiB)")
    return
}

Import-Module $Module
if ($Once) {
    $before = Get-CpuTime
    $x = Get-KubeVirtMetric -Path $Path
    Write-Reading ((Get-CpuTime) - $before) $x.Count
    return
}

$assembly = (Get-Command Get-KubeVirtMetric).ImplementingType.Assembly
$debuggable = [Attribute]::GetCustomAttribute($assembly, [Diagnostics.DebuggableAttribute])
if ($debuggable -and $debuggable.IsJITOptimizerDisabled) {
    throw 'The staged module is a Debug build. Build it with -c Release; tests/benchmarks/run does.'
}

if ($KubeConfig) { $null = Connect-KubeVirt $KubeConfig }
$trust = @{ CertificateAuthority = $CertificateAuthority; ServerName = $ServerName }
$uris = if ($UriFile) { [IO.File]::ReadAllLines($UriFile) }
if ($Path) {
    # As long as our readers outside of PowerShell: until the runtime has compiled the hot code in its final form.
    $warm = [Diagnostics.Stopwatch]::StartNew()
    while ($warm.Elapsed.TotalSeconds -lt 2) {
        $x = $null
        $x = Get-KubeVirtMetric -Path $Path
    }
}

while ($null -ne ($case = [Console]::In.ReadLine())) {
    # What earlier measurements left behind is collected outside the measured time.
    $x = $null
    [GC]::Collect()
    # Ten times where one takes milliseconds, so that the clock's grain and what else happens meanwhile do not show.
    $repeats = if ($case -like 'pwsh-name-*') { 10 } else { 1 }
    $before = Get-CpuTime
    for ($i = 0; $i -lt $repeats; $i++) {
        switch ($case) {
            'pwsh-get' { $x = Get-KubeVirtMetric -Path $Path }
            'pwsh-name-some' { $x = Get-KubeVirtMetric -Path $Path -Name $pattern }
            'pwsh-where-some' { $x = Get-KubeVirtMetric -Path $Path | Where-Object Name -like $pattern }
            'pwsh-name-one' { $x = Get-KubeVirtMetric -Path $Path -Name $one }
            'pwsh-where-one' { $x = Get-KubeVirtMetric -Path $Path | Where-Object Name -like $one }
            'targets-pwsh' { $x = Get-KubeVirtMetric -Uri $uris @trust }
            'targets-pwsh-gzip' { $x = Get-KubeVirtMetric -Uri $uris @trust -IncludeUnmapped -Headers @{ 'Accept-Encoding' = 'gzip' } }
            'usage' { $x = Get-KubeVirtUsage -Uri $uris @trust -SampleInterval $Interval -TimeoutSec 60 -WarningAction Ignore }
            'alerts' { $x = Test-KubeVirtAlert -SampleInterval 0 }
            'alerts-scrapes' { $x = Get-KubeVirtMetric }
            'usage-scrapes' {
                $x = Get-KubeVirtMetric -Uri $uris @trust
                Start-Sleep -Seconds $Interval
                $x = $x, (Get-KubeVirtMetric -Uri $uris @trust)
            }
            default { throw "There is nothing to measure under the name '$case'." }
        }
    }

    $cpu = ((Get-CpuTime) - $before) / $repeats
    if ($case -eq 'usage' -and $x.Where({ $null -eq $_.CpuPercent }, 'First')) { throw 'Usage has no rates: the values did not move between the looks.' }
    Write-Reading $cpu $(if ($case -eq 'usage-scrapes') { $x[0].Count + $x[1].Count } else { $x.Count })
}
