using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet that asks servers with stored values, and no addresses of endpoints: the set of parameters for these is that for the address of a server.</summary>
public abstract class ServerCommand : NetworkCommand, IServerSource
{
    /// <summary>The server that is asked.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNull]
    [UriTransformation]
    public Uri? PrometheusUri { get; set; }

    /// <summary>The sessions whose servers are asked, as objects or by their numbers.</summary>
    [Parameter(ParameterSetName = ParameterSets.Session, ValueFromPipeline = true)]
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateNotNullOrEmpty]
    public KubeVirtSession[]? Session { get; set; }

    /// <summary>Contexts of the kubeconfig, for the clusters whose servers are asked.</summary>
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string[]? Context { get; set; }

    /// <summary>The moment of which the values are.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [TimeTransformation]
    public virtual DateTimeOffset? Time { get; set; }

    /// <summary>Where the range begins.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [TimeTransformation]
    public virtual DateTimeOffset? Start { get; set; }

    /// <summary>Where the range ends.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [TimeTransformation]
    public virtual DateTimeOffset? End { get; set; }

    /// <summary>The time between two values of a range.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [DurationTransformation]
    [DurationRange(0.001, 366 * 86_400)]
    public virtual TimeSpan? Step { get; set; }

    /// <summary>The length of the range.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [DurationTransformation]
    [DurationRange(1, 3_660 * 86_400d)]
    public virtual TimeSpan? Last { get; set; }

    /// <summary>Which series count, by their labels: texts such as <c>cluster=prod*</c>, or a hashtable.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [ValidateNotNullOrEmpty]
    [MatchTransformation]
    public virtual string[]? Match { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [ValidateRange(0, int.MaxValue / 1000)]
    public override int TimeoutSec { get => base.TimeoutSec; set => base.TimeoutSec = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [ValidateRange(0, 100)]
    public override int MaximumRetryCount { get => base.MaximumRetryCount; set => base.MaximumRetryCount = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [ValidateRange(0.0, 3600.0)]
    public override double RetryIntervalSec { get => base.RetryIntervalSec; set => base.RetryIntervalSec = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [ValidateRange(1, long.MaxValue)]
    public override long MaximumBodySize { get => base.MaximumBodySize; set => base.MaximumBodySize = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [ValidateRange(1, long.MaxValue)]
    public override long MaximumCompressedSize { get => base.MaximumCompressedSize; set => base.MaximumCompressedSize = value; }

    // A server is asked one thing after the other, unless a cmdlet has other targets beside it.
    /// <inheritdoc/>
    public override int ThrottleLimit { get => base.ThrottleLimit; set => base.ThrottleLimit = value; }

    /// <summary>The sessions that the parameters name.</summary>
    private protected IReadOnlyList<KubeVirtSession> Sessions() => SessionResolver.Resolve(this, Session, Context);
}
