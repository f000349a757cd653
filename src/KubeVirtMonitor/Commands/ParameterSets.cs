namespace KubeVirtMonitor.Commands;

/// <summary>The parameter sets of cmdlets that read scrapes: one per kind of source.</summary>
internal static class ParameterSets
{
    public const string Path = "Path";
    public const string LiteralPath = "LiteralPath";
    public const string Uri = "Uri";
    public const string InputObject = "InputObject";
    public const string Session = "Session";
    public const string AgentConfig = "AgentConfig";
    public const string Prometheus = "Prometheus";
    public const string Component = "Component";
}
