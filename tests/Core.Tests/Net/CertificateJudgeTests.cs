using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Net;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Net;

/// <summary>
/// Whose certificate is taken. What is right is what Go's crypto/x509 says of the same certificates with the bundle as Roots and what the server
/// sends as Intermediates, since kubectl is what people compare with.
/// </summary>
public sealed class CertificateJudgeTests
{
    private const string Host = "host.example";

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void OldAndNewAuthorityOfOneNameAreBothTried(bool withKeyIds, bool oldFirst)
    {
        Pki old = Pki.New("kubernetes", withKeyId: withKeyIds);
        Pki now = Pki.New("kubernetes", withKeyId: withKeyIds);
        Pki third = Pki.New("kubernetes", withKeyId: !withKeyIds);
        X509Certificate2Collection bundle = oldFirst ? [old.Certificate, third.Certificate, now.Certificate] : [now.Certificate, third.Certificate, old.Certificate];
        Assert.Null(Judge(bundle, now.Issue()));
        Assert.Null(Judge(bundle, old.Issue()));
        Assert.Null(Judge(bundle, now.Issue(withKeyId: false)));
    }

    [Fact]
    public void TheOldAuthorityWithoutAndTheNewWithAKeyIdentifier()
    {
        Pki old = Pki.New("kubernetes", withKeyId: false);
        Pki now = Pki.New("kubernetes");
        Assert.Null(Judge([old.Certificate, now.Certificate], now.Issue()));
        Assert.Null(Judge([now.Certificate, old.Certificate], old.Issue()));
    }

    [Fact]
    public void AnotherAuthorityOfTheSameNameIsNotTrusted()
    {
        Pki[] others = [Pki.New("kubernetes", withKeyId: false), Pki.New("kubernetes"), Pki.New("kubernetes", isAuthority: null)];
        CertificateFinding finding = Judge([.. others.Select(other => other.Certificate)], Pki.New("kubernetes").Issue())!;
        Assert.Equal(CertificateFault.Untrusted, finding.Fault);
        Assert.Equal("CN=kubernetes", finding.Issuer);
        Assert.True(finding.IsSignatureWrong, finding.ToString());
        Assert.Equal(3, finding.Tries);
    }

    [Fact]
    public void AnAuthorityOfAnotherNameIsNamed()
    {
        CertificateFinding finding = Judge([Pki.New("mine").Certificate], Pki.New("theirs").Issue())!;
        Assert.Equal((CertificateFault.Untrusted, "CN=theirs", ""), (finding.Fault, finding.Issuer, finding.Why));
    }

