namespace KubeVirtMonitor.Probes;

/// <summary>The rules: ids, severities, texts and evidence.</summary>
internal static class RuleTable
{
    private const string Rejected = "The API server refuses the object.";
    private const string Server = "API server";

    /// <summary>For what the validation of the pod refuses.</summary>
    public const string NeverStarts = "The object is accepted, but the virt-launcher pod is refused, so the VMI stays Pending with Synchronized=False, FailedCreate.";

    /// <summary>For what a pool may contain but its VMs may not.</summary>
    public const string MachinesRejected = "The pool is accepted, but each VirtualMachine that it creates is refused, so it never has any.";

    private const string NeverSucceeds = "The object is accepted and the VMI starts, but the probe always fails, so the VMI is never Ready, or is terminated again and again.";

    public static ProbeRule NoHandler { get; } = Error("VMIP001", "A probe has no handler", Rejected, "Set exactly one of httpGet, tcpSocket, guestAgentPing and exec.", Refused("either {probe}.tcpSocket, {probe}.exec or {probe}.httpGet must be set if a {probe} is specified", "{probe}"));

    public static ProbeRule SeveralHandlers { get; } = Error("VMIP002", "A probe has more than one handler", Rejected, "Keep exactly one of httpGet, tcpSocket, guestAgentPing and exec.", Refused("{probe} must have exactly one probe type set", "{probe}"));

    public static ProbeRule UnknownField { get; } = Error("VMIP003", "A field does not exist", "With strict field validation, which kubectl uses by default, the API server refuses the object; otherwise it drops the field.", "Remove the field, or correct its spelling; names are case-sensitive.", new ProbeEvidence(Server, 400, "strict decoding error: unknown field \"{probe}.guestAgentPing.foo\""));

    public static ProbeRule WrongType { get; } = Error("VMIP004", "A value has the wrong type", Rejected, "Write integers without quotes, and put quotes around text that looks like a number or a Boolean.", Schema("{probe}.periodSeconds in body must be of type integer: \"string\""));

    public static ProbeRule Missing { get; } = Error("VMIP005", "A required field is missing", Rejected, "Add the field.", Schema("{probe}.tcpSocket.port in body is required"));

    public static ProbeRule BadPort { get; } = Error("VMIP006", "A port is neither a number from 1 to 65535 nor a valid name", NeverStarts, "Write a number from 1 to 65535 without quotes, or the name of a port of an interface: at most 15 of a-z, 0-9 and -, with a letter among them.", Pod("{probe}.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive"), Pod("{probe}.tcpSocket.port: Invalid value: \"Ssh_\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"));

    public static ProbeRule BadScheme { get; } = Error("VMIP007", "The scheme is neither HTTP nor HTTPS", Rejected, "Write HTTP or HTTPS in capital letters, or omit the scheme for HTTP.", Schema("{probe}.httpGet.scheme in body should be one of [HTTP HTTPS]"), new ProbeEvidence(Server, 201, "no webhook and no schema validates the scheme in a pool; the VirtualMachines it creates are refused") { Kind = "VirtualMachinePool" });

    public static ProbeRule UnknownPortName { get; } = Error("VMIP008", "No interface declares the named port", "The object is accepted and the VMI starts, but kubelet does not find the port and never runs the probe: with a readiness probe the VMI is never Ready, and a liveness probe never terminates it.", "Write the port number, or declare the name under domain.devices.interfaces[].ports.", Behaviour("kubelet", "looks up a named port among the ports of the container, and discards a probe whose port it does not find"));

    public static ProbeRule NoCommand { get; } = Error("VMIP009", "An exec probe has no command", NeverStarts, "Add exec.command: the program in the guest, then its arguments, each as a separate item of the list.", Pod("{probe}.exec.command: Required value"));

    public static ProbeRule LivenessSuccess { get; } = Error("VMIP010", "A liveness probe requires more than one success", NeverStarts, "Set successThreshold to 1, or omit it.", Pod("{probe}.successThreshold: Invalid value: 2: must be 1"));

