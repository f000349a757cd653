namespace KubeVirtMonitor.Tests.Surface.Architecture;

/// <summary>A top-level type of an assembly.</summary>
/// <param name="Name">Namespace and metadata name, such as <c>N.Table`1</c>.</param>
/// <param name="IsPublic">Whether other assemblies see it.</param>
/// <param name="IsGenerated">Whether the compiler or a source generator made it, so that no source file declares it.</param>
internal sealed record CompiledType(string Name, bool IsPublic, bool IsGenerated);
