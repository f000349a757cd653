namespace KubeVirtMonitor.Kubernetes;

/// <summary>One way to show the server who is asking. Implementations are thread-safe.</summary>
internal interface IKubernetesCredential
{
    /// <summary>What it is, for people.</summary>
    string Kind { get; }

    /// <summary>What to show now; cached where obtaining it costs something.</summary>
    /// <exception cref="KubernetesException">It cannot be obtained.</exception>
    ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken);

    /// <summary>Called after the server refused a value with 401.</summary>
    /// <param name="refused">What was refused.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>True when <see cref="GetAsync"/> now gives something else, so that trying again makes sense.</returns>
    ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken);
}
