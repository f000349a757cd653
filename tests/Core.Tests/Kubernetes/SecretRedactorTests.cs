using KubeVirtMonitor.Kubernetes;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>What counts as a secret in foreign text.</summary>
public sealed class SecretRedactorTests
{
    [Theory]
    [InlineData("Bearer abc", "Bearer [redacted]")]
    [InlineData("authorization: basic dTpw", "authorization: basic [redacted]")]
    [InlineData("token: abc def", "token: [redacted] def")]
    [InlineData("{\"access_token\":\"abc\",\"x\":1}", "{\"access_token\":\"[redacted]\",\"x\":1}")]
    [InlineData("?client_secret=abc&scope=x", "?client_secret=[redacted]&scope=x")]
    [InlineData("http://me:pw@proxy:1/", "http://[redacted]@proxy:1/")]
    [InlineData("x eyJhbGciOiJub25lIn0.eyJhIjoxfQ. y", "x [redacted] y")]
    [InlineData("AKIA0123456789ABCDEF012345", "[redacted]")]
    [InlineData("the token has expired", "the token has expired")]
    [InlineData("user system:serviceaccount:kubevirt-monitoring:agent", "user system:serviceaccount:kubevirt-monitoring:agent")]
    [InlineData("see /usr/local/share/doc/aws-iam-authenticator/readme", "see /usr/local/share/doc/aws-iam-authenticator/readme")]
    [InlineData("cut -----BEGIN RSA PRIVATE KEY-----\nMII", "cut [redacted]")]
    public void SecretsGoAndTheRestStays(string text, string expected) => Assert.Equal(expected, SecretRedactor.Redact(text));

    [Theory]
    [InlineData('a')]
    [InlineData('.')]
    [InlineData('-')]
    [InlineData('1')]
    public async Task LongLinesTakeNoTime(char c)
    {
        string text = string.Concat(Enumerable.Repeat($"{c}a", 32 * 1024));
        await Task.Run(() => SecretRedactor.Redact(text), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void KnownSecretsGoWhateverTheyLookLike() => Assert.Equal("open [redacted]!", SecretRedactor.Redact("open sesame!", ["sesame", "x"]));
}
