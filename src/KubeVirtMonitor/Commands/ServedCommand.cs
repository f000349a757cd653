using System.Collections;
using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Binding;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet that reads scrapes, or asks a server that has stored them.</summary>
public abstract class ServedCommand : ScrapeCommand, IServerSource
{
    /// <summary>The server that is asked in place of endpoints.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.Prometheus)]
    [ValidateNotNull]
    [UriTransformation]
    public virtual Uri? PrometheusUri { get; set; }

    /// <summary>The moment of which the values are.</summary>
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [TimeTransformation]
    public virtual DateTimeOffset? Time { get; set; }

    /// <summary>Where the range begins.</summary>
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [TimeTransformation]
    public virtual DateTimeOffset? Start { get; set; }

    /// <summary>Where the range ends.</summary>
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [TimeTransformation]
    public virtual DateTimeOffset? End { get; set; }

    /// <summary>The time between two values of a range.</summary>
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [DurationTransformation]
    [DurationRange(0.001, 366 * 86_400)]
    public virtual TimeSpan? Step { get; set; }

    /// <summary>The length of the range.</summary>
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [DurationTransformation]
    [DurationRange(1, 3_660 * 86_400d)]
    public virtual TimeSpan? Last { get; set; }

    /// <summary>Which series count, by their labels: texts such as <c>cluster=prod*</c>, or a hashtable.</summary>
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [ValidateNotNullOrEmpty]
    [MatchTransformation]
    public virtual string[]? Match { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [ValidateRange(0, int.MaxValue / 1000)]
    public override int TimeoutSec { get => base.TimeoutSec; set => base.TimeoutSec = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [ValidateRange(0, 100)]
    public override int MaximumRetryCount { get => base.MaximumRetryCount; set => base.MaximumRetryCount = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [ValidateRange(0.0, 3600.0)]
    public override double RetryIntervalSec { get => base.RetryIntervalSec; set => base.RetryIntervalSec = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [ValidateRange(0, 100)]
    public override int MaximumRedirection { get => base.MaximumRedirection; set => base.MaximumRedirection = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [ValidateNotNullOrEmpty]
    public override string[]? CertificateAuthority { get => base.CertificateAuthority; set => base.CertificateAuthority = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [ValidateNotNullOrEmpty]
    public override string? ServerName { get => base.ServerName; set => base.ServerName = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [ValidateNotNull]
    public override X509Certificate2? Certificate { get => base.Certificate; set => base.Certificate = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    public override SwitchParameter SkipCertificateCheck { get => base.SkipCertificateCheck; set => base.SkipCertificateCheck = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [ValidateNotNull]
    public override SecureString? Token { get => base.Token; set => base.Token = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [Credential]
    [ValidateNotNull]
    public override PSCredential? Credential { get => base.Credential; set => base.Credential = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    public override SwitchParameter AllowUnencryptedAuthentication { get => base.AllowUnencryptedAuthentication; set => base.AllowUnencryptedAuthentication = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [ValidateNotNull]
    public override IDictionary? Headers { get => base.Headers; set => base.Headers = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [ValidateNotNull]
    public override Uri? Proxy { get => base.Proxy; set => base.Proxy = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [Credential]
    [ValidateNotNull]
    public override PSCredential? ProxyCredential { get => base.ProxyCredential; set => base.ProxyCredential = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    public override SwitchParameter NoProxy { get => base.NoProxy; set => base.NoProxy = value; }
}
