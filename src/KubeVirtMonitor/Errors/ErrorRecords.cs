using System.Globalization;
using System.Management.Automation;
using KubeVirtMonitor.Alerts;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.History;
using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Sessions;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Errors;

/// <summary>Creates every error record of the module: one id per cause, its category, its target, and what to do next.</summary>
internal static class ErrorRecords
{
    public static ErrorRecord Defect(string target, ExpositionDefect defect) => Make(
        new ExpositionException($"{target}: {defect}", defect),
        "ExpositionDefect",
        ErrorCategory.ParserError,
        target,
        Advice.Of(defect));

    public static ErrorRecord MoreDefects(string target, long shown, long total) => Make(
        new ExpositionException(string.Create(CultureInfo.InvariantCulture, $"{target}: {total - shown:N0} more lines of the scrape have defects; only the first {shown:N0} of {total:N0} were reported separately."), null),
        "MoreExpositionDefects",
        ErrorCategory.ParserError,
        target,
        "Lines that cannot be read were dropped. Check that the target is a metrics endpoint or an unchanged copy of its output.");

    /// <summary>What a target, or the way to it, is the reason of.</summary>
    public static ErrorRecord Failed(ScrapeException error)
    {
        string target = error.Cause == ScrapeError.InvalidOption && error.Target == $"{error.Setting}" ? Advice.NameOf(error.Setting!.Value) : error.Target;
        return Shown(Advice.In(error), target, CategoryOf(error.Cause), $"{target}: {error.What}.");
    }

    /// <summary>What the API server, or the way to it, is the reason of.</summary>
    public static ErrorRecord Failed(KubernetesException error, object? target = null) =>
        Shown(Advice.In(error), target ?? error.File, CategoryOf(error.Error), error.Fact);

    /// <summary>What a cluster, or the way to it, is the reason of. It is named where several are open.</summary>
    public static ErrorRecord Failed(KubernetesException error, KubeVirtSession session, object? target = null)
    {
        KubernetesException named = SessionStore.Current.Sessions.Count > 1 ? error.With($"{Name(session)}: {error.What}", error.Advice) : error;
        return Failed(named, target ?? session);
    }

    // Several sessions may be of one context, or of contexts that are named alike in several files.
    private static string Name(KubeVirtSession session) => SessionStore.Current.Sessions.Count > 1 ? $"session {session.Id} ({session})" : $"{session}";

    public static ErrorRecord HealthUriCount(int uris, int healthUris) => Make(
        new ArgumentException($"-HealthUri has {healthUris} addresses and -Uri has {uris}; each endpoint belongs to the health address at the same position."),
        "HealthUriCount",
        ErrorCategory.InvalidArgument,
        null,
        "Give one health address for each endpoint, in the same order.");

    public static ErrorRecord UnknownComponent(string target, Exception inner) => Make(
        inner,
        "UnknownComponent",
        ErrorCategory.InvalidData,
        target,
        "Specify -Component Api, Controller, Handler or Operator.");

    public static ErrorRecord NoSuchMetric(string name, IEnumerable<string> names, bool isScraped = false) => Make(
        new ItemNotFoundException($"{(isScraped ? "Neither the catalogue nor a scrape has a" : "The catalogue has no")} metric '{name}'.{Nearest(name, names)}"),
        "MetricNotFound",
        ErrorCategory.ObjectNotFound,
        name,
        "To find names, use wildcards such as *memory*, or tab completion. Raw names are found too.");

    /// <summary>A name that none of the samples has that came.</summary>
    public static ErrorRecord NoSuchSample(string name, IEnumerable<string> names) => Make(
        new ItemNotFoundException($"No sample is of a metric '{name}'.{Nearest(name, names)}"),
        "MetricNotFound",
        ErrorCategory.ObjectNotFound,
        name,
        "Group-Object Name shows of which metrics samples are.");

    /// <summary>A name that is in truth the path or the address of a scrape.</summary>
    public static ErrorRecord NameIsSource(string name, string parameter) => Make(
        new ArgumentException($"'{name}' is not the name of a metric but {(parameter == "-Uri" ? "an address" : "a file")}."),
        "NameIsSource",
        ErrorCategory.InvalidArgument,
        name,
        $"Use {parameter} '{name}'.");

    public static ErrorRecord FileNotFound(string path, FileKind kind, Exception? inner = null) => FileNotFound(path, $"There is no file '{path}'.", kind, inner);

