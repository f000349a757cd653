using System.Net;
using KubeVirtMonitor.Errors;
using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Words;

/// <summary>What the cmdlets advise for the facts that Core gives.</summary>
public sealed class AdviceTests
{
    private const string Target = "https://10.0.0.5:8443/metrics";

    public static TheoryData<ScrapeError, Setting?> CausesAndSettings
    {
        get
        {
            TheoryData<ScrapeError, Setting?> all = [];
            foreach (var cause in Enum.GetValues<ScrapeError>().Where(cause => cause != ScrapeError.BadConfiguration))
            {
                all.Add(cause, null);
                foreach (var setting in Enum.GetValues<Setting>()) all.Add(cause, setting);
            }
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(CausesAndSettings))]
    public void EveryCauseHasAdviceWhateverItHangsOn(ScrapeError cause, Setting? setting) =>
        Assert.EndsWith(".", Advice.In(new ScrapeException(cause, Target, "it failed") { Setting = setting }).Advice, StringComparison.Ordinal);

    [Theory]
    [InlineData(ScrapeError.ConnectionRefused, null, "Check the host and port in -Uri, and that the pod is running.")]
    [InlineData(ScrapeError.Timeout, Setting.Timeout, "Raise -TimeoutSec, or check that the address can be reached from here.")]
    [InlineData(ScrapeError.Timeout, null, "Check -Uri, and check that the address can be reached from here; pod addresses often cannot from outside the cluster.")]
    [InlineData(ScrapeError.TlsUntrusted, null, "Pass the CA bundle with -CertificateAuthority (KubeVirt's is the key ca-bundle of ConfigMap kubevirt-ca), or accept any certificate with -SkipCertificateCheck.")]
    [InlineData(ScrapeError.TlsUntrusted, Setting.CertificateAuthority, "Check that -CertificateAuthority contains the root that issued it; KubeVirt's is the key ca-bundle of ConfigMap kubevirt-ca.")]
    [InlineData(ScrapeError.TlsNameMismatch, null, "Use an address that the certificate contains, or pass -ServerName with a name that it contains.")]
    [InlineData(ScrapeError.TlsHandshake, Setting.ClientCertificate, "The server requires a client certificate: pass -Certificate.")]
    [InlineData(ScrapeError.BodyTooLarge, Setting.BodySize, "If it is meant to be this large, raise -MaximumBodySize.")]
    [InlineData(ScrapeError.BodyTooLarge, Setting.CompressedSize, "If it is meant to be this large, raise -MaximumCompressedSize.")]
    [InlineData(ScrapeError.TooManySeries, Setting.Series, "Look for labels that differ in every series, or raise -MaximumSeries if it is meant to have this many.")]
    [InlineData(ScrapeError.TooManySeries, Setting.Names, "Look for names that contain what should be a label, or raise -MaximumNames if it is meant to have this many.")]
    [InlineData(ScrapeError.Unauthorized, null, "Pass -Token, -Credential or -Certificate, or check that it is still valid.")]
    [InlineData(ScrapeError.Unauthorized, Setting.Address, "Pass -Token, -Credential or -Certificate, or check that it is still valid. It was not sent to the host that the redirect led to; to scrape that host, pass its address to -Uri.")]
    [InlineData(ScrapeError.NotExposition, null, "Text from the pipeline is read as a scrape. To read a file, pass its path to -Path.")]
    [InlineData(ScrapeError.NotExposition, Setting.Address, "Check the path in -Uri (KubeVirt's metrics are at /metrics), and whether the response is a sign-in page (-Token).")]
    [InlineData(ScrapeError.FileNotFound, Setting.CertificateAuthority, "Check the path given to -CertificateAuthority.")]
    [InlineData(ScrapeError.InvalidOption, Setting.Token, "Pass only the token, without 'Bearer' and without a line break.")]
    [InlineData(ScrapeError.UnknownComponent, Setting.Component, "Specify -Component Api, Controller, Handler or Operator, or read everything unchanged with Get-KubeVirtMetric -Raw.")]
    [InlineData(ScrapeError.UnencryptedAuthentication, null, "Use https:// in -Uri, or allow it with -AllowUnencryptedAuthentication.")]
    [InlineData(ScrapeError.ConnectionRefused, Setting.PrometheusAddress, "Check the host and port in -PrometheusUri, and that the server is running.")]
    [InlineData(ScrapeError.NameResolution, Setting.PrometheusAddress, "Check the host in -PrometheusUri; names such as *.svc exist only inside the cluster.")]
    [InlineData(ScrapeError.UnencryptedAuthentication, Setting.PrometheusAddress, "Use https:// in -PrometheusUri, or allow it with -AllowUnencryptedAuthentication.")]
    [InlineData(ScrapeError.Timeout, Setting.PrometheusAddress, "Check -PrometheusUri, and that the address can be reached from here; a server inside a cluster often can only through a route, kubectl port-forward, or the API server of a session.")]
    [InlineData(ScrapeError.NotQueryAnswer, Setting.PrometheusAddress, "Check the path in -PrometheusUri: the API of Mimir is at /prometheus, that of a VictoriaMetrics cluster at /select/0/prometheus, others are at the root unless they have a prefix of their own.")]
    [InlineData(ScrapeError.QueryTooLarge, Setting.PrometheusAddress, "Ask for less: a shorter range, a wider -Step, or fewer series (-Namespace, -Match).")]
    public void AScrapeIsAdvisedByCauseAndSetting(ScrapeError cause, Setting? setting, string advice)
    {
        var error = Advice.In(new ScrapeException(cause, Target, "it failed") { Setting = setting });
        Assert.Equal((advice, $"{Target}: it failed.", $"{Target}: it failed. {advice}"), (error.Advice, error.Fact, error.Message));
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "Check the path in -Uri; KubeVirt's metrics are at /metrics.")]
    [InlineData(HttpStatusCode.BadRequest, "Check whether -Uri should begin with https://, and what -Headers sends.")]
    [InlineData(HttpStatusCode.InternalServerError, "Check -Uri, and the endpoint's own log.")]
    public void AnUnwelcomeStatusIsAdvisedByItsNumber(HttpStatusCode status, string advice) =>
        Assert.Equal(advice, Advice.In(new ScrapeException(ScrapeError.HttpStatus, Target, "it failed") { StatusCode = status }).Advice);

    [Fact]
    public void AProxyThatWantsAPasswordIsGivenOne()
    {
        Assert.Equal("Pass -ProxyCredential.", Advice.In(new ScrapeException(ScrapeError.Proxy, Target, "it failed") { StatusCode = HttpStatusCode.ProxyAuthenticationRequired }).Advice);
        Assert.Equal("Check -Proxy, or bypass it with -NoProxy.", Advice.In(new ScrapeException(ScrapeError.Proxy, Target, "it failed")).Advice);
    }

    [Fact]
    public void TheNameOfTheCertificateIsTheOneToExpect() => Assert.Equal(
        "If that is the server you mean, pass -ServerName virt-handler.kubevirt.svc.",
        Advice.In(new ScrapeException(ScrapeError.TlsNameMismatch, Target, "it failed") { OtherName = "virt-handler.kubevirt.svc" }).Advice);

    [Theory]
    [InlineData(ScrapeError.ConnectionRefused, Setting.Route, "Look. From outside the cluster, connect with -Route PortForward or ApiServerProxy; a route that you specify is always used.")]
    [InlineData(ScrapeError.Timeout, Setting.Route, "Look. Raise -TimeoutSec; from outside the cluster, connect with -Route PortForward or ApiServerProxy.")]
    [InlineData(ScrapeError.TlsExpired, Setting.Route, "Look. To be sure that you reach the right pod, connect with -Route PortForward; only ApiServerProxy does not verify certificates.")]
    [InlineData(ScrapeError.Timeout, Setting.Timeout, "Look. To allow more time, raise -TimeoutSec.")]
    [InlineData(ScrapeError.Busy, Setting.Timeout, "Look. To wait longer, raise -MaximumRetryCount and -TimeoutSec.")]
    [InlineData(ScrapeError.BadConfiguration, null, "Look.")]
    [InlineData(ScrapeError.TlsHandshake, Setting.ClientCertificate, "Look.")]
    public void WhatIsToBeDoneOutsideComesFirst(ScrapeError cause, Setting? setting, string advice) =>
        Assert.Equal(advice, Advice.In(new ScrapeException(cause, Target, "it failed", advice: "Look.") { Setting = setting }).Advice);

    [Theory]
    [InlineData(KubernetesError.TimedOut, Setting.Timeout, "To allow more time, raise -TimeoutSec.")]
    [InlineData(KubernetesError.NoConfiguration, Setting.KubeConfig, "Or specify one with -KubeConfigPath, or connect with -Server and -Token, or with -InCluster inside a pod.")]
    [InlineData(KubernetesError.ConfigurationInvalid, Setting.KubeConfig, "To use another file, pass it to -KubeConfigPath.")]
    [InlineData(KubernetesError.NoConfiguration, Setting.Context, "To select one, use -Context.")]
    [InlineData(KubernetesError.ArgumentInvalid, Setting.Namespace, "Specify it with -Namespace.")]
    [InlineData(KubernetesError.Forbidden, Setting.InstallNamespace, "Without that permission, specify the namespace that KubeVirt is installed in, usually kubevirt, with -InstallNamespace.")]
    [InlineData(KubernetesError.NotFound, Setting.InstallNamespace, "To search all namespaces, omit -InstallNamespace.")]
    [InlineData(KubernetesError.ArgumentInvalid, Setting.Session, "Open a new one with Connect-KubeVirt.")]
    [InlineData(KubernetesError.EntryNotFound, Setting.Probe, "Pass one with -Probe, or use -HttpGet, -TcpSocket, -GuestAgentPing or -Exec.")]
    [InlineData(KubernetesError.Conflict, Setting.Force, "To override it, use Install-KubeVirtAgentPatch -Force.")]
    [InlineData(KubernetesError.Conflict, Setting.AnnotationVersion, "Use New-KubeVirtAgentPatch -AnnotationVersion 2.")]
    [InlineData(KubernetesError.NotFound, Setting.AgentAccount, "Specify the account with -AgentNamespace and -AgentServiceAccount.")]
    public void AClusterIsAdvisedBySettingBesideWhatIsToBeDoneThere(KubernetesError cause, Setting setting, string advice)
    {
        KubernetesException bare = new(cause, "it failed") { Setting = setting, File = "config", Entry = "users[a]", StatusCode = 418 };
        var error = Advice.In(bare);
        Assert.Equal((advice, $"it failed. {advice}", "it failed."), (error.Advice, error.Message, error.Fact));
        Assert.Equal((cause, setting, "config", "users[a]", 418), (error.Error, error.Setting, error.File, error.Entry, error.StatusCode));
        Assert.Equal($"Look. {advice}", Advice.In(new KubernetesException(cause, "it failed", "Look.") { Setting = setting }).Advice);
    }

    [Fact]
    public void WhatHangsOnNoSettingStaysAsItIs()
    {
        KubernetesException error = new(KubernetesError.Forbidden, "user 'jane' may not list pods", "Ask for a Role.");
        Assert.Same(error, Advice.In(error));
    }

    [Fact]
    public void APointOfTheAgentsTestIsAdvisedToo()
    {
        AgentPatchStatus missing = new(AgentPatchCheck.Patch, "KubeVirt kubevirt/kubevirt", AgentPatchState.Failed, "It is missing.", "Put it in.") { Setting = Setting.AgentPatch };
        Assert.Equal("Put it in. Run: New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch", Advice.In(missing).Advice);
        Assert.Equal("They are being replaced: wait. To wait for it, use -TimeoutSec.", Advice.In(missing with { Advice = "They are being replaced: wait.", Setting = Setting.Timeout }).Advice);
        Assert.Equal("Look.", Advice.In(missing with { Advice = "Look.", Setting = null }).Advice);
        // What is installed has names and tags that a default patch does not.
        Assert.Equal("Look. Create the patch again with New-KubeVirtAgentPatch and the same parameters as before, and pipe it to Install-KubeVirtAgentPatch.", Advice.In(missing with { Advice = "Look.", Setting = Setting.InstalledPatch }).Advice);
        Assert.Equal(
            "Renew it. Run: New-KubeVirtAgentPatch -AgentNamespace monitoring | Install-KubeVirtAgentPatch -AuthorityOnly",
            Advice.In(missing with { Advice = "Renew it.", Setting = Setting.AuthorityRenewal, AgentNamespace = "monitoring" }).Advice);
    }

    [Theory]
    [InlineData(DriftStatus.NotOnEndpoint, "kubevirt_api.can_connect", "So it is.", "So it is. Get-KubeVirtMetric -HealthUri reads it.")]
    [InlineData(DriftStatus.NotOnEndpoint, "kubevirt_api.vm.count", "So it is.", "So it is.")]
    [InlineData(DriftStatus.Unmapped, "other", "The catalogue does not know it.", "The catalogue does not know it. Get-KubeVirtMetric -IncludeUnmapped writes it under its raw name.")]
    [InlineData(DriftStatus.Unmapped, "kubevirt_info", "It shows the version of KubeVirt and is not a metric.", "It shows the version of KubeVirt and is not a metric.")]
    [InlineData(DriftStatus.Missing, "kubevirt_api.process.open_fds", null, null)]
    public void DriftSaysHowToGetIt(DriftStatus status, string name, string? fact, string? shown) =>
        Assert.Equal(shown, Advice.In(new MetricDrift { Name = name, Status = status, Reason = fact, Component = ComponentKind.Api, Target = "a" }).Reason);

    [Theory]
    [InlineData(DefectCause.LineTooLong, "If the line is meant to be this long, raise -MaximumLineLength.")]
    [InlineData(DefectCause.TooManyLabels, "If the series is meant to have this many, raise -MaximumLabels.")]
    [InlineData(DefectCause.NoLineEnd, "If the line is complete, use -AllowMissingFinalNewline to keep it.")]
    [InlineData(DefectCause.Malformed, "The line was dropped; the lines around it were kept. Correct the exporter or the saved file.")]
    public void ALineIsAdvisedByItsCause(DefectCause cause, string advice) => Assert.Equal(advice, Advice.Of(new ExpositionDefect(1, 1, "bad", "x") { Cause = cause }));
}
