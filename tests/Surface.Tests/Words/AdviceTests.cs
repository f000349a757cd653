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
    [InlineData(ScrapeError.TlsUntrusted, Setting.CertificateAuthority, "Check that -CertificateAuthority holds the root that issued it; KubeVirt's is the key ca-bundle of ConfigMap kubevirt-ca.")]
    [InlineData(ScrapeError.TlsNameMismatch, null, "Use an address that the certificate names, or pass -ServerName with a name that it covers.")]
    [InlineData(ScrapeError.TlsHandshake, Setting.ClientCertificate, "The server wants a certificate of this side: pass -Certificate.")]
    [InlineData(ScrapeError.BodyTooLarge, Setting.BodySize, "If it is meant to be so large, raise -MaximumBodySize.")]
    [InlineData(ScrapeError.BodyTooLarge, Setting.CompressedSize, "If it is meant to be so large, raise -MaximumCompressedSize.")]
    [InlineData(ScrapeError.TooManySeries, Setting.Series, "Look for labels that differ in every series, or raise -MaximumSeries if it is meant to have so many.")]
    [InlineData(ScrapeError.TooManySeries, Setting.Names, "Look for names that hold what belongs into a label, or raise -MaximumNames if it is meant to have so many.")]
    [InlineData(ScrapeError.Unauthorized, null, "Pass -Token, -Credential or -Certificate, or check that it is still valid.")]
    [InlineData(ScrapeError.Unauthorized, Setting.Address, "Pass -Token, -Credential or -Certificate, or check that it is still valid. It was not sent to the host that the redirect led to; give that address as -Uri.")]
    [InlineData(ScrapeError.NotExposition, null, "Text on the pipeline is read as a scrape. To read a file, give its path to -Path.")]
    [InlineData(ScrapeError.NotExposition, Setting.Address, "Check the path in -Uri (KubeVirt's metrics are at /metrics), and whether a sign-in page answered (-Token).")]
    [InlineData(ScrapeError.FileNotFound, Setting.CertificateAuthority, "Check the path given to -CertificateAuthority.")]
    [InlineData(ScrapeError.InvalidOption, Setting.Token, "Pass the bare token, without 'Bearer' and without a line end.")]
    [InlineData(ScrapeError.UnknownComponent, Setting.Component, "Say it with -Component Api, Controller, Handler or Operator, or take everything as it is with -Raw.")]
    [InlineData(ScrapeError.UnencryptedAuthentication, null, "Use https:// in -Uri, or allow it with -AllowUnencryptedAuthentication.")]
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
        Assert.Equal("Check -Proxy, or go past it with -NoProxy.", Advice.In(new ScrapeException(ScrapeError.Proxy, Target, "it failed")).Advice);
    }

    [Fact]
    public void TheNameOfTheCertificateIsTheOneToExpect() => Assert.Equal(
        "If that is the server you mean, pass -ServerName virt-handler.kubevirt.svc.",
        Advice.In(new ScrapeException(ScrapeError.TlsNameMismatch, Target, "it failed") { OtherName = "virt-handler.kubevirt.svc" }).Advice);

    [Theory]
    [InlineData(ScrapeError.ConnectionRefused, Setting.Route, "Look. From outside the cluster, connect with -Route PortForward or ApiServerProxy; a way that is asked for is always taken.")]
    [InlineData(ScrapeError.Timeout, Setting.Route, "Look. Raise -TimeoutSec; from outside the cluster, connect with -Route PortForward or ApiServerProxy.")]
    [InlineData(ScrapeError.TlsExpired, Setting.Route, "Look. Connect with -Route PortForward to be sure whom you ask; only ApiServerProxy goes without verification.")]
    [InlineData(ScrapeError.Timeout, Setting.Timeout, "Look. -TimeoutSec allows more time.")]
    [InlineData(ScrapeError.Busy, Setting.Timeout, "Look. To wait for it here, raise -MaximumRetryCount and -TimeoutSec.")]
    [InlineData(ScrapeError.BadConfiguration, null, "Look.")]
    [InlineData(ScrapeError.TlsHandshake, Setting.ClientCertificate, "Look.")]
    public void WhatIsToBeDoneOutsideComesFirst(ScrapeError cause, Setting? setting, string advice) =>
        Assert.Equal(advice, Advice.In(new ScrapeException(cause, Target, "it failed", advice: "Look.") { Setting = setting }).Advice);

    [Theory]
    [InlineData(KubernetesError.TimedOut, Setting.Timeout, "-TimeoutSec allows more time.")]
    [InlineData(KubernetesError.NoConfiguration, Setting.KubeConfig, "Or name one with -KubeConfigPath, connect with -Server and -Token, or with -InCluster inside a pod.")]
    [InlineData(KubernetesError.ConfigurationInvalid, Setting.KubeConfig, "-KubeConfigPath names another file.")]
    [InlineData(KubernetesError.NoConfiguration, Setting.Context, "-Context names one.")]
    [InlineData(KubernetesError.ArgumentInvalid, Setting.Namespace, "-Namespace names it.")]
    [InlineData(KubernetesError.Forbidden, Setting.InstallNamespace, "Without that permission, name the namespace KubeVirt is installed in with -InstallNamespace, usually kubevirt.")]
    [InlineData(KubernetesError.NotFound, Setting.InstallNamespace, "Leave -InstallNamespace out to look in all namespaces.")]
    [InlineData(KubernetesError.ArgumentInvalid, Setting.Session, "Open a new one with Connect-KubeVirt.")]
    [InlineData(KubernetesError.EntryNotFound, Setting.Probe, "Give one with -Probe, or with -HttpGet, -TcpSocket, -GuestAgentPing or -Exec.")]
    [InlineData(KubernetesError.Conflict, Setting.Force, "Install-KubeVirtAgentPatch -Force overrules it.")]
    [InlineData(KubernetesError.Conflict, Setting.AnnotationVersion, "That is New-KubeVirtAgentPatch -AnnotationVersion 2.")]
    [InlineData(KubernetesError.NotFound, Setting.AgentAccount, "-AgentNamespace and -AgentServiceAccount name the account.")]
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
        Assert.Equal("Put it in. That is: New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch", Advice.In(missing).Advice);
        Assert.Equal("They are being replaced: wait. -TimeoutSec waits for it.", Advice.In(missing with { Advice = "They are being replaced: wait.", Setting = Setting.Timeout }).Advice);
        Assert.Equal("Look.", Advice.In(missing with { Advice = "Look.", Setting = null }).Advice);
    }

    [Theory]
    [InlineData(DriftStatus.NotOnEndpoint, "kubevirt_api.can_connect", "So it is.", "So it is. Get-KubeVirtMetric -HealthUri asks for it.")]
    [InlineData(DriftStatus.NotOnEndpoint, "kubevirt_api.vm.count", "So it is.", "So it is.")]
    [InlineData(DriftStatus.Unmapped, "other", "The catalogue does not know it.", "The catalogue does not know it. Get-KubeVirtMetric -IncludeUnmapped reads it under its raw name.")]
    [InlineData(DriftStatus.Unmapped, "kubevirt_info", "It tells the version of KubeVirt and is no metric.", "It tells the version of KubeVirt and is no metric.")]
    [InlineData(DriftStatus.Missing, "kubevirt_api.process.open_fds", null, null)]
    public void DriftSaysHowToGetIt(DriftStatus status, string name, string? fact, string? shown) =>
        Assert.Equal(shown, Advice.In(new MetricDrift { Name = name, Status = status, Reason = fact, Component = ComponentKind.Api, Target = "a" }).Reason);

    [Theory]
    [InlineData(DefectCause.LineTooLong, "If it is meant to be so long, raise -MaximumLineLength.")]
    [InlineData(DefectCause.TooManyLabels, "If it is meant to have so many, raise -MaximumLabels.")]
    [InlineData(DefectCause.NoLineEnd, "If it is whole, -AllowMissingFinalNewline keeps it.")]
    [InlineData(DefectCause.Malformed, "The line was left out; the lines around it were kept. Correct the exporter or the saved file.")]
    public void ALineIsAdvisedByItsCause(DefectCause cause, string advice) => Assert.Equal(advice, Advice.Of(new ExpositionDefect(1, 1, "bad", "x") { Cause = cause }));
}