    public static ProbeRule LongTimeout { get; } = Warning("VMIP011", "The timeout is not below the period", "A probe that hangs is still waiting when the next one is due, so failures are counted more slowly than the period suggests.", "Make timeoutSeconds smaller than periodSeconds; for guestAgentPing and exec KubeVirt adds one second to it.", Behaviour("kubelet", "waits for each run of a probe to end, or for its timeout, before it starts the next"));

    public static ProbeRule NegativeDelay { get; } = Error("VMIP012", "The initial delay is negative even with KubeVirt's ten seconds", NeverStarts, "Set initialDelaySeconds to 0 or more.", Pod("{probe}.initialDelaySeconds: Invalid value: -10: must be greater than or equal to 0"));

    public static ProbeRule ShortenedDelay { get; } = Warning("VMIP013", "A negative initial delay shortens KubeVirt's ten seconds", "KubeVirt adds 10 to it for the pod, so the probe starts before the ten seconds that KubeVirt allows libvirt to start.", "Set initialDelaySeconds to 0 or more.", new ProbeEvidence("virt-controller", 201, "with initialDelaySeconds -5 the virt-launcher pod gets 5 and is accepted"));

    public static ProbeRule ReplacedNumber { get; } = Warning("VMIP014", "A number below 1 is replaced", "KubeVirt replaces the number with its default.", "Write a number of 1 or more, or omit the field to use the default.", new ProbeEvidence("virtualmachineinstances-mutator", 201, "replaces every number below 1 with its default: timeoutSeconds 1, periodSeconds 10, successThreshold 1, failureThreshold 3"));

    public static ProbeRule NoPodNetwork { get; } = Error("VMIP015", "httpGet or tcpSocket without a pod network", Rejected, "Attach the pod network (networks: - name: default, pod: {}), or use guestAgentPing or exec, which need no network.", Refused("{probe}.tcpSocket is only allowed if the Pod Network is attached", "{probe}.tcpSocket"), new ProbeEvidence("virtualmachinereplicaset-validator.kubevirt.io", 422, "{probe}.tcpSocket is only allowed if the Pod Network is attached") { Field = "{probe}.tcpSocket", Kind = "VirtualMachineInstanceReplicaSet" }, new ProbeEvidence("virtualmachinepool-validator.kubevirt.io", 422, "{probe}.tcpSocket is only allowed if the Pod Network is attached") { Field = "{probe}.tcpSocket", Kind = "VirtualMachinePool" });

    public static ProbeRule ClosedPort { get; } = Error("VMIP016", "The masquerade interface does not forward the probe's port", NeverSucceeds, "Add the port to the interface's ports, or remove the list to forward all ports.", Behaviour("virt-launcher", "forwards only the listed ports if a masquerade interface has a list of ports"));

    public static ProbeRule OtherHost { get; } = Warning("VMIP017", "The probe connects to another host", "kubelet connects to that host from the node, whatever the state of the VMI is.", "Remove host to probe the VMI; to select a virtual host, set the header Host under httpHeaders.", Behaviour("kubelet", "connects to the host of the probe instead of the pod's address"));

    public static ProbeRule PausedStart { get; } = Error("VMIP018", "A liveness probe together with startStrategy Paused", Rejected, "Remove startStrategy or the liveness probe: a paused VMI would fail it.", Refused("either {spec}.startStrategy or {spec}.livenessProbe should be provided.Pausing VMI with LivenessProbe is not supported", "{spec}.startStrategy"));

    public static ProbeRule UnknownAgent { get; } = Warning("VMIP019", "The probe needs a guest agent, and nothing shows that the guest has one", "Without the QEMU guest agent in the guest, the probe always fails.", "Install and start qemu-guest-agent in the guest, or use httpGet or tcpSocket.", Behaviour("virt-launcher", "sends guest-ping or guest-exec to the guest agent; without one the command fails"));

    public static ProbeRule SameThresholds { get; } = Warning("VMIP020", "The liveness probe fails no later than the readiness probe", "A VMI with a problem is terminated as soon as it stops receiving traffic, with no time to recover.", "Give the liveness probe a larger failureThreshold or period than the readiness probe.", Behaviour("kubelet", "counts the failures of each probe separately, and acts when the threshold of that probe is reached"));