    [Fact]
    public void AnIntermediateIsAnAnchorWithOrWithoutItsRoot()
    {
        Pki root = Pki.New("root");
        Pki middle = Pki.New("middle", root);
        Assert.Null(Judge([middle.Certificate], middle.Issue()));
        Assert.Null(Judge([middle.Certificate], middle.Issue(), root.Certificate));
        Assert.Null(Judge([root.Certificate], middle.Issue(), middle.Certificate));
        Assert.Null(Judge([root.Certificate, middle.Certificate], middle.Issue(), middle.Certificate, root.Certificate));
        // The root alone does not do where the server does not send what lies between.
        Assert.Equal("CN=middle", Judge([root.Certificate], middle.Issue())!.Issuer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AnIntermediateThatOnlyHasTheNameIsNoAnchor(bool withKeyIds)
    {
        Pki root = Pki.New("root", withKeyId: withKeyIds);
        Pki real = Pki.New("middle", root, withKeyId: withKeyIds);
        Pki other = Pki.New("middle", root, withKeyId: withKeyIds);
        CertificateFinding finding = Judge([other.Certificate], real.Issue())!;
        Assert.Equal(CertificateFault.Untrusted, finding.Fault);
        Assert.True(finding.IsSignatureWrong, finding.ToString());
    }

    [Fact]
    public void ACrossSignedAuthorityLeadsToWhicheverRootIsTrusted()
    {
        Pki first = Pki.New("first");
        Pki second = Pki.New("second");
        Pki byFirst = Pki.New("shared", first);
        Pki bySecond = Pki.New("shared", second, twin: byFirst);
        X509Certificate2 leaf = byFirst.Issue();
        Assert.Null(Judge([second.Certificate], leaf, byFirst.Certificate, bySecond.Certificate));
        Assert.Null(Judge([second.Certificate], leaf, bySecond.Certificate, byFirst.Certificate));
        Assert.Null(Judge([first.Certificate], leaf, bySecond.Certificate, byFirst.Certificate));
    }

    [Fact]
    public void AnIntermediateOfTheSameNameThatIsSentFirstDoesNotHideTheRightOne()
    {
        Pki root = Pki.New("root");
        Pki right = Pki.New("middle", root, withKeyId: false);
        Pki wrong = Pki.New("middle", root, withKeyId: false);
        Assert.Null(Judge([root.Certificate], right.Issue(), wrong.Certificate, right.Certificate));
    }

    [Fact]
    public void AnExpiredAuthorityBesideItsRenewalDoesNoHarm()
    {
        Pki expired = Pki.New("kubernetes", until: Pki.Days(-1));
        Pki renewed = Pki.New("kubernetes", twin: expired);
        Pki early = Pki.New("kubernetes", twin: expired, from: Pki.Days(10));
        X509Certificate2 leaf = renewed.Issue();
        Assert.Null(Judge([expired.Certificate, early.Certificate, renewed.Certificate], leaf));
        CertificateFinding finding = Judge([expired.Certificate, Pki.New("kubernetes").Certificate], leaf)!;
        Assert.Equal(CertificateFault.OutOfTime, finding.Fault);
        Assert.False(finding.IsLeaf);
        Assert.StartsWith("expired on ", finding.When, StringComparison.Ordinal);
        Assert.Equal("CN=kubernetes", finding.Subject);
    }

    [Fact]
    public void TheServersOwnCertificateIsAnAnchor()
    {
        X509Certificate2 leaf = Pki.New("somebody").Issue();
        Assert.Null(Judge([leaf], leaf));
        Pki self = Pki.New("self", isAuthority: null, more: Pki.Names(Host));
        Assert.Null(Judge([self.Certificate], self.Certificate));
        Assert.Null(Judge([Pki.New("self").Certificate, self.Certificate], self.Certificate));
        Assert.Equal(CertificateFault.Untrusted, Judge([Pki.New("self").Certificate], self.Certificate)!.Fault);
    }

    [Theory]
    [InlineData(-60, -2, "expired on ")]
    [InlineData(5, 60, "is not valid before ")]
    public void ACertificateOutOfTimeSaysSo(int from, int until, string words)
    {
        Pki root = Pki.New("root");
        X509Certificate2 leaf = root.Issue(from: Pki.Days(from), until: Pki.Days(until));
        CertificateFinding finding = Judge([root.Certificate], leaf, name: "other.example")!;
        Assert.Equal(CertificateFault.OutOfTime, finding.Fault);
        Assert.True(finding.IsLeaf);
        Assert.StartsWith(words, finding.When, StringComparison.Ordinal);
        Assert.True(finding.NameIsWrong);
    }

    [Fact]
    public void TheClockIsTheCallers()
    {
        Pki root = Pki.New("root");
        FakeTimeProvider later = new(Pki.Days(31));
        Assert.Equal(CertificateFault.OutOfTime, new CertificateJudge([root.Certificate], later).Judge(root.Issue(), null, [Host])!.Fault);
    }

    [Theory]
    [InlineData("1.3.6.1.5.5.7.3.2")]
    [InlineData("1.3.6.1.5.5.7.3.3")]
    public void ACertificateForSomethingElseIsRefused(string usage)
    {
        Pki root = Pki.New("root");
        CertificateFinding finding = Judge([root.Certificate], root.Issue(usage: usage))!;
        Assert.Equal(CertificateFault.Untrusted, finding.Fault);
        Assert.Contains("is not meant for servers: NotValidForUsage", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void OneWhoMayNotIssueIsNoIssuer()
    {
        Pki root = Pki.New("root");
        Pki middle = Pki.New("middle", root, isAuthority: false);
        CertificateFinding finding = Judge([root.Certificate], middle.Issue(), middle.Certificate)!;
        Assert.Equal(CertificateFault.Untrusted, finding.Fault);
        Assert.Contains("may not issue certificates", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void ConstraintsOnNamesHold()
    {
        // permittedSubtrees: dNSName "allowed.example"
        byte[] name = [0x82, 15, .. "allowed.example"u8];
        byte[] subtree = [0x30, (byte)name.Length, .. name];
        byte[] permitted = [0xA0, (byte)subtree.Length, .. subtree];
        byte[] constraints = [0x30, (byte)permitted.Length, .. permitted];
        Pki root = Pki.New("root", more: new X509Extension("2.5.29.30", constraints, true));
        Assert.Null(Judge([root.Certificate], root.Issue(["a.allowed.example"]), name: "a.allowed.example"));
        CertificateFinding finding = Judge([root.Certificate], root.Issue())!;
        Assert.Contains("may not issue for its names", finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host.example", "host.example", true)]
    [InlineData("host.example", "HOST.Example.", true)]
    [InlineData("*.example", "a.example", true)]
    [InlineData("*.example", "a.b.example", false)]
    [InlineData("*.example", "example", false)]
    [InlineData("10.0.0.5", "10.0.0.5", true)]
    [InlineData("10.0.0.5", "10.0.0.50", false)]
    [InlineData("fd00::5", "fd00:0:0::5", true)]
    [InlineData("fd00::5", "[fd00::5]", true)]
    [InlineData("fe80::5", "fe80::5%eth0", true)]
    [InlineData("", "leaf", false)]
    public void OnlyAlternativeNamesCount(string carried, string asked, bool isGood)
    {
        Pki root = Pki.New("root");
        CertificateFinding? finding = Judge([root.Certificate], root.Issue(carried.Length == 0 ? [] : [carried]), name: asked);
        Assert.Equal(isGood ? null : CertificateFault.WrongName, finding?.Fault);
    }

    [Fact]
    public void AnyOfSeveralNamesDoesAndNoNameAsksForNone()
    {
        Pki root = Pki.New("root");
        CertificateJudge judge = new([root.Certificate]);
        Assert.Null(judge.Judge(root.Issue(), null, ["other.example", Host]));
        Assert.Null(judge.Judge(root.Issue(), null, []));
    }

    [Fact]
    public void KeysThatAreWeakAreNamed()
    {
        Pki root = Pki.New("root");
        using RSA weak = RSA.Create(1024);
        // Whether 1024 bits are enough is the policy of the system's TLS; where they are not, the error says what is in the chain.
        if (Judge([root.Certificate], root.Issue(key: weak)) is { } finding) Assert.Contains("RSA 1024", finding.Why, StringComparison.Ordinal);
        using ECDsa odd = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        Assert.Contains("EC secp256k1", Judge([root.Certificate], root.Issue(key: odd, usage: "1.3.6.1.5.5.7.3.2"))!.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSystemsAuthoritiesCountWhereNoneAreGiven()
    {
        CertificateFinding finding = new CertificateJudge(null).Judge(Pki.New("kubernetes").Issue(), null, [Host])!;
        Assert.Equal((CertificateFault.Untrusted, "CN=kubernetes"), (finding.Fault, finding.Issuer));
    }

    [Fact]
    public void AServerCannotKeepItsClientBusy()
    {
        Pki root = Pki.New("root");
        Pki[] all = [.. Enumerable.Range(0, 12).Select(_ => Pki.New("loop", withKeyId: false))];
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        CertificateFinding finding = Judge([Pki.New("loop").Certificate], all[0].Issue(), [.. all.Select(one => one.Certificate)])!;
        Assert.Equal(100, finding.Tries);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    private static CertificateFinding? Judge(X509Certificate2Collection anchors, X509Certificate2 leaf, params X509Certificate2[] sent) => Judge(anchors, leaf, Host, sent);

    private static CertificateFinding? Judge(X509Certificate2Collection anchors, X509Certificate2 leaf, string name, params X509Certificate2[] sent)
    {
        using X509Chain shown = new();
        shown.ChainPolicy.ExtraStore.AddRange(sent);
        return new CertificateJudge(anchors).Judge(leaf, shown, [name]);
    }
}
