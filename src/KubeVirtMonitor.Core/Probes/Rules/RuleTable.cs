namespace KubeVirtMonitor.Probes;

/// <summary>The rules: ids, severities, and what to say of them.</summary>
internal static class RuleTable
{
    private const string Rejected = "The API server refuses the object.";
    private const string NeverStarts = "The object is accepted; the virt-launcher pod is refused, so the machine stays Pending with Synchronized=False, FailedCreate.";
    private const string NeverSucceeds = "The object is accepted and the machine starts; the probe fails every time, so the machine is never Ready, or is ended over and over.";

    public static ProbeRule NoHandler { get; } = Error("VMIP001", "A probe has no handler", Rejected, "Set exactly one of httpGet, tcpSocket, guestAgentPing and exec.");

    public static ProbeRule SeveralHandlers { get; } = Error("VMIP002", "A probe has more than one handler", Rejected, "Keep exactly one of httpGet, tcpSocket, guestAgentPing and exec.");

    public static ProbeRule UnknownField { get; } = Error("VMIP003", "A field does not exist", "The API server refuses the object under strict field validation, as kubectl asks for; otherwise it drops the field.", "Take the field out, or correct its spelling; letter case counts.");

    public static ProbeRule WrongType { get; } = Error("VMIP004", "A value has the wrong type", Rejected, "Write whole numbers without quotes, and text with quotes where it looks like a number or a truth value.");

    public static ProbeRule Missing { get; } = Error("VMIP005", "A required field is missing", Rejected, "Add the field.");

    public static ProbeRule BadPort { get; } = Error("VMIP006", "A port is neither a number from 1 to 65535 nor a valid name", NeverStarts, "Write a number from 1 to 65535 without quotes, or the name of a port of an interface: at most 15 of a-z, 0-9 and -, with a letter among them.");

    public static ProbeRule BadScheme { get; } = Error("VMIP007", "The scheme is neither HTTP nor HTTPS", Rejected, "Write HTTP or HTTPS in capitals, or leave the scheme out for HTTP.");

    public static ProbeRule UnknownPortName { get; } = Error("VMIP008", "No interface declares the named port", "The object is accepted and the machine starts; kubelet finds no such port and never runs the probe: a machine is never Ready by it, and never ended by it.", "Write the number, or name the port under domain.devices.interfaces[].ports.");

    public static ProbeRule NoCommand { get; } = Error("VMIP009", "An exec probe has no command", NeverStarts, "Add exec.command: the program in the guest, then its arguments, each an item of the list.");

    public static ProbeRule LivenessSuccess { get; } = Error("VMIP010", "A liveness probe asks for more than one success", NeverStarts, "Set successThreshold to 1, or leave it out.");

    public static ProbeRule LongTimeout { get; } = Warning("VMIP011", "The timeout is not below the period", "A probe that hangs is still waiting when the next is due, so failures are counted later than the period promises.", "Make timeoutSeconds smaller than periodSeconds; for guestAgentPing and exec KubeVirt adds one second to it.");

    public static ProbeRule NegativeDelay { get; } = Error("VMIP012", "The initial delay is negative even with KubeVirt's ten seconds", NeverStarts, "Set initialDelaySeconds to 0 or more.");

    public static ProbeRule ShortenedDelay { get; } = Warning("VMIP013", "A negative initial delay takes from KubeVirt's ten seconds", "KubeVirt adds 10 to it for the pod, so the probe starts before the time that KubeVirt gives libvirt to start.", "Set initialDelaySeconds to 0 or more.");

    public static ProbeRule ReplacedNumber { get; } = Warning("VMIP014", "A number below 1 does not count", "KubeVirt puts its default in the place of the number.", "Write a number of 1 or more, or leave the field out for the default.");

    public static ProbeRule NoPodNetwork { get; } = Error("VMIP015", "httpGet or tcpSocket without a pod network", Rejected, "Attach the pod network (networks: - name: default, pod: {}), or use guestAgentPing or exec, which need no network.");

    public static ProbeRule ClosedPort { get; } = Error("VMIP016", "The ports of the masquerade interface lack the probe's port", NeverSucceeds, "Add the port to the interface's ports, or take the list out to forward all ports.");

    public static ProbeRule OtherHost { get; } = Warning("VMIP017", "The probe asks another host", "kubelet asks that host from the node, whatever the state of the machine is.", "Take host out to have the machine asked; for a virtual host, set the header Host under httpHeaders.");

    public static ProbeRule PausedStart { get; } = Error("VMIP018", "A liveness probe together with startStrategy Paused", Rejected, "Take startStrategy out, or the liveness probe: a paused machine would fail it.");

    public static ProbeRule UnknownAgent { get; } = Warning("VMIP019", "The probe needs a guest agent that nothing speaks of", "Without the QEMU guest agent in the guest, the probe fails every time.", "Install and start qemu-guest-agent in the guest, or use httpGet or tcpSocket.");

    public static ProbeRule SameThresholds { get; } = Warning("VMIP020", "Liveness gives up no later than readiness", "A machine in trouble is ended as soon as it is taken out of traffic, with no time to recover.", "Give the liveness probe a larger failureThreshold or period than the readiness probe.");

    public static ProbeRule BrokenArgument { get; } = Error("VMIP021", "An exec argument breaks the request to the guest agent", "virt-launcher puts arguments into JSON without escaping them; the guest agent cannot read it, and the probe fails every time.", "Put the command into a script in the guest and run that, or avoid double quotes, backslashes and control characters.");

    public static ProbeRule ChangedArgument { get; } = Warning("VMIP022", "An exec argument reaches the guest changed", "virt-launcher puts arguments into JSON without escaping them; the guest agent reads each backslash sequence as JSON's.", "Put the command into a script in the guest and run that; or keep it, if the argument was escaped for JSON on purpose.");

    public static ProbeRule ShellLine { get; } = Warning("VMIP023", "An exec command looks like a line for a shell", "No shell reads the command: the guest agent looks for a program whose name is the whole line.", "Make each argument an item of its own, or run a shell: command: [/bin/sh, -c, the line].");

    public static ProbeRule BadHeader { get; } = Error("VMIP024", "A header's name is not valid", NeverStarts, "Use letters, digits and hyphens in names of headers.");

    public static ProbeRule NoRestart { get; } = Warning("VMIP025", "A liveness probe ends the machine and nothing starts it again", "When the probe fails, the machine is ended; with this run strategy KubeVirt makes no new instance.", "Set runStrategy to Always or RerunOnFailure, or use a readiness probe only.");

    public static IReadOnlyList<ProbeRule> All { get; } =
    [
        NoHandler, SeveralHandlers, UnknownField, WrongType, Missing, BadPort, BadScheme, UnknownPortName, NoCommand, LivenessSuccess,
        LongTimeout, NegativeDelay, ShortenedDelay, ReplacedNumber, NoPodNetwork, ClosedPort, OtherHost, PausedStart, UnknownAgent,
        SameThresholds, BrokenArgument, ChangedArgument, ShellLine, BadHeader, NoRestart,
    ];

    private static ProbeRule Error(string id, string title, string consequence, string advice) => new(id, ProbeFindingSeverity.Error, title, consequence, advice);

    private static ProbeRule Warning(string id, string title, string consequence, string advice) => new(id, ProbeFindingSeverity.Warning, title, consequence, advice);
}
