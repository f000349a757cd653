namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>One type of an assembly that uses another. Nested types count as their outermost one.</summary>
/// <param name="User">Namespace and metadata name of the type that uses.</param>
/// <param name="Used">Namespace and metadata name of the type that is used.</param>
internal sealed record TypeUse(string User, string Used);
