using System.Management.Automation;
using KubeVirtMonitor.Commands;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Binding;

/// <summary>One list of machines: as much of -Name and -Namespace as the API server can filter by itself, and what is wanted of the rest.</summary>
internal sealed class MachineQuery
{
    /// <summary>So many names are asked for one by one; more are looked up in one list.</summary>
    public const int Handful = 16;

    private readonly Choice _names;
    private readonly Choice _namespaces;
    private readonly HashSet<(string Namespace, string Name)>? _placed;
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    private MachineQuery(string? name, string? inNamespace, Choice names, Choice namespaces)
    {
        Name = name;
        Namespace = inNamespace;
        _names = names;
        _namespaces = namespaces;
    }

    private MachineQuery(HashSet<(string Namespace, string Name)> placed)
        : this(null, null, Choice.Any, Choice.Any) => _placed = placed;

    /// <summary>The one name that the API server is asked for; null = several, or patterns.</summary>
    public string? Name { get; }

    /// <summary>The one namespace that is asked; null = all of them.</summary>
    public string? Namespace { get; }

    /// <summary>The names without wildcards that are asked for.</summary>
    public IReadOnlyCollection<string> Exact => Name is { } one ? [one] : _names.Exact;

    /// <summary>Those of them that nothing had that <see cref="Includes"/> was asked about.</summary>
    public IEnumerable<string> Missing => Exact.Where(name => !_found.Contains(name));

    /// <summary>The lists that the parameters of a cmdlet make: one for each name and namespace without wildcards as long as these are few, at most one with.</summary>
    public static IEnumerable<MachineQuery> Of(MachineCommand command) => Of(command, command.Name, command.Namespace);

    /// <summary>The lists that names and namespaces make.</summary>
    public static IEnumerable<MachineQuery> Of(PSCmdlet command, string[]? wantedNames, string[]? wantedNamespaces)
    {
        Choice names = Choice.Of(command, wantedNames);
        Choice namespaces = Choice.Of(command, wantedNamespaces);
        bool isOne = names.Exact.Count > Handful;
        IEnumerable<string?> spaces = namespaces.HasRest ? namespaces.Exact.Append<string?>(null) : namespaces.Exact;
        foreach (string? space in spaces)
        {
            Choice left = space is null ? namespaces.Rest : Choice.Any;
            if (names.HasRest || isOne) yield return new MachineQuery(null, space, isOne ? names : names.Rest, left);
            if (isOne) continue;
            foreach (string name in names.Exact) yield return new MachineQuery(name, space, Choice.Any, left);
        }
    }

    /// <summary>One list of all namespaces, for machines in many of them.</summary>
    public static MachineQuery Of(HashSet<(string Namespace, string Name)> machines) => new(machines);

    /// <summary>Whether it is a list for machines in many namespaces.</summary>
    public bool IsOfMany => _placed is not null;

    public ListOptions ToOptions(string? labelSelector, Action<KubernetesException> badItem) => new()
    {
        Namespace = Namespace,
        Name = Name,
        LabelSelector = labelSelector,
        BadItem = badItem,
    };

    /// <summary>Whether an object of the list is among those that were asked for. Each is asked about once.</summary>
    public bool Includes(string inNamespace, string name)
    {
        if (_placed is not null) return _placed.Remove((inNamespace, name));
        if (!_names.Includes(name) || !_namespaces.Includes(inNamespace)) return false;
        if (IsExact(name)) _found.Add(name);
        return true;
    }

    /// <summary>Whether a machine is asked for by its name, and not by a wildcard or with all others.</summary>
    public bool IsExact(string name) => Name == name || _names.Exact.Contains(name) || _placed is not null;

    /// <summary>The values of one parameter.</summary>
    private sealed record Choice(HashSet<string> Exact, WildcardPattern[] Patterns)
    {
        public static Choice Any { get; } = new([], []);

        // Values that have a list of their own, and come once.
        private HashSet<string> Except { get; init; } = [];

        /// <summary>What is left when what is named exactly is taken out.</summary>
        public Choice Rest => this with { Exact = [], Except = Exact };

        /// <summary>Whether something has to be listed besides what is named exactly.</summary>
        public bool HasRest => Patterns.Length > 0 || Exact.Count == 0;

        public static Choice Of(PSCmdlet command, string[]? texts)
        {
            if (texts is null) return Any;
            ILookup<bool, string> byKind = texts.Distinct(StringComparer.Ordinal).ToLookup(WildcardPattern.ContainsWildcardCharacters);
            return new Choice([.. byKind[false]], command.Patterns([.. byKind[true]]));
        }

        public bool Includes(string text) => (Exact.Count == 0 && Patterns.Length == 0) || Exact.Contains(text) || (NamePatterns.IsAnyMatch(Patterns, text) && !Except.Contains(text));
    }
}
