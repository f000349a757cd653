using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Net;
using Xunit;

namespace KubeVirtMonitor.Tests.Net;

/// <summary>What is left of foreign text: nothing that is a secret or steers a terminal, and everything that makes sense of an error.</summary>
public sealed class ForeignTextTests
{
    // With a plus, a slash and quotes, so that every way of escaping changes it.
    private const string Secret = "s3cr+t/Va\"lue&7";

    private static readonly ForeignText Knowing = new([Secret]);

    [Theory]
    [InlineData("Bearer abc", "Bearer [redacted]")]
    [InlineData("authorization: basic dTpw", "authorization: basic [redacted]")]
    [InlineData("token: abc def", "token: [redacted] def")]
    [InlineData("{\"access_token\":\"abc\",\"x\":1}", "{\"access_token\":\"[redacted]\",\"x\":1}")]
    [InlineData("?client_secret=abc&scope=x", "?client_secret=[redacted]&scope=x")]
    [InlineData("http://me:pw@proxy:1/", "http://[redacted]@proxy:1/")]
    [InlineData("x eyJhbGciOiJub25lIn0.eyJhIjoxfQ. y", "x [redacted] y")]
    [InlineData("AKIA0123456789ABCDEF012345", "[redacted]")]
    [InlineData("login sha256~x_1234567890abcdefgh failed", "login [redacted] failed")]
    [InlineData("key 7Hq2Lw9Zx4Rt6Yu8Io1Pa3Sd5F here", "key [redacted] here")]
    [InlineData("cut -----BEGIN RSA PRIVATE KEY-----\nMII", "cut [redacted]")]
    [InlineData("client-key-data LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0t", "client-key-data [redacted]")]
    public void SecretsThatNobodyToldOfGo(string text, string expected) => Assert.Equal(expected, ForeignText.OfStranger.Scrub(text));

    [Theory]
    [InlineData("the token has expired")]
    [InlineData("Bearer token required")]
    [InlineData("invalid bearer token: token has expired")]
    [InlineData("error getting credentials: exec: executable kubelogin not found")]
    [InlineData("Basic authentication is not enabled")]
    [InlineData("user system:serviceaccount:kubevirt-monitoring:agent")]
    [InlineData("see /usr/local/share/doc/aws-iam-authenticator/readme")]
    [InlineData("pods \"virt-controller-6d7896dfcf-2trj2\" not found")]
    [InlineData("image quay.io/kubevirt/virt-api@sha256:0f4d8a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7 cannot be pulled")]
    [InlineData("uid 3fa85f64-5717-4562-b3fc-2c963f66afa6 differs")]
    [InlineData("spec.template.spec.domain.devices.interfaces[0].bridge")]
    [InlineData("field requiredDuringSchedulingIgnoredDuringExecution is immutable")]
    public void WhatMakesSenseOfAnErrorStays(string text) => Assert.Equal(text, ForeignText.OfStranger.Scrub(text));

