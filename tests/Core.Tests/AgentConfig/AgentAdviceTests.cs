using KubeVirtMonitor.AgentConfig;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentConfig;

/// <summary>What failed is advised in the words of the file it was configured in, and of no other.</summary>
public sealed class AgentAdviceTests
{
    public static TheoryData<ScrapeError> Causes => [.. Enum.GetValues<ScrapeError>()];

    [Theory]
    [MemberData(nameof(Causes))]
    public void Every_cause_is_advised_and_hangs_on_no_setting_of_another_caller(ScrapeError cause)
    {
        ScrapeException failed = new(cause, "https://a/metrics", "it failed", new IOException("cut")) { Setting = Setting.Address, StatusCode = System.Net.HttpStatusCode.Found };
        ScrapeException said = AgentAdvice.For(failed)!;
        Assert.EndsWith(".", said.Advice, StringComparison.Ordinal);
        Assert.Equal((cause, "https://a/metrics: it failed.", null, System.Net.HttpStatusCode.Found), (said.Cause, said.Fact, said.Setting, said.StatusCode!.Value));
        Assert.Same(failed, said.InnerException);
    }

    [Theory]
    [InlineData(ScrapeError.Timeout, Setting.Timeout, "Check the address, or allow more time with timeout.")]
    [InlineData(ScrapeError.Timeout, null, "Check that the address can be reached from here; pod addresses often cannot from outside the cluster.")]
    [InlineData(ScrapeError.TlsUntrusted, null, "Set tls_ca_cert to the CA bundle (KubeVirt's is the key ca-bundle of ConfigMap kubevirt-ca), or accept any certificate with tls_verify: false.")]
    [InlineData(ScrapeError.TlsUntrusted, Setting.CertificateAuthority, "Check that tls_ca_cert contains the root that issued it (KubeVirt's is the key ca-bundle of ConfigMap kubevirt-ca), or accept any certificate with tls_verify: false.")]
    [InlineData(ScrapeError.Proxy, Setting.Proxy, "Check proxy, or bypass it with skip_proxy: true.")]
    [InlineData(ScrapeError.ConnectionRefused, null, "Check the host and port of the endpoint, and that the pod is running.")]
    public void Options_are_named_as_the_file_names_them(ScrapeError cause, Setting? setting, string advice) =>
        Assert.Equal(advice, AgentAdvice.For(new ScrapeException(cause, "https://a/metrics", "it failed") { Setting = setting })!.Advice);

    [Fact]
    public void What_did_not_fail_is_not_advised() => Assert.Null(AgentAdvice.For((ScrapeException?)null));
}