    private static ErrorRecord FileNotFound(string path, string what, FileKind kind, Exception? inner = null) => Make(
        new FileNotFoundException(what, path, inner),
        "FileNotFound",
        ErrorCategory.ObjectNotFound,
        path,
        $"Check the path. {Literal(kind)}");

    public static ErrorRecord PathIsAddress(string path, FileKind kind)
    {
        // What stands before the host is a user name and a password.
        int host = path.IndexOf("://", StringComparison.Ordinal) + 3;
        int end = path.AsSpan(host).IndexOfAny("/?#");
        int at = (end < 0 ? path[host..] : path.Substring(host, end)).LastIndexOf('@');
        string shown = at < 0 ? path : string.Concat(path.AsSpan(0, host), path.AsSpan(host + at + 1));
        return Make(
            new ArgumentException($"'{shown}' is an address and not a path."),
            "PathIsAddress",
            ErrorCategory.InvalidArgument,
            shown,
            kind == FileKind.Scrape ? $"Use -Uri {shown}" : $"Download the file first, and give its path.");
    }

    public static ErrorRecord NoMatch(string path, FileKind kind) => FileNotFound(path, $"No file matches '{path}'.", kind);

    public static ErrorRecord IsDirectory(string path, FileKind kind) => Make(
        new IOException($"'{path}' is a directory and not {kind.One}."),
        "PathIsDirectory",
        ErrorCategory.InvalidArgument,
        path,
        $"Specify the files in it, for example with {kind.Parameter} '{Path.Join(path, kind.Pattern)}'.");

    public static ErrorRecord NoFileSystem(string path, string provider, FileKind kind) => Make(
        new NotSupportedException($"'{path}' is a path of the provider {provider}; {kind.Many} can only be read from files."),
        "PathIsNoFile",
        ErrorCategory.InvalidArgument,
        path,
        $"Give the path of a file, or {kind.Advice}.");

    private static string Literal(FileKind kind) => kind == FileKind.AgentConfig ? "If the name contains characters such as [, write a backtick before them." : "If the name contains characters such as [, use -LiteralPath.";

    public static ErrorRecord BadPath(string path, Exception inner) => Make(
        new ArgumentException($"The path '{path}' cannot be used: {inner.Message}", inner),
        "BadPath",
        ErrorCategory.InvalidArgument,
        path,
        "Check the drive and the spelling of the path.");

    public static ErrorRecord BadPattern(Exception inner) => Make(
        new ArgumentException(inner.Message, inner),
        "BadPattern",
        ErrorCategory.InvalidArgument,
        null,
        "To match a literal [ or ], write a backtick before it.");

    public static ErrorRecord BadPattern(string pattern, Exception inner, FileKind? kind = null) => Make(
        new ArgumentException($"The wildcard pattern '{pattern}' cannot be used: {inner.Message}", inner),
        "BadPattern",
        ErrorCategory.InvalidArgument,
        pattern,
        $"To match a literal [ or ], write a backtick before it{(kind is null || kind == FileKind.AgentConfig ? "" : ", or use -LiteralPath")}.");

    /// <summary>Moments that contradict each other.</summary>
    public static ErrorRecord BadMoments(string what) => Make(
        new ArgumentException(what),
        "BadMoments",
        ErrorCategory.InvalidArgument,
        null,
        "Specify -Time for one moment; -Last 1h, or -Start and -End, for a range, with -Step where it shall have values at regular times.");

    /// <summary>A server that has nothing of KubeVirt.</summary>
    public static ErrorRecord NoKubeVirtOnServer(string server, string matchers, DateTimeOffset? at, DateTimeOffset? last) => Make(
        new ItemNotFoundException($"{server}: the server has no series of KubeVirt{(matchers.Length == 0 ? "" : $" that match {{{matchers}}}")}{(at is { } moment ? $" at {ShortTime(moment)}" : "")}{(last is { } time ? $"; the last before that are of {ShortTime(time)}" : "")}."),
        "NoKubeVirtOnServer",
        ErrorCategory.ObjectNotFound,
        server,
        (last, at) switch
        {
            (not null, _) => "To read those, specify -Time, or -Start and -End. Check why the server no longer scrapes KubeVirt.",
            (_, not null) => "Check the time: the server may not have scraped KubeVirt yet, or not keep values that long.",
            _ => $"{(matchers.Length > 0 ? "Check -Match, and that" : "Check that")} the server scrapes KubeVirt: KubeVirt creates its ServiceMonitor only where the namespace and the account of monitorNamespace and monitorAccount exist, and kube-prometheus-stack selects only monitors with its label release. A server with tenants has the values of each apart: name the tenant with -Headers @{{ 'X-Scope-OrgID' = 'NAME' }}. To read the components themselves, use a session of Connect-KubeVirt.",
        });

