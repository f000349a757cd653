namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Ends a request with a failure.</summary>
public sealed class ApiException(ApiStatus status) : Exception(status?.Message)
{
    /// <summary>What is sent.</summary>
    public ApiStatus Status { get; } = status ?? throw new ArgumentNullException(nameof(status));
}
