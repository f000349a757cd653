using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Words;

/// <summary>Core is a library that others could use: it gives facts, and the cmdlets put them into their own words.</summary>
public sealed class WordsTests
{
    private static readonly string Cmdlets = Path.Combine(Repository.Staged, "KubeVirtMonitor.dll");

    public static TheoryData<string> Libraries =>
    [
        "KubeVirtMonitor.Core.dll",
        Path.Combine("Dependencies", "KubeVirtMonitor.Yaml.dll"),
    ];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void NoTextOfALibraryNamesACmdletOrAParameter(string assembly)
    {
        var texts = AssemblyText.Of(Path.Combine(Repository.Staged, assembly));
        Assert.NotEmpty(texts);
        Expect.None(CmdletWords.In(texts));
    }

    [Fact]
    public void NoDocumentationOfCoreNamesACmdletOrAParameter()
    {
        var texts = AssemblyText.OfDocumentation(Path.Combine(AppContext.BaseDirectory, "KubeVirtMonitor.Core.xml"));
        Assert.NotEmpty(texts);
        Expect.None(CmdletWords.In(texts));
    }

    [Fact]
    public void TheTextsOfCoreAreFound()
    {
        var texts = AssemblyText.Of(Path.Combine(Repository.Staged, "KubeVirtMonitor.Core.dll"));
        // A literal of a method, a constant, and a line of the catalogue.
        Assert.Contains("the connection was refused", texts);
        Assert.Contains("kubectl.kubernetes.io/last-applied-configuration", texts);
        Assert.Contains(texts, text => text.StartsWith("kubevirt_vmi_memory_resident_bytes\t", StringComparison.Ordinal) || text.Contains("\tkubevirt_vmi_memory_resident_bytes\t", StringComparison.Ordinal));
    }

    [Fact]
    public void TheTextsOfTheCmdletsAreFullOfSuchWords()
    {
        var found = CmdletWords.In(AssemblyText.Of(Cmdlets)).ToArray();
        Assert.Contains(found, line => line.StartsWith("-TimeoutSec", StringComparison.Ordinal));
        Assert.Contains(found, line => line.StartsWith("Connect-KubeVirt", StringComparison.Ordinal));
        Assert.Contains(CmdletWords.In(AssemblyText.OfDocumentation(Path.Combine(AppContext.BaseDirectory, "KubeVirtMonitor.xml"))), line => line.StartsWith("Install-KubeVirtAgentPatch", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Raise -TimeoutSec, or wait.", "-TimeoutSec")]
    [InlineData("Use Connect-KubeVirt.", "Connect-KubeVirt")]
    [InlineData("Say it with -Component Api.", "-Component")]
    [InlineData("shows with -Verbose", "-Verbose")]
    [InlineData("as PowerShell writes it", "PowerShell")]
    [InlineData("for all cmdlets", "cmdlet")]
    public void AWordOfTheCmdletsIsFound(string text, string word) => Assert.Equal($"{word}: {text}", Assert.Single(CmdletWords.In([text])));

    [Theory]
    [InlineData("kubectl logs -n kubevirt virt-api-1")]
    [InlineData("kubectl get pods --Namespace x")]
    [InlineData("+Inf and -Inf")]
    [InlineData("X-TimeoutSec: a header")]
    [InlineData("the timeout of the namespace")]
    public void OtherWordsAreNot(string text) => Assert.Empty(CmdletWords.In([text]));

    [Fact]
    public void EveryParameterThatTheCmdletsSpeakOfExists() => Expect.None(CmdletWords.UnknownParametersIn(AssemblyText.Of(Cmdlets)));

    [Fact]
    public void AParameterThatNoCmdletHasIsFound() =>
        Assert.Equal(["-Timeout: Raise -Timeout, or -TimeoutSec."], CmdletWords.UnknownParametersIn(["Raise -Timeout, or -TimeoutSec."]));
}
