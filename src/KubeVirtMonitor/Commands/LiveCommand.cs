using System.Collections;
using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;

namespace KubeVirtMonitor.Commands;

/// <summary>A repeated cmdlet that reads targets alone: a saved scrape never changes and a server is asked for its history, so the parameters for those do not bind.</summary>
public abstract class LiveCommand : RepeatedCommand
{
    /// <inheritdoc/>
    public sealed override string[] Path { get; set; } = [];

    /// <inheritdoc/>
    public sealed override string[] LiteralPath { get; set; } = [];

    /// <inheritdoc/>
    public sealed override ScrapeContent? InputObject { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [ValidateNotNullOrEmpty]
    public override ComponentKind[]? Component { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Session, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [Alias("VM")]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    [ValidateNotNull]
    [AllowEmptyCollection]
    [SupportsWildcards]
    [MachineTransformation]
    public override MachineReference[]? Vmi { get; set; }

    /// <inheritdoc/>
    public sealed override Uri? PrometheusUri { get; set; }

    /// <inheritdoc/>
    public sealed override DateTimeOffset? Time { get; set; }

    /// <inheritdoc/>
    public sealed override DateTimeOffset? Start { get; set; }

    /// <inheritdoc/>
    public sealed override DateTimeOffset? End { get; set; }

    /// <inheritdoc/>
    public sealed override TimeSpan? Step { get; set; }

    /// <inheritdoc/>
    public sealed override TimeSpan? Last { get; set; }

    /// <inheritdoc/>
    public sealed override string[]? Match { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [ValidateRange(0, int.MaxValue / 1000)]
    public sealed override int TimeoutSec { get => base.TimeoutSec; set => base.TimeoutSec = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [ValidateRange(0, 100)]
    public sealed override int MaximumRetryCount { get => base.MaximumRetryCount; set => base.MaximumRetryCount = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [ValidateRange(0.0, 3600.0)]
    public sealed override double RetryIntervalSec { get => base.RetryIntervalSec; set => base.RetryIntervalSec = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateRange(0, 100)]
    public sealed override int MaximumRedirection { get => base.MaximumRedirection; set => base.MaximumRedirection = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNullOrEmpty]
    public sealed override string[]? CertificateAuthority { get => base.CertificateAuthority; set => base.CertificateAuthority = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNullOrEmpty]
    public sealed override string? ServerName { get => base.ServerName; set => base.ServerName = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNull]
    public sealed override X509Certificate2? Certificate { get => base.Certificate; set => base.Certificate = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    public sealed override SwitchParameter SkipCertificateCheck { get => base.SkipCertificateCheck; set => base.SkipCertificateCheck = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNull]
    public sealed override SecureString? Token { get => base.Token; set => base.Token = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Credential]
    [ValidateNotNull]
    public sealed override PSCredential? Credential { get => base.Credential; set => base.Credential = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    public sealed override SwitchParameter AllowUnencryptedAuthentication { get => base.AllowUnencryptedAuthentication; set => base.AllowUnencryptedAuthentication = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNull]
    public sealed override IDictionary? Headers { get => base.Headers; set => base.Headers = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNull]
    public sealed override Uri? Proxy { get => base.Proxy; set => base.Proxy = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Credential]
    [ValidateNotNull]
    public sealed override PSCredential? ProxyCredential { get => base.ProxyCredential; set => base.ProxyCredential = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    public sealed override SwitchParameter NoProxy { get => base.NoProxy; set => base.NoProxy = value; }
}
