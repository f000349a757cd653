<#
.SYNOPSIS
Dot-sourced in BeforeAll: Open-Cluster starts a simulated cluster with its API server, Close-Cluster ends it.

.DESCRIPTION
What Open-Cluster writes has KubeConfig, the path of a kubeconfig in YAML; Server, the address of the API server; Nodes, Machines and Instances, what the
simulator says it holds; and Missing, why there is no cluster, or $null. The Datadog Agents mount KubeVirt's authorities, unless -Agent has other arguments.
#>
function Open-Cluster([string] $Folder, [int] $Handlers = 3, [int] $Vmis = 4, [int] $Seed = 0, [string] $AgentNamespace, [string] $Namespace, [string[]] $Agent = @('--agent-mounts-authority'), [switch] $HyperConverged, [switch] $EveryKind, [string[]] $Fault = @(), [string[]] $Option = @()) {
    $options = @('cluster', '--folder', $Folder, '--handlers', $Handlers, '--vmis', $Vmis, '--seed', $Seed, '--duration', '10m') + $Option
    if ($AgentNamespace) { $options += @('--datadog-agent', $AgentNamespace) + $Agent }
    if ($Namespace) { $options += '--namespace', $Namespace }
    if ($HyperConverged) { $options += '--hyperconverged' }
    if ($EveryKind) { $options += '--every-kind' }
    foreach ($one in $Fault) { $options += '--fault', $one }
    $simulator = Start-Simulator $options
    $cluster = [pscustomobject] @{ Missing = $simulator.Missing; KubeConfig = "$Folder/kubeconfig"; Folder = $Folder; Server = $null; Nodes = 0; Machines = 0; Instances = 0; Process = $simulator.Process }
    foreach ($line in $simulator.Lines) {
        if ($line -match '(?<nodes>\d+) nodes, (?<machines>\d+) VMs, (?<instances>\d+) VMIs') {
            $cluster.Nodes, $cluster.Machines, $cluster.Instances = [int] $Matches.nodes, [int] $Matches.machines, [int] $Matches.instances
        }
        if ($line -match 'API server\s+(?<uri>https://\S+)') { $cluster.Server = [uri] $Matches.uri }
    }
    if ($cluster.Process -and -not (Test-Path $cluster.KubeConfig)) { throw "The simulator did not start: $($cluster.Process.StandardError.ReadToEnd())" }
    $cluster
}

# The simulator, with what it has said before it serves; or why there is none. It ends by itself where a test run is cut off.
function Start-Simulator([string[]] $Arguments) {
    $program = Get-ChildItem "$PSScriptRoot/../../src/KubeVirtMonitor.Simulator/bin" -Recurse -Filter KubeVirtMonitor.Simulator.dll -ErrorAction Ignore |
        Sort-Object LastWriteTime | Select-Object -Last 1
    $missing = if (-not $program) { 'The simulator is not built.' } elseif (-not (Get-Command dotnet -ErrorAction Ignore)) { 'There is no dotnet on the PATH.' }
    if ($missing) { return [pscustomobject] @{ Missing = $missing; Process = $null; Lines = @() } }
    $start = [Diagnostics.ProcessStartInfo]::new('dotnet')
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    foreach ($argument in @($program.FullName) + $Arguments) { $start.ArgumentList.Add($argument) }
    $process = [Diagnostics.Process]::Start($start)
    $lines = while ($null -ne ($line = $process.StandardOutput.ReadLine()) -and $line -notlike 'Serving*') { $line }
    [pscustomobject] @{ Missing = $null; Process = $process; Lines = @($lines) }
}

function Close-Cluster($Cluster) {
    if (-not $Cluster.Process) { return }
    $Cluster.Process.Kill()
    $Cluster.Process.WaitForExit()
    $Cluster.Process.Dispose()
}

# Gives the contexts of a kubeconfig another name: "simulator" becomes NAME, "simulator-viewer" NAME-viewer.
function Rename-Context($Cluster, [string] $Name) {
    $text = [IO.File]::ReadAllText($Cluster.KubeConfig) -replace '(name|cluster|user|current-context): (simulat|token|certificate|exec|rotating|monitor|viewer|nobody)', ('$1: {0}-$2' -f $Name) -replace "$Name-simulator", $Name
    [IO.File]::WriteAllText($Cluster.KubeConfig, $text)
}

# The token of the context "simulator", as the kubeconfig has it.
function Get-AdminToken($Cluster) { [regex]::Match([IO.File]::ReadAllText($Cluster.KubeConfig), '(?m)^- name: (?:\w+-)?token\n  user:\n    token: (?<token>\S+)').Groups['token'].Value }

function Get-Secret([string] $Text) { [Net.NetworkCredential]::new('', $Text).SecurePassword }