    private static string ShortTime(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A machine of which a server has nothing of what was asked for.</summary>
    /// <param name="server">The server.</param>
    /// <param name="machine">The machine, as it was named.</param>
    /// <param name="isThere">Whether the server has other values of it.</param>
    /// <param name="spaces">The namespaces in which there is one of this name.</param>
    /// <param name="nearest">Names that are like it.</param>
    /// <param name="range">When; null = now.</param>
    /// <param name="step">The time between two moments of the range; null = all values of it.</param>
    public static ErrorRecord NoValuesOf(string server, MachineReference machine, bool isThere, string[] spaces, IReadOnlyList<string> nearest, (DateTimeOffset Start, DateTimeOffset End)? range, TimeSpan? step)
    {
        string when = range is { } moments ? $" from {ShortTime(moments.Start)} to {ShortTime(moments.End)}" : "";
        string what = isThere
            ? $"the server has values of VM '{machine}'{when}, but none of what was asked for{(step is null ? "" : " at the moments of -Step")}."
            : $"the server has no values of a VM '{machine}'{when}.{(spaces.Length > 0 ? $" There is one in {string.Join(", ", spaces)}." : nearest.Count > 0 ? $" Do you mean {string.Join(", ", nearest)}?" : "")}";
        return Make(
            new ItemNotFoundException($"{server}: {what}"),
            "MachineNotFound",
            ErrorCategory.ObjectNotFound,
            machine.ToString(),
            isThere ? $"Check the names of metrics{(step is null ? "" : ", and use a shorter -Step, or none for all values that are stored")}. A VM that is stopped has few metrics." : "Check the name, -Namespace, -Match and the time. With wildcards, such as *web*, the names can be found.");
    }

    /// <summary>An object of which it is not known in which session it is to be acted on.</summary>
    public static ErrorRecord ClusterUnknown(string? cluster, object what, IReadOnlyList<KubeVirtSession> open) => Make(
        new ItemNotFoundException(cluster is null
            ? $"Which cluster '{what}' is of is not known: it was read without a session, and several are open."
            : $"The cluster of '{what}' is '{cluster}', a label of the server that it was read from, and no open session has that name."),
        cluster is null ? "SessionAmbiguous" : "SessionNotFound",
        ErrorCategory.ObjectNotFound,
        cluster,
        $"Say which session is meant with -Session. {(open.Count > 0 ? $"Open are {string.Join(", ", open.Select(static session => $"{session.Id} ({session})"))}." : "None is open; Connect-KubeVirt opens one.")}");

    /// <summary>A machine of which a server has nothing.</summary>
    public static ErrorRecord NoValuesOf(string server, string machine, IReadOnlyCollection<string>? names = null) => Make(
        new ItemNotFoundException(names is null ? $"{server}: the server has no values of a VM '{machine}'." : $"{server}: the server has no usage of a VM '{machine}', then or in the {(int)StoredUsage.SeenFor.TotalHours} hours before.{Nearest(machine, names)}"),
        "MachineNotFound",
        ErrorCategory.ObjectNotFound,
        machine,
        "Check the name, -Namespace and the time; a VM that is stopped has few metrics. With wildcards, such as *web*, the names can be found.");

    public static ErrorRecord EmptyQuery() => Make(
        new ArgumentException("The query is empty."),
        "EmptyQuery",
        ErrorCategory.InvalidArgument,
        null,
        "Specify an expression in PromQL, such as: sum by (name) (rate(kubevirt_vmi_cpu_usage_seconds_total[5m]))");

    public static ErrorRecord NoSession(bool canAskServer = false) => Make(
        new InvalidOperationException("There is no open session to a cluster."),
        "NoSession",
        ErrorCategory.ConnectionError,
        null,
        $"Open one with Connect-KubeVirt, or name a context of the kubeconfig with -Context.{(canAskServer ? " To ask a server with stored metrics instead, give its address with -PrometheusUri." : "")}");

    public static ErrorRecord NoSessionOf(string context, IReadOnlyList<KubeVirtSession> open) => Make(
        new ItemNotFoundException($"There is no open session of the context '{context}'."),
        "SessionNotFound",
        ErrorCategory.ObjectNotFound,
        context,
        $"{(open.Count > 0 ? $"Open are {string.Join(", ", open.Select(static session => $"{session.Id} ({session})"))}. " : "")}Connect-KubeVirt opens one.");

    /// <summary>A name of clusters of which several are open.</summary>
    public static ErrorRecord SeveralSessionsOf(string context, IReadOnlyList<KubeVirtSession> named) => Make(
        new InvalidOperationException($"Several clusters are open under the name '{context}': {string.Join(", ", named.Select(static session => $"session {session.Id} ({session.Server.Authority})"))}."),
        "SessionAmbiguous",
        ErrorCategory.InvalidArgument,
        context,
        "Say which one with -Session and its number. To tell them apart in files, too, give each context a name of its own: kubectl config rename-context.");

    /// <summary>An object of the pipeline whose session is closed.</summary>
    public static ErrorRecord OriginClosed(KubeVirtSession session, object what) => what is KubeVirtSession ? SessionClosed(session) : Make(
        new InvalidOperationException($"{what}: its session {session.Id}, to {session.Place}, has been closed."),
        "SessionClosed",
        ErrorCategory.ConnectionError,
        what,
        "An object is acted on in the cluster it came from. Open a new session with Connect-KubeVirt, and get the object again.");

    /// <summary>An object of the pipeline that is of another session than the one that was named.</summary>
    public static ErrorRecord OtherSession(KubeVirtSession session, object what, string parameter) => Make(
        new InvalidOperationException($"{(what is KubeVirtSession ? "A session" : what)} of the pipeline is of session {session.Id}, to {session.Place}, which {parameter} does not name."),
        "OtherSession",
        ErrorCategory.InvalidArgument,
        what,
        $"An object is acted on in the cluster it came from: omit {parameter}, or get the object from that cluster.");

    public static ErrorRecord NoMachineNamed(object input) => Make(
        new ArgumentException($"{input.GetType().Name} in the pipeline is about no machine."),
        "InputInvalid",
        ErrorCategory.InvalidArgument,
        input,
        "Pipe names, sessions, machines, instances, samples with a Vmi, or objects with the properties Name and Namespace.");

    /// <summary>A single word where a path is expected, which may be meant as a context.</summary>
    public static ErrorRecord NoKubeConfig(string path, string full) => Make(
        new FileNotFoundException($"There is no kubeconfig '{full}'.", full),
        "FileUnreadable",
        ErrorCategory.ObjectNotFound,
        path,
        $"Check the path. To connect to a context, use Connect-KubeVirt -Context {path}");

    public static ErrorRecord NoRole() => Make(
        new ArgumentException("A VM has two probes, and nothing says which of them is meant."),
        "NoRole",
        ErrorCategory.InvalidArgument,
        null,
        "Add -Role Readiness, -Role Liveness, or -Role Readiness, Liveness for both.");

    public static ErrorRecord SessionAndContext() => Make(
        new ArgumentException("-Session and -Context cannot be combined, because each of them names a cluster."),
        "SessionAndContext",
        ErrorCategory.InvalidArgument,
        null,
        "Omit one of them.");

    public static ErrorRecord SessionClosed(KubeVirtSession session) => Make(
        new InvalidOperationException($"The session {session.Id} ({session}) has been closed."),
        "SessionClosed",
        ErrorCategory.ConnectionError,
        session,
        "Open a new one with Connect-KubeVirt.");

    public static ErrorRecord NoSuchObject(
        string kind, string name, string[]? namespaces, IEnumerable<KubeVirtSession> sessions, string where = "the name and -Namespace", IEnumerable<string>? names = null, string? reason = null, string? wanted = null) => Make(
        new ItemNotFoundException($"There is no {kind} '{name}' in {(namespaces is null ? "any namespace" : $"namespace {string.Join(", ", namespaces)}")} of {string.Join(", ", sessions.Select(Name))}{(reason is null ? "" : $": {reason}")}.{Nearest(wanted ?? name, names)}"),
        "ObjectNotFound",
        ErrorCategory.ObjectNotFound,
        name,
        $"Check {where}. To search, use wildcards such as web-*.");

    public static ErrorRecord NoSuchNamespace(string name, KubeVirtSession session, IEnumerable<string> names) => Make(
        new ItemNotFoundException($"There is no namespace '{name}' in {Name(session)}.{Nearest(name, names)}"),
        "NamespaceNotFound",
        ErrorCategory.ObjectNotFound,
        name,
        "Check -Namespace. To search, use wildcards such as team-*.");

    public static ErrorRecord MoreMissing(int count, KubeVirtSession session) => Make(
        new ItemNotFoundException(string.Create(CultureInfo.InvariantCulture, $"{count:N0} more of the VMs that are named are not in {Name(session)}.")),
        "ObjectNotFound",
        ErrorCategory.ObjectNotFound,
        session,
        "Check the names. To search, use wildcards such as web-*.");

    public static ErrorRecord NoHandlerOn(string node, IEnumerable<string> nodes, KubeVirtSession session) => Make(
        new ItemNotFoundException($"No virt-handler of {Name(session)} runs on node '{node}'.{Nearest(node, nodes)}"),
        "NodeNotFound",
        ErrorCategory.ObjectNotFound,
        node,
        "Check the name. Get-KubeVirtComponent -Component Handler lists the nodes.");

    /// <summary>A node that nobody named but machines, and on which no virt-handler runs.</summary>
    public static ErrorRecord NoHandlerFor(string machines, string node, KubeVirtSession session) => Make(
        new ItemNotFoundException($"{machines} on node '{node}', where no virt-handler of {Name(session)} runs, so there are no metrics of what is there."),
        "NodeNotFound",
        ErrorCategory.ObjectNotFound,
        node,
        $"The node may have vanished, or be lost: see Get-KubeVirtNode {node} and Get-KubeVirtVmi -Node {node}.");

    public static ErrorRecord NoNodeNamed(object input) => Make(
        new ArgumentException($"{input.GetType().Name} in the pipeline is on no node."),
        "InputInvalid",
        ErrorCategory.InvalidArgument,
        input,
        "Pipe names, nodes, sessions, or objects with a property Node: instances, components, samples.");

    public static ErrorRecord NoSuchNode(string name, IEnumerable<KubeVirtSession> sessions, IEnumerable<string> names) => Make(
        new ItemNotFoundException($"There is no node '{name}' in {string.Join(", ", sessions.Select(Name))}.{Nearest(name, names)}"),
        "ObjectNotFound",
        ErrorCategory.ObjectNotFound,
        name,
        "Get-KubeVirtNode without a name lists all nodes. To search, use wildcards such as node0*.");

    public static ErrorRecord NoComponent(KubeVirtSession session, ComponentKind? kind = null) => Make(
        new ItemNotFoundException($"There is no {(kind is { } one ? $"pod of {ComponentFacts.NameOf(one)}" : "component of KubeVirt")} in namespace {session.InstallNamespace} of {Name(session)}."),
        "ComponentNotFound",
        ErrorCategory.ObjectNotFound,
        kind is null ? session : kind,
        $"List them with Get-KubeVirtComponent, and all pods with 'kubectl get pods -n {session.InstallNamespace}'.");

    public static ErrorRecord ComponentCount(int count) => Make(
        new ArgumentException($"-Component has {count} values, but a scrape comes from one component. Several values are only allowed for a cluster."),
        "ComponentCount",
        ErrorCategory.InvalidArgument,
        null,
        "Specify one component, or omit -Component so that it is recognised.");

    public static ErrorRecord ManifestInvalid(string where, Exception inner, bool isLive = false) => Make(
        new FormatException($"{where}: {inner.Message}.", inner),
        "ManifestInvalid",
        ErrorCategory.InvalidData,
        where,
        isLive
            ? "Look at the object with 'kubectl get vm -o yaml', and correct that field with 'kubectl edit vm'."
            : "Correct the text at that position; kubectl refuses it too. The other documents of the text were checked.");

    public static ErrorRecord ManifestUnreadable(string path, Exception inner) => Make(
        new IOException($"{path}: {inner.Message}", inner),
        "ManifestUnreadable",
        inner is UnauthorizedAccessException ? ErrorCategory.PermissionDenied : ErrorCategory.ReadError,
        path,
        "Check the path, and the permissions of the file.");

    public static ErrorRecord ManifestUnwritable(string path, Exception inner) => Make(
        new IOException($"{path}: {inner.Message}", inner),
        "ManifestUnwritable",
        ErrorCategory.WriteError,
        path,
        "Check the permissions of the file, and the free space on the disk.");

    public static ErrorRecord ManifestNotEdited(string where, FormatException inner) => Make(
        new FormatException($"{where}: {inner.Message}.", inner),
        "ManifestNotEdited",
        ErrorCategory.InvalidOperation,
        where,
        "The file is unchanged. Edit it by hand, and check it with Test-VmiProbeManifest.");

    public static ErrorRecord NoMachineInManifest(string where) => Make(
        new ItemNotFoundException($"{where}: there is no such VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet or VirtualMachinePool."),
        "MachineNotFound",
        ErrorCategory.ObjectNotFound,
        where,
        "Check the manifest, and -Name and -Namespace if you use them.");

    public static ErrorRecord SeveralMachines(string where, IEnumerable<VmiManifest> found) => Make(
        new ArgumentException($"{where} contains several VMs: {string.Join(", ", found)}."),
        "SeveralMachines",
        ErrorCategory.InvalidArgument,
        where,
        "Specify which one to use with -Name; -Name * selects all of them.");

    public static ErrorRecord ProbeMalformed(VmiManifest manifest, FormatException inner) => Make(
        new FormatException($"{manifest}: {inner.Message}.", inner),
        "ProbeMalformed",
        ErrorCategory.InvalidData,
        manifest.ToString(),
        "Test-VmiProbeManifest says what is wrong with it and what to write instead.");

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
        $"Nothing was changed. {finding.Advice} With -Force it is set anyway.");

