using System.Management.Automation;

namespace KubeVirtMonitor.Errors;

/// <summary>The errors of probes and manifests.</summary>
internal static partial class ErrorRecords
{
    public static ErrorRecord ManifestInvalid(string where, Exception inner) => Make(
        new FormatException($"{where}: {inner.Message}.", inner),
        "ManifestInvalid",
        ErrorCategory.InvalidData,
        where,
        "Correct the text at that place; kubectl refuses it there as well. The other documents of the text were looked at.");

    public static ErrorRecord ManifestUnreadable(string path, Exception inner) => Make(
        new IOException($"{path}: {inner.Message}", inner),
        "ManifestUnreadable",
        inner is UnauthorizedAccessException ? ErrorCategory.PermissionDenied : ErrorCategory.ReadError,
        path,
        "Check the path, and the rights on the file.");

    public static ErrorRecord ManifestUnwritable(string path, Exception inner) => Make(
        new IOException($"{path}: {inner.Message}", inner),
        "ManifestUnwritable",
        ErrorCategory.WriteError,
        path,
        "Check the rights on the file, and the space on the disk.");

    public static ErrorRecord ManifestNotEdited(string where, FormatException inner) => Make(
        new FormatException($"{where}: {inner.Message}.", inner),
        "ManifestNotEdited",
        ErrorCategory.InvalidOperation,
        where,
        "The file is unchanged. Edit it by hand, and check it with Test-VmiProbe -Offline.");

    public static ErrorRecord NoMachineInManifest(string where) => Make(
        new ItemNotFoundException($"{where}: there is no such VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet or VirtualMachinePool."),
        "MachineNotFound",
        ErrorCategory.ObjectNotFound,
        where,
        "Check the manifest, and -Name and -Namespace where they are given.");

    public static ErrorRecord SeveralMachines(string where, IEnumerable<VmiManifest> found) => Make(
        new ArgumentException($"{where} has several machines: {string.Join(", ", found)}."),
        "SeveralMachines",
        ErrorCategory.InvalidArgument,
        where,
        "Say with -Name which is meant; -Name * means all of them.");

    public static ErrorRecord ProbeMalformed(VmiManifest manifest, FormatException inner) => Make(
        new FormatException($"{manifest}: {inner.Message}.", inner),
        "ProbeMalformed",
        ErrorCategory.InvalidData,
        manifest,
        "Test-VmiProbe -Offline says what is wrong with it and what to write instead.");

    public static ErrorRecord ProbeMisplaced(string where, ProbeFinding finding) => Make(
        new FormatException($"{where}: {finding.Field}: {finding.Message}."),
        "ProbeMisplaced",
        ErrorCategory.InvalidData,
        finding,
        finding.Advice);

    public static ErrorRecord ProbeRefused(VmiManifest manifest, ProbeFinding finding) => Make(
        new InvalidOperationException($"{manifest}: {finding.Id}: {finding.Field}: {finding.Message}. {finding.Consequence}"),
        "ProbeRefused",
        ErrorCategory.InvalidArgument,
        finding,
        $"Nothing was changed. {finding.Advice} With -Force it is set all the same.");

    public static ErrorRecord ProbeChoice() => Make(
        new ArgumentException("Say what to do: -Readiness or -Liveness, and either a probe or -Remove."),
        "ProbeChoice",
        ErrorCategory.InvalidArgument,
        null,
        "For example: New-VmiProbe -TcpSocket -Port 22 | Set-VmiProbe -Path vm.yaml -Readiness");

    public static ErrorRecord PortInvalid(ProbePort port) => Make(
        new ArgumentException($"{port} is no port."),
        "PortInvalid",
        ErrorCategory.InvalidArgument,
        port,
        "Give a number from 1 to 65535, or the name of a port of the machine's interface.");

    public static ErrorRecord NoProbeSource(object input) => Make(
        new ArgumentException($"Probes cannot be read from {input.GetType().Name}."),
        "InputInvalid",
        ErrorCategory.InvalidArgument,
        input,
        "Pipe machines (Get-KubeVirtVM), instances (Get-KubeVirtVmi), files (Get-ChildItem) or the text of a manifest (Get-Content).");
}
