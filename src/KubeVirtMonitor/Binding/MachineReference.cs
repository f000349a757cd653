using System.Management.Automation;
using KubeVirtMonitor.Binding;

namespace KubeVirtMonitor;

/// <summary>One or more machines that a parameter names: by a name with wildcards, as <c>NAMESPACE/NAME</c>, or by an object that is of one; or all of a node, by the node.</summary>
/// <remarks>Made by PowerShell's parameter binder from text, and from objects that have a namespace, and a name or the name of a VMI.</remarks>
public sealed class MachineReference
{
    /// <summary>Names machines by text.</summary>
    /// <param name="text">A name with wildcards, such as <c>web-*</c>, or <c>NAMESPACE/NAME</c>.</param>
    /// <exception cref="PSArgumentException">There is no name in it.</exception>
    public MachineReference(string text)
        : this(text.Contains('/', StringComparison.Ordinal) ? text[..text.IndexOf('/', StringComparison.Ordinal)] : null, text[(text.IndexOf('/', StringComparison.Ordinal) + 1)..], default)
    {
        if (Name.Length == 0 || Namespace is "" || Name.Contains('/', StringComparison.Ordinal)) throw new PSArgumentException($"'{text}' does not name a VM. Specify a name such as web-1, web-* or NAMESPACE/NAME.");
    }

    internal MachineReference(string? inNamespace, string name, Origin origin)
    {
        Namespace = inNamespace;
        Name = name;
        Origin = origin;
    }

    /// <summary>The namespace, with wildcards; null = any.</summary>
    public string? Namespace { get; }

    /// <summary>The name, with wildcards.</summary>
    public string Name { get; }

    /// <summary>The session of the object that names it; null = none.</summary>
    public KubeVirtSession? Session => Origin.Session;

    /// <summary>The cluster of the object that names it.</summary>
    internal Origin Origin { get; }

    /// <summary>Whether it stands for what is on a node, which the name is of.</summary>
    internal bool IsNode { get; init; }

    /// <summary>Whether its names may be patterns, which those of a cluster or a scrape are not.</summary>
    internal bool MayBePattern { get; init; } = true;

    /// <summary>Whether it names exactly one machine of a namespace.</summary>
    internal bool IsExact => !MayBePattern || (!WildcardPattern.ContainsWildcardCharacters(Name) && (Namespace is null || !WildcardPattern.ContainsWildcardCharacters(Namespace)));

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