    public static ErrorRecord ProbeWithoutPlace(VmiProbe probe) => Make(
        new ArgumentException($"The probe {probe} has been read neither from a file nor from a cluster, so it is in nothing that it could be removed from."),
        "ProbeWithoutPlace",
        ErrorCategory.InvalidArgument,
        probe,
        "Pipe probes that Get-VmiProbe reads from files or from a cluster, or name the machine and the -Role of the probe.");

    public static ErrorRecord ProbeWithoutMachine(VmiProbe probe) => Make(
        new ArgumentException($"{probe.ObjectKind} {probe.Namespace}/{probe.Name} belongs to no VirtualMachine whose probe could be removed."),
        "ProbeWithoutMachine",
        ErrorCategory.InvalidArgument,
        probe,
        "The probes of an instance cannot be changed while it exists. Change them in the object that makes it: see metadata.ownerReferences of the instance.");

    public static ErrorRecord OnlyForClusters(string[] names) => Make(
        new ArgumentException($"{string.Join(", ", names.Select(static name => "-" + name))}: these parameters select in a cluster, and have no effect on files."),
        "OnlyForClusters",
        ErrorCategory.InvalidArgument,
        null,
        "Omit them, or name the machines of a cluster with -Name.");

    public static ErrorRecord ProbeWithoutRole(VmiProbe probe) => Make(
        new ArgumentException($"The probe {probe} does not say whether it is for readiness or liveness."),
        "ProbeWithoutRole",
        ErrorCategory.InvalidArgument,
        probe,
        "Specify -Role Readiness or Liveness, here or with New-VmiProbe.");