    public static ProbeRule BrokenArgument { get; } = Error("VMIP021", "An exec argument breaks the request to the guest agent", "virt-launcher puts arguments into JSON without escaping them, so the guest agent cannot read it, and the probe always fails.", "Put the command into a script in the guest and run that, or avoid double quotes, backslashes and control characters.", Behaviour("virt-launcher", "puts path and arguments into the JSON of guest-exec without escaping them"));

    public static ProbeRule ChangedArgument { get; } = Warning("VMIP022", "An exec argument reaches the guest changed", "virt-launcher puts arguments into JSON without escaping them, so the guest agent reads each backslash sequence as a JSON escape.", "Put the command into a script in the guest and run that, or keep it if the argument is deliberately escaped for JSON.", Behaviour("virt-launcher", "puts path and arguments into the JSON of guest-exec without escaping them"));

    public static ProbeRule ShellLine { get; } = Warning("VMIP023", "An exec command looks like a shell command line", "The command is not run by a shell: the guest agent looks for a program whose name is the whole line.", "Write each argument as a separate item, or run a shell: command: [/bin/sh, -c, the line].", Behaviour("guest agent", "starts the program of guest-exec without a shell"));

    public static ProbeRule BadHeader { get; } = Error("VMIP024", "A header name is not valid", NeverStarts, "Use only letters, digits and hyphens in header names.", Pod("{probe}.httpGet.httpHeaders: Invalid value: \"a b\": a valid HTTP header must consist of alphanumeric characters or '-'"));

    public static ProbeRule NoRestart { get; } = Warning("VMIP025", "A liveness probe terminates the VMI and nothing starts it again", "When the probe fails, the VMI is terminated; with this run strategy KubeVirt does not create a new one.", "Set runStrategy to Always or RerunOnFailure, or use a readiness probe only.", Behaviour("virt-controller", "creates a new instance for runStrategy Always and RerunOnFailure; the virt-launcher pod itself is never restarted (restartPolicy Never)"));

    public static ProbeRule NoHeaderValue { get; } = Warning("VMIP026", "A header has no value", "The object is accepted, and the header is sent with an empty value.", "Add the value; write an empty value as \"\".", new ProbeEvidence(Server, 201, "the mutating webhook writes value: \"\" into VirtualMachines and VirtualMachineInstances") { Kind = "VirtualMachineInstance" });

    public static ProbeRule Open { get; } = Warning("VMIP027", "A value is a placeholder", "If the manifest is sent unchanged, the cluster reads the placeholder as text. Its value is not known here, so no rule is applied to it.", "Give the parameter a value, or check the output of the template: oc process, helm template or envsubst.", Behaviour("oc process", "replaces ${NAME} with the value of the parameter as text, and ${{NAME}} with the value as YAML"));

    public static IReadOnlyList<ProbeRule> All { get; } =
    [
        NoHandler, SeveralHandlers, UnknownField, WrongType, Missing, BadPort, BadScheme, UnknownPortName, NoCommand, LivenessSuccess,
        LongTimeout, NegativeDelay, ShortenedDelay, ReplacedNumber, NoPodNetwork, ClosedPort, OtherHost, PausedStart, UnknownAgent,
        SameThresholds, BrokenArgument, ChangedArgument, ShellLine, BadHeader, NoRestart, NoHeaderValue, Open,
    ];

    private static ProbeRule Error(string id, string title, string consequence, string advice, params ProbeEvidence[] evidence) => new(id, ProbeFindingSeverity.Error, title, consequence, advice, evidence);

    private static ProbeRule Warning(string id, string title, string consequence, string advice, params ProbeEvidence[] evidence) => new(id, ProbeFindingSeverity.Warning, title, consequence, advice, evidence);

    private static ProbeEvidence Refused(string text, string field) => new("virtualmachine-validator.kubevirt.io", 422, text) { Field = field };

    private static ProbeEvidence Schema(string text) => new("virtualmachines-mutator.kubevirt.io", 422, text);

    private static ProbeEvidence Pod(string text) => new("API server, over the virt-launcher pod", 201, text);

    private static ProbeEvidence Behaviour(string who, string text) => new(who, null, text);
}
