using System.Management.Automation;
using KubeVirtMonitor.Commands;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Binding;

/// <summary>One list of machines: as much of -Name and -Namespace as the API server can filter by itself, and patterns for the rest.</summary>
internal sealed class MachineQuery
{
    private readonly Choice _names;
    private readonly Choice _namespaces;

    private MachineQuery(string? name, string? inNamespace, Choice names, Choice namespaces)
    {
        Name = name;
        Namespace = inNamespace;
        _names = names;
        _namespaces = namespaces;
    }

    /// <summary>The one name that is asked for; null = several, or patterns.</summary>
    public string? Name { get; }

    /// <summary>The one namespace that is asked; null = all of them.</summary>
    public string? Namespace { get; }

    /// <summary>The lists that the parameters of a cmdlet make: one for each name and namespace without wildcards, at most one with.</summary>
    public static IEnumerable<MachineQuery> Of(MachineCommand command) => Of(command, command.Name, command.Namespace);

    /// <summary>The lists that names and namespaces make.</summary>
    public static IEnumerable<MachineQuery> Of(PSCmdlet command, string[]? wantedNames, string[]? wantedNamespaces)
    {
        Choice names = Choice.Of(command, wantedNames);
        Choice namespaces = Choice.Of(command, wantedNamespaces);
        IEnumerable<string?> spaces = namespaces.HasRest ? namespaces.Exact.Append<string?>(null) : namespaces.Exact;
        foreach (string? space in spaces)
        {
            Choice left = space is null ? namespaces : Choice.Any;
            if (names.HasRest) yield return new MachineQuery(null, space, names, left);
            foreach (string name in names.Exact) yield return new MachineQuery(name, space, Choice.Any, left);
        }
    }

    public ListOptions ToOptions(string? labelSelector, Action<KubernetesException> badItem) => new()
    {
        Namespace = Namespace,
        Name = Name,
        LabelSelector = labelSelector,
        BadItem = badItem,
    };

    /// <summary>Whether an object of the list is among those that were asked for.</summary>
    public bool Includes(string inNamespace, string name) =>
        _names.IncludesInRest(name) && _namespaces.IncludesInRest(inNamespace);

    /// <summary>The values of one parameter.</summary>
    private sealed record Choice(string[] Exact, WildcardPattern[] Patterns)
    {
        public static Choice Any { get; } = new([], []);

        /// <summary>Whether something has to be listed besides what is named exactly.</summary>
        public bool HasRest => Patterns.Length > 0 || Exact.Length == 0;

        public static Choice Of(PSCmdlet command, string[]? texts)
        {
            if (texts is null) return Any;
            ILookup<bool, string> byKind = texts.Distinct(StringComparer.Ordinal).ToLookup(WildcardPattern.ContainsWildcardCharacters);
            return new Choice([.. byKind[false]], command.Patterns([.. byKind[true]]));
        }

        // What is named exactly has a list of its own, and comes once.
        public bool IncludesInRest(string text) => Patterns.Length == 0 || (NamePatterns.IsAnyMatch(Patterns, text) && !Exact.Contains(text));
    }
}