    /// <summary>Parameters that change nothing beside another one.</summary>
    public static ErrorRecord NoEffect(IReadOnlyCollection<string> parameters, string beside, string why) => Make(
        new ArgumentException($"{string.Join(", ", parameters.Select(static name => "-" + name))} {(parameters.Count == 1 ? "has" : "have")} no effect with {beside}: {why}."),
        "ParameterHasNoEffect",
        ErrorCategory.InvalidArgument,
        null,
        $"Omit {(parameters.Count == 1 ? "it" : "them")}, or omit {beside}.");

    public static ErrorRecord NoSuchAlert(string name, IEnumerable<string> names) => Make(
        new ItemNotFoundException($"There is no alert '{name}'.{Nearest(name, names)}"),
        "AlertNotFound",
        ErrorCategory.ObjectNotFound,
        name,
        "Press Tab after -Rule to see the names.");

    public static ErrorRecord AlertOfOtherVersion(string name, KubeVirtSession session, IEnumerable<VersionSpan> versions) => Make(
        new ItemNotFoundException($"KubeVirt {session.KubeVirtVersion}, which {Name(session)} runs, has no alert {name}: its versions are {string.Join(", ", versions.Distinct().Select(static span => $"{(span.From is { } from ? $"from {from}" : "all")}{(span.Before is { } before ? $" before {before}" : "")}"))}."),
        "AlertOfOtherVersion",
        ErrorCategory.ObjectNotFound,
        name,
        "Use a wildcard to mean only those that a cluster has.");

