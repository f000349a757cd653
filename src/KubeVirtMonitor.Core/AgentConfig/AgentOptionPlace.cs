namespace KubeVirtMonitor.AgentConfig;

/// <summary>Where an option of the Agent may stand.</summary>
public enum AgentOptionPlace
{
    /// <summary>At the top of the file.</summary>
    File,

    /// <summary>In an instance.</summary>
    Instance,

    /// <summary>In an instance, or in <c>init_config</c> for all instances that do not say otherwise.</summary>
    InstanceOrInit,
}
