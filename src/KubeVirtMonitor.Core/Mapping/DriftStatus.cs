namespace KubeVirtMonitor;

/// <summary>How a scrape and the catalogue agree on one metric.</summary>
public enum DriftStatus
{
    /// <summary>Promised and there.</summary>
    Present,

    /// <summary>Promised for this component and version, and not in the scrape.</summary>
    Missing,

    /// <summary>Documented for this component, but not by this KubeVirt version.</summary>
    NotInVersion,

    /// <summary>Documented for this component, but never on its metrics endpoint: it comes from the health check or the Kubernetes API.</summary>
    NotOnEndpoint,

    /// <summary>In the scrape, with another type than the catalogue expects.</summary>
    TypeDiffers,

    /// <summary>In the scrape and not in the catalogue.</summary>
    Unmapped,
}
