using System.Management.Automation;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Binding;

/// <summary>The machines, namespaces and nodes that a cmdlet is asked for: thousands of names are looked up, not compared one by one.</summary>
internal sealed class MachineChoice
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _placed = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(WildcardPattern? Namespace, WildcardPattern Name)> _patterns = [];
    private readonly IReadOnlyCollection<MachineReference> _references;
    private readonly Values _namespaces;
    private readonly Values _nodes;

    private MachineChoice(IReadOnlyCollection<MachineReference>? machines, Values namespaces, Values nodes)
    {
        _namespaces = namespaces;
        _nodes = nodes;
        NamesMachines = machines is not null;
        _references = machines ?? [];
        foreach (MachineReference machine in machines ?? [])
        {
            if (!machine.IsExact) _patterns.Add((machine.Namespace is null ? null : Pattern(machine.Namespace), Pattern(machine.Name)));
            else if (machine.Namespace is { } space ? _placed.Add($"{space}/{machine.Name}") : _names.Add(machine.Name)) Exact.Add(machine);
        }
    }

    /// <summary>All machines, of all namespaces and nodes.</summary>
    public static MachineChoice All { get; } = new(null, new Values([], [], []), new Values([], [], []));

    /// <summary>Whether machines are named, by name or by object.</summary>
    public bool NamesMachines { get; }

    /// <summary>Whether namespaces are named.</summary>
    public bool NamesNamespaces => !_namespaces.IsAny;

    /// <summary>Whether nodes are named.</summary>
    public bool NamesNodes => !_nodes.IsAny;

    /// <summary>Wildcards on the namespaces, of which one has to fit; null where none are named. What machines say of theirs counts where each says it.</summary>
    public IReadOnlyCollection<string>? NamespaceTexts => _namespaces.Texts.Count > 0 ? _namespaces.Texts
        : _references.Count > 0 && _references.All(static machine => machine.Namespace is not null) ? [.. _references.Select(static machine => machine.Namespace!).Distinct(StringComparer.OrdinalIgnoreCase)]
        : null;

    /// <summary>Wildcards on the names of machines, of which one has to fit; null where none are named.</summary>
    public IReadOnlyCollection<string>? MachineTexts => NamesMachines && _references.Count > 0 ? [.. _references.Select(static machine => machine.Name).Distinct(StringComparer.OrdinalIgnoreCase)] : null;

    /// <summary>Wildcards on nodes, of which one has to fit; null where none are named.</summary>
    public IReadOnlyCollection<string>? NodeTexts => _nodes.Texts.Count > 0 ? _nodes.Texts : null;

    /// <summary>The namespaces that are named without wildcards.</summary>
    public IReadOnlyCollection<string> ExactNamespaces => _namespaces.Exact;

    /// <summary>The nodes that are named without wildcards.</summary>
    public IReadOnlyCollection<string> ExactNodes => _nodes.Exact;

    /// <summary>The machines that are named without wildcards, each once.</summary>
    public List<MachineReference> Exact { get; } = [];

    /// <summary>The one namespace in which all the machines are, as far as their names tell; null where there may be several.</summary>
    public string? OneNamespace
    {
        get
        {
            if (_namespaces.One is { } space) return space;
            return _patterns.Count == 0 && _names.Count == 0 && Exact.Select(machine => machine.Namespace!).Distinct(StringComparer.OrdinalIgnoreCase).Take(2).ToArray() is [var one] ? one : null;
        }
    }

    /// <summary>What to ask the API server for.</summary>
    public MachineQuest Quest => new()
    {
        // Names in a cluster are in lower case, and whoever types does not care.
        Namespace = OneNamespace?.ToLowerInvariant(),
        Name = _patterns.Count == 0 && Exact is [var one] ? one.Name.ToLowerInvariant() : null,
        Includes = Includes,
    };

    /// <summary>The filter of samples; null where all are wanted.</summary>
    public Func<MachineIdentity, bool>? Filter => !NamesMachines && _namespaces.IsAny && _nodes.IsAny ? null : Keeps;

    /// <summary>Compiles what the parameters say; a malformed pattern ends the cmdlet with an error.</summary>
    public static MachineChoice Of(PSCmdlet command, IReadOnlyCollection<MachineReference>? machines, string[]? namespaces, string[]? nodes)
    {
        if (machines is null && namespaces is null && nodes is null) return All;
        // A malformed one is the user's error now, and not one of each target later.
        command.Patterns([.. (machines ?? []).Where(machine => !machine.IsExact).SelectMany<MachineReference, string>(machine => machine.Namespace is { } space ? [space, machine.Name] : [machine.Name])]);
        return new MachineChoice(machines, Values.Of(command, namespaces), Values.Of(command, nodes));
    }

    /// <summary>Whether a machine is among those that are named.</summary>
    public bool Includes(string inNamespace, string name) => _namespaces.Includes(inNamespace) && (!NamesMachines || Names(inNamespace, name));

    /// <summary>Whether a node is among those that are named.</summary>
    public bool IncludesNode(string? node) => _nodes.IsAny || (node is not null && _nodes.Includes(node));

    /// <summary>Whether a family of a component can have series of what is named.</summary>
    /// <param name="component">The component.</param>
    /// <param name="rawName">The name on its endpoint.</param>
    public bool MayHave(ComponentKind component, string rawName) => MachineFacts.Of(rawName) switch
    {
        MachineLabels.Machine => true,
        MachineLabels.Namespace => !NamesMachines,
        MachineLabels.Node => !NamesMachines && !NamesNamespaces,
        // Whatever a virt-handler serves is of its node.
        _ => !NamesMachines && !NamesNamespaces && (!NamesNodes || component == ComponentKind.Handler),
    };

    private bool Keeps(MachineIdentity identity) =>
        (_namespaces.IsAny || (identity.Namespace is { } space && _namespaces.Includes(space)))
        && (!NamesMachines || (identity is { Namespace: var own, Vmi: { } name } && Names(own ?? "", name)))
        && IncludesNode(identity.Node);

    private bool Names(string inNamespace, string name)
    {
        if (_names.Contains(name) || (_placed.Count > 0 && _placed.Contains($"{inNamespace}/{name}"))) return true;
        foreach ((WildcardPattern? space, WildcardPattern pattern) in _patterns)
        {
            if (pattern.IsMatch(name) && space?.IsMatch(inNamespace) != false) return true;
        }

        return false;
    }

    private static WildcardPattern Pattern(string text) => WildcardPattern.Get(text, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);

    /// <summary>The values of one parameter.</summary>
    private sealed record Values(HashSet<string> Exact, WildcardPattern[] Patterns, IReadOnlyCollection<string> Texts)
    {
        public bool IsAny => Exact.Count == 0 && Patterns.Length == 0;

        /// <summary>The only value, where it has no wildcards.</summary>
        public string? One => Patterns.Length == 0 && Exact.Count == 1 ? Exact.First() : null;

        public static Values Of(PSCmdlet command, string[]? texts)
        {
            ILookup<bool, string> byKind = (texts ?? []).ToLookup(WildcardPattern.ContainsWildcardCharacters);
            return new Values(byKind[false].ToHashSet(StringComparer.OrdinalIgnoreCase), command.Patterns([.. byKind[true]]), texts ?? []);
        }

        public bool Includes(string text) => IsAny || Exact.Contains(text) || NamePatterns.IsAnyMatch(Patterns, text);
    }
}
