namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>A check with one instance, as long as that is scheduled.</summary>
internal interface IAgentCheck
{
    /// <summary>Makes what a run sends, with the limits of the instance.</summary>
    Submission Begin();

    /// <summary>Runs it once.</summary>
    /// <exception cref="CheckFailure">The run failed; what was sent before counts.</exception>
    Task RunAsync(Submission submission, CancellationToken cancellation);
}