    public static TheoryData<string, string> Forms => new()
    {
        { "plain", Secret },
        { "URL", Uri.EscapeDataString(Secret) },
        { "URL, small hexadecimal", "s3cr%2bt%2fVa%22lue%267" },
        { "JSON", JsonSerializer.Serialize(Secret).Trim('"') },
        { "JSON of Go", "s3cr+t/Va\\\"lue\\u00267" },
        { "JSON of PHP", "s3cr+t\\/Va\"lue&7" },
        { "HTML", "s3cr+t/Va&quot;lue&amp;7" },
        { "base64", Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret)) },
        { "base64 of name and password", Convert.ToBase64String(Encoding.UTF8.GetBytes("me:" + Secret)) },
        { "base64 within a header", Convert.ToBase64String(Encoding.UTF8.GetBytes("x: " + Secret + "\r\n")) },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void AKnownSecretGoesInEveryFormItComesBackIn(string form, string text)
    {
        string shown = Knowing.Scrub($"you sent <{text}>, which is wrong");
        Assert.True(shown.Contains(ForeignText.Mark, StringComparison.Ordinal), $"{form}: {shown}");
        Assert.EndsWith(", which is wrong", shown, StringComparison.Ordinal);
        // Of base64 the characters that also hold a part of what stands around may stay.
        Assert.DoesNotContain(text[4..^4], shown, StringComparison.Ordinal);
    }

    [Fact]
    public void ASecretAcrossTheCutLeavesNothing()
    {
        string shown = Knowing.Line(new string('x', 195) + " " + Secret + " end", 200);
        Assert.Equal(new string('x', 195) + " [red...", shown);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(11)]
    public void ASecretThatTheBodyBreaksOffInLeavesNothing(int length) =>
        Assert.Equal("you sent [redacted]", Knowing.Scrub("you sent " + Secret[..length], isCut: true));

    [Fact]
    public void PiecesOfALongSecretGo()
    {
        const string Token = "aBcDeFgHiJkLmNoPqRsTuVwXyZ.k8s.opaque-token-of-some-length";
        ForeignText foreign = new([Token]);
        Assert.Equal("Bearer [redacted]... and [redacted] too", foreign.Line($"Bearer {Token[..20]}... and {Token[24..44]} too"));
        Assert.DoesNotContain("opaque", foreign.Scrub(Token.Insert(30, "\u001b[1m").Insert(40, "\u200b")), StringComparison.Ordinal);
    }

    [Fact]
    public void ShortWordsGoOnlyWhereTheyStandAlone()
    {
        ForeignText foreign = new(["sesame", "x", "prod"]);
        Assert.Equal("open [redacted]! product x of [redacted]", foreign.Scrub("open sesame! product x of prod"));
    }

    [Fact]
    public void NothingSteersTheTerminal()
    {
        string text = "a\u001b[31mred\u001b[0m b\u001b]0;title\u0007c \u202Eevil\u202C \u0000\u0008d\r\n\u2028e\u200B\uFEFF\u009b1mf \uDB40\uDC41g";
        Assert.Equal("ared bc evil d e f g".Replace("d e f", "d ef", StringComparison.Ordinal), ForeignText.OfStranger.Line(text).Replace("  ", " ", StringComparison.Ordinal));
        Assert.DoesNotContain(ForeignText.Printable(text), c => char.IsControl(c) && c is not ('\n' or '\t'));
    }

    [Fact]
    public void CutsLeaveNoHalfCharacter()
    {
        Assert.Equal("ab...", ForeignText.Cut("ab😀cd", 3));
        Assert.Equal("abc ... yz", ForeignText.CutMiddle("abcdefghijklmnopqrstuvwxyz", 5));
    }

    [Fact]
    public void TheReasonIsTheLineThatTellsIt()
    {
        const string Body = """
            An error has occurred while serving metrics:

            2 error(s) occurred:
            * collected metric "a" { label:{name:"name" value:"web"} gauge:{value:1}} was collected before with the same name and label values
            * collected metric "b" is another
            """;
        Assert.Equal("collected metric \"a\" { label:{name:\"name\" value:\"web\"} gauge:{value:1}} was collected before with the same name and label values (and 1 more)", ForeignText.OfStranger.Reason(Body));
        Assert.Equal("gathering failed", ForeignText.OfStranger.Reason("An error has occurred while serving metrics:\n\ngathering failed\n"));
        Assert.Equal("Something is wrong:", ForeignText.OfStranger.Reason("\n\nSomething is wrong:\n"));
        Assert.Equal("502 Bad Gateway nginx & co", ForeignText.OfStranger.Reason("<html><head><title>x</title></head><h1>502 Bad Gateway</h1><hr>nginx &amp; co</html>"));
        Assert.Equal("", ForeignText.OfStranger.Reason(" \n"));
        Assert.Equal("{ \"apiserver\": { \"connectivity\": \"failed\" } }", ForeignText.OfStranger.Reason("{\n \"apiserver\": {\n  \"connectivity\": \"failed\"\n }\n}"));
    }

    [Fact]
    public void AReasonThatIsLongKeepsItsEnd()
    {
        string shown = ForeignText.OfStranger.Reason("1 error(s) occurred:\n* collected metric " + new string('l', 600) + " was collected before");
        Assert.StartsWith("collected metric lll", shown, StringComparison.Ordinal);
        Assert.EndsWith("lll was collected before", shown, StringComparison.Ordinal);
        Assert.True(shown.Length < 320, shown);
    }

    [Fact]
    public void AnExceptionThatHoldsASecretIsReplacedAndAnyOtherStays()
    {
        HttpRequestException good = new("No route.", new IOException("inner"));
        Assert.Same(good, Knowing.Safe(good));
        Exception safe = Knowing.Safe(new HttpRequestException("Invalid response.", new IOException($"status line: '{Secret}'")))!;
        Assert.DoesNotContain(Secret, safe.ToString(), StringComparison.Ordinal);
        Assert.Contains("System.IO.IOException: status line: '[redacted]'", safe.ToString(), StringComparison.Ordinal);
        Assert.Contains("Invalid response.", safe.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('a')]
    [InlineData('.')]
    [InlineData('-')]
    [InlineData('1')]
    public async Task LongLinesTakeNoTime(char c)
    {
        string text = string.Concat(Enumerable.Repeat($"{c}a", 32 * 1024));
        await Task.Run(() => Knowing.Scrub(text), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("AWS_SECRET_ACCESS_KEY", true)]
    [InlineData("clientSecret", true)]
    [InlineData("--client-secret", true)]
    [InlineData("X-Api-Key", true)]
    [InlineData("GITHUB_TOKEN", true)]
    [InlineData("DB_PASS", true)]
    [InlineData("AWS_PROFILE", false)]
    [InlineData("AWS_WEB_IDENTITY_TOKEN_FILE", false)]
    [InlineData("--token-cache-dir", false)]
    [InlineData("SECRET_NAME", false)]
    [InlineData("MONKEY", false)]
    [InlineData("PATH", false)]
    [InlineData("--region", false)]
    public void ANameSaysWhetherItsValueIsASecret(string name, bool isSecret) => Assert.Equal(isSecret, Secrets.IsNamed(name));

    [Fact]
    public void ArgumentsAndVariablesThatAreConfigurationAreNoSecrets()
    {
        KeyValuePair<string, string>[] variables = [new("AWS_PROFILE", "default"), new("STAGE", "prod"), new("AZURE_CLIENT_SECRET", "8qT~x1"), new("OPAQUE", "7Hq2Lw9Zx4Rt6Yu8Io1Pa3Sd5F")];
        string[] arguments = ["get-token", "--login", "spn", "--client-secret", "hunter22", "--password=swordfish", "--profile", "prod-eu-admin", "--use-token", "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630"];
        Assert.Equal(["8qT~x1", "7Hq2Lw9Zx4Rt6Yu8Io1Pa3Sd5F"], Secrets.Among(variables));
        Assert.Equal(["hunter22", "swordfish"], Secrets.Among(arguments));
        ForeignText foreign = new([.. Secrets.Among(variables), .. Secrets.Among(arguments)]);
        Assert.Equal("The config profile (default) could not be found", foreign.Scrub("The config profile (default) could not be found"));
    }

    [Fact]
    public void OfHeadersOnlyThoseThatAuthenticateAreSecret()
    {
        Assert.Equal(["bWU6cHc=", "me:pw", "pw"], Secrets.OfHeader("Authorization", "Basic bWU6cHc="));
        Assert.Equal(["a=1; session=abc", "1", "abc"], Secrets.OfHeader("Cookie", "a=1; session=abc"));
        Assert.Empty(Secrets.OfHeader("Accept", "text/plain"));
        Assert.Empty(Secrets.OfHeader("X-Scope-OrgID", "prod"));
        Assert.Empty(Secrets.OfHeader("Sec-WebSocket-Protocol", "plain.kubevirt.io"));
        Assert.Equal(["me:p%20w", "p w", "abc"], Secrets.OfAddress(new Uri("https://me:p%20w@host/m?access_token=abc&target=x")));
    }
}