    public static ErrorRecord BadAlertPattern(WildcardPatternException error) => Make(error, "BadPattern", ErrorCategory.InvalidArgument, null, "Correct the wildcard in -Rule.");

    public static ErrorRecord BadThreshold(AlertThresholdException error, Exception? inner = null, string? file = null) => Make(
        new ArgumentException($"{(file is null ? "" : $"'{file}': ")}{(file is null ? char.ToUpperInvariant(error.Message[0]) : error.Message[0])}{error.Message[1..]}.{(error.Nearest.Count == 0 ? "" : $" The nearest {(error.Nearest.Count == 1 ? "name is" : "names are")} {string.Join(", ", error.Nearest.Take(6))}.")}", inner ?? error),
        "ThresholdInvalid",
        ErrorCategory.InvalidArgument,
        error.Name,
        "Specify names with numbers, such as @{ 'GuestFilesystemAlmostOutOfSpace.Warning' = 90; '*.HoldSeconds' = 0 }. docs/alerts.md lists the names.");

    public static ErrorRecord ThresholdFile(string file, Exception error) => Make(
        error is FormatException ? new FormatException($"'{file}' cannot be read: {error.Message}.", error) : new IOException($"'{file}' cannot be read: {error.Message}", error),
        "ThresholdFileUnreadable",
        error is FileNotFoundException or DirectoryNotFoundException ? ErrorCategory.ObjectNotFound : ErrorCategory.ReadError,
        file,
        "The file has to hold a JSON object of names and numbers, such as {\"GuestFilesystemAlmostOutOfSpace.Warning\": 90}.");

