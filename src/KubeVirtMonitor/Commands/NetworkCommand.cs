using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet that scrapes metrics endpoints: how they are reached, under the names that <c>Invoke-RestMethod</c> uses.</summary>
public abstract class NetworkCommand : CancellableCommand
{
    private static readonly ScrapeOptions Defaults = new();

    /// <summary>Longest a target may take, in seconds; 0 = no limit.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [ValidateRange(0, int.MaxValue / 1000)]
    public virtual int TimeoutSec { get; set; } = (int)Defaults.Timeout.TotalSeconds;

    /// <summary>How often a busy target is asked again.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [ValidateRange(0, 100)]
    public virtual int MaximumRetryCount { get; set; } = Defaults.MaximumRetryCount;

    /// <summary>The wait before the first retry, in seconds; it doubles with each.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [ValidateRange(0.0, 3600.0)]
    public virtual double RetryIntervalSec { get; set; } = Defaults.RetryInterval.TotalSeconds;

    /// <summary>How many redirects are followed.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateRange(0, 100)]
    public virtual int MaximumRedirection { get; set; } = Defaults.MaximumRedirection;

    /// <summary>How many targets are scraped at the same time.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [ValidateRange(1, 10_000)]
    public virtual int ThrottleLimit { get; set; } = Defaults.ThrottleLimit;

    /// <summary>PEM bundles or DER files with the only roots to trust.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNullOrEmpty]
    public virtual string[]? CertificateAuthority { get; set; }

    /// <summary>The name that the server's certificate has to carry.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNullOrEmpty]
    public virtual string? ServerName { get; set; }

    /// <summary>The client certificate, with its private key.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNull]
    public virtual X509Certificate2? Certificate { get; set; }

    /// <summary>Takes any server certificate.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    public virtual SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>A bearer token.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNull]
    public virtual SecureString? Token { get; set; }

    /// <summary>User and password for basic authentication.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Credential]
    [ValidateNotNull]
    public virtual PSCredential? Credential { get; set; }

    /// <summary>Lets a token or credential go over plain HTTP to another machine.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    public virtual SwitchParameter AllowUnencryptedAuthentication { get; set; }

    /// <summary>Headers to send.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNull]
    public virtual IDictionary? Headers { get; set; }

    /// <summary>The proxy.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [ValidateNotNull]
    public virtual Uri? Proxy { get; set; }

    /// <summary>User and password for the proxy.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Credential]
    [ValidateNotNull]
    public virtual PSCredential? ProxyCredential { get; set; }

    /// <summary>Goes past every proxy.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    public virtual SwitchParameter NoProxy { get; set; }

    /// <summary>Most bytes of text of one scrape.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public virtual long MaximumBodySize { get; set; } = Defaults.MaximumBodySize;

    /// <summary>Most bytes of one scrape while it is compressed.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public virtual long MaximumCompressedSize { get; set; } = Defaults.MaximumCompressedSize;

    /// <summary>The parameters as the scraper takes them.</summary>
    /// <exception cref="ScrapeException">A certificate file cannot be used.</exception>
    internal virtual ScrapeOptions CreateOptions() => new()
    {
        Timeout = TimeoutSec == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(TimeoutSec),
        MaximumRetryCount = MaximumRetryCount,
        RetryInterval = TimeSpan.FromSeconds(RetryIntervalSec),
        MaximumRedirection = MaximumRedirection,
        MaximumBodySize = MaximumBodySize,
        MaximumCompressedSize = MaximumCompressedSize,
        Headers = HeaderList.Of(Headers),
        Token = Token is null ? null : new NetworkCredential("", Token).Password,
        Credential = Credential?.GetNetworkCredential(),
        AllowUnencryptedAuthentication = AllowUnencryptedAuthentication,
        Proxy = Proxy,
        ProxyCredential = ProxyCredential?.GetNetworkCredential(),
        NoProxy = NoProxy,
        Tls = new TlsOptions
        {
            CertificateAuthority = LoadAuthority(),
            ServerName = ServerName,
            ClientCertificate = Certificate is null ? null : [Certificate],
            SkipCertificateCheck = SkipCertificateCheck,
        },
        ThrottleLimit = ThrottleLimit,
    };

    private X509Certificate2Collection? LoadAuthority()
    {
        if (CertificateAuthority is null) return null;
        string[] paths = [.. CertificateAuthority.Select(GetUnresolvedProviderPathFromPSPath)];
        return AwaitRead(() => CertificateFiles.LoadAuthority(paths));
    }
}