    public static ErrorRecord NoSuchProperty(string name, IReadOnlyCollection<string> names) => Make(
        new ArgumentException($"Usage has no property '{name}'. {(names.Where(other => other.StartsWith(name, StringComparison.OrdinalIgnoreCase)).ToArray() is { Length: > 0 } begun ? $"Those that begin with it are {string.Join(", ", begun)}." : Nearest(name, names).TrimStart())}"),
        "PropertyNotFound",
        ErrorCategory.InvalidArgument,
        name,
        "Press Tab after -Sort to see the names.");

    public static ErrorRecord NoSuchColumn(string name, UsageTopic topic, UsageTopic other) => Make(
        new ArgumentException($"The topic {topic} has no column {name} to sort by; {other} has it."),
        "ColumnOfOtherTopic",
        ErrorCategory.InvalidArgument,
        name,
        $"Omit -Topic, or specify -Topic {other}.");

    public static ErrorRecord NoUsageOf(IReadOnlyCollection<ComponentKind> components) => Make(
        new ArgumentException($"{string.Join(", ", components)} {(components.Count == 1 ? "does" : "do")} not serve the usage of VMs."),
        "ComponentWithoutUsage",
        ErrorCategory.InvalidArgument,
        components,
        "Omit -Component, or specify Handler; with Handler, Controller adds the age of the status, the expected overhead and the duration of migrations.");

    public static ErrorRecord SavedTogether(string target) => Make(
        new InvalidDataException($"{target}: by their times, it and the scrape that it is compared with were saved within a second, so the time between the two is not known."),
        "SavedTogether",
        ErrorCategory.InvalidData,
        target,
        "The time of a saved scrape is that of its file, which copying and checking out change. Specify the seconds between the scrapes with -SampleInterval.");

    public static ErrorRecord NoTerminal(string reason) => Make(
        new InvalidOperationException($"A live screen cannot be shown here, because {reason}."),
        "NoTerminal",
        ErrorCategory.DeviceError,
        null,
        "Use Get-KubeVirtUsage -Continuous, which writes objects, or run the command in a terminal.");

    public static ErrorRecord VersionBesideOthers(KubeVirtVersion version) => Make(
        new ArgumentException($"KubeVirt {version} is a side of its own, and cannot be added to other things."),
        "VersionBesideOthers",
        ErrorCategory.InvalidArgument,
        version,
        "Compare with one version at a time.");

    public static ErrorRecord CountAndWatch() => Make(
        new ArgumentException("-Count and -Watch cannot be combined: one ends the runs, the other does not."),
        "CountAndWatch",
        ErrorCategory.InvalidArgument,
        null,
        "Omit one of them.");

    public static ErrorRecord PortInvalid(ProbePort port) => Make(
        new ArgumentException($"{port} is not a port."),
        "PortInvalid",
        ErrorCategory.InvalidArgument,
        port,
        "Specify a number from 1 to 65535, or the name of a port of the VM's interface.");

    public static ErrorRecord NoProbeSource(object input) => Make(
        new ArgumentException($"Probes cannot be read from {input.GetType().Name}."),
        "InputInvalid",
        ErrorCategory.InvalidArgument,
        input,
        "Pipe VMs (Get-KubeVirtVM), instances (Get-KubeVirtVmi), files (Get-ChildItem) or the text of a manifest (Get-Content).");

    public static ErrorRecord NoInstanceNamed() => Make(
        new ArgumentException("There is a probe, but no instance to run it on."),
        "InstanceNotNamed",
        ErrorCategory.InvalidArgument,
        null,
        "Specify instances with -Name; -Name * selects all of them.");

    private static string Nearest(string name, IEnumerable<string>? names) => names is not null && NearestNames.Of(name, names.Where(other => other != name)) is { Count: > 0 } near
        ? near.Count == 1 ? $" The nearest name is {near[0]}." : $" The nearest names are {string.Join(", ", near)}." : "";

    private static ErrorRecord Make(Exception exception, string id, ErrorCategory category, object? target, string advice) => new(exception, id, category, target) { ErrorDetails = new ErrorDetails(exception.Message) { RecommendedAction = advice } };

    // PowerShell shows the advice on a line of its own, so the message goes without it.
    private static ErrorRecord Shown(MonitorException error, object? target, ErrorCategory category, string fact) => new(error, error.Id, category, target) { ErrorDetails = new ErrorDetails(fact) { RecommendedAction = error.Advice } };

    private static ErrorCategory CategoryOf(ScrapeError cause) => cause switch
    {
        ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset or ScrapeError.NameResolution or ScrapeError.Proxy => ErrorCategory.ConnectionError,
        ScrapeError.Timeout or ScrapeError.QueryTimeout => ErrorCategory.OperationTimeout,
        ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch or ScrapeError.TlsExpired or ScrapeError.TlsHandshake or ScrapeError.UnencryptedAuthentication => ErrorCategory.SecurityError,
        ScrapeError.HttpStatus or ScrapeError.TooManyRedirects or ScrapeError.BadRedirect or ScrapeError.InvalidResponse or ScrapeError.UnsupportedEncoding or ScrapeError.QueryFailed => ErrorCategory.ProtocolError,
        ScrapeError.Busy => ErrorCategory.ResourceBusy,
        ScrapeError.Unauthorized => ErrorCategory.AuthenticationError,
        ScrapeError.Forbidden => ErrorCategory.PermissionDenied,
        ScrapeError.BodyTooLarge or ScrapeError.TooManySeries or ScrapeError.QueryTooLarge => ErrorCategory.LimitsExceeded,
        ScrapeError.NotExposition or ScrapeError.NotQueryAnswer or ScrapeError.Truncated or ScrapeError.BadGzip or ScrapeError.UnknownComponent => ErrorCategory.InvalidData,
        ScrapeError.FileNotFound => ErrorCategory.ObjectNotFound,
        ScrapeError.FileUnreadable => ErrorCategory.ReadError,
        ScrapeError.BadCertificateFile or ScrapeError.InvalidTarget or ScrapeError.InvalidOption or ScrapeError.BadConfiguration or ScrapeError.QueryRefused => ErrorCategory.InvalidArgument,
        _ => ErrorCategory.NotSpecified,
    };

    private static ErrorCategory CategoryOf(KubernetesError error) => error switch
    {
        KubernetesError.ConnectionFailed or KubernetesError.StreamFailed => ErrorCategory.ConnectionError,
        KubernetesError.TimedOut => ErrorCategory.OperationTimeout,
        KubernetesError.TlsUntrusted or KubernetesError.TlsNameMismatch or KubernetesError.TlsExpired or KubernetesError.TlsHandshake => ErrorCategory.SecurityError,
        KubernetesError.Unauthorized or KubernetesError.CredentialMissing or KubernetesError.CredentialInvalid or KubernetesError.CredentialUnsupported or KubernetesError.PluginFailed => ErrorCategory.AuthenticationError,
        KubernetesError.Forbidden => ErrorCategory.PermissionDenied,
        KubernetesError.NotFound or KubernetesError.EntryNotFound or KubernetesError.NoConfiguration or KubernetesError.Replaced => ErrorCategory.ObjectNotFound,
        KubernetesError.Conflict => ErrorCategory.ResourceExists,
        KubernetesError.Throttled => ErrorCategory.ResourceBusy,
        KubernetesError.FileUnreadable => ErrorCategory.ReadError,
        KubernetesError.ConfigurationInvalid or KubernetesError.ArgumentInvalid or KubernetesError.Invalid => ErrorCategory.InvalidArgument,
        KubernetesError.Expired or KubernetesError.ServerError or KubernetesError.BadAnswer => ErrorCategory.ProtocolError,
        _ => ErrorCategory.NotSpecified,
    };
}
