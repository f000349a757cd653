using System.Text.RegularExpressions;
using Xunit;

namespace KubeVirtMonitor.Tests.Surface.Cmdlets;

/// <summary>Parameters that other cmdlets have are named and typed as there.</summary>
public sealed class ParameterTests
{
    /// <summary>Network parameters as Invoke-RestMethod has them, with their types; fractions of a second do no harm.</summary>
    private static readonly Dictionary<string, string> Network = new()
    {
        ["Uri"] = "System.Uri",
        ["SkipCertificateCheck"] = "System.Management.Automation.SwitchParameter",
        ["Certificate"] = "System.Security.Cryptography.X509Certificates.X509Certificate2",
        ["Credential"] = "System.Management.Automation.PSCredential",
        ["Token"] = "System.Security.SecureString",
        ["Headers"] = "System.Collections.IDictionary",
        ["Proxy"] = "System.Uri",
        ["ProxyCredential"] = "System.Management.Automation.PSCredential",
        ["NoProxy"] = "System.Management.Automation.SwitchParameter",
        ["TimeoutSec"] = "System.Int32|System.Double",
        ["MaximumRetryCount"] = "System.Int32",
        ["RetryIntervalSec"] = "System.Int32|System.Double",
        ["MaximumRedirection"] = "System.Int32",
    };

    /// <summary>What people would call the same things otherwise.</summary>
    private static readonly Dictionary<string, string> Misnomers = new()
    {
        ["^(Url|Address|Endpoint|Uris)$"] = "Uri",
        ["^(Insecure.*|Skip(Tls|Ssl|Cert).*|No(Tls|Ssl)?Verify.*|Ignore(Tls|Ssl|Cert).*|TlsVerify)$"] = "SkipCertificateCheck",
        ["^(ClientCertificate|Cert)$"] = "Certificate",
        ["^(BearerToken|AccessToken|AuthToken|ApiToken)$"] = "Token",
        ["^Header$"] = "Headers",
        ["^(ProxyUri|ProxyUrl|ProxyServer)$"] = "Proxy",
        ["^(Timeout|TimeoutSeconds|RequestTimeout.*|ScrapeTimeout.*)$"] = "TimeoutSec",
        ["^(Retry|Retries|RetryCount|MaxRetr.*|MaximumRetries)$"] = "MaximumRetryCount",
        ["^(RetryDelay.*|RetryInterval|RetryIntervalSeconds)$"] = "RetryIntervalSec",
        ["^(MaxRedirect.*|MaximumRedirects)$"] = "MaximumRedirection",
        ["^(User|UserName|Password)$"] = "Credential",
    };

    // Names for what is on the file system, by PowerShell's guidelines; a certificate authority says what the file is.
    private static readonly string[] PathNames = ["Path", "LiteralPath", "OutputPath", "DestinationPath", "CertificateAuthority", "KubeConfigPath", "ThresholdPath"];

    public static IEnumerable<TheoryDataRow<string>> Names => CmdletClass.All.Select(cmdlet => new TheoryDataRow<string>(cmdlet.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void NetworkParametersAreThoseOfInvokeRestMethod(string name)
    {
        var parameters = Get(name).Parameters;
        Expect.None(parameters
            .Where(parameter => !IsProbeField(name, parameter) && StandardName(parameter.Name) is string standard && standard != parameter.Name)
            .Select(parameter => $"{parameter} should be -{StandardName(parameter.Name)}"));
        Expect.None(parameters
            .Where(parameter => Network.TryGetValue(parameter.Name, out var types) && !types.Split('|').Contains(parameter.TypeName))
            .Select(parameter => $"{parameter} should be of {Network[parameter.Name]}, not {parameter.TypeName}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SecretsAreNeverPlainText(string name) => Expect.None(Get(name).Parameters
        .Where(parameter => Regex.IsMatch(parameter.Name, "Token|Password|Secret|Passphrase", RegexOptions.IgnoreCase))
        .Where(parameter => parameter.TypeName is not ("System.Security.SecureString" or "System.Management.Automation.PSCredential"))
        .Select(parameter => $"{parameter} is of {parameter.TypeName}"));

    [Theory]
    [MemberData(nameof(Names))]
    public void PathsAreNamedAsEverywhere(string name) => Expect.None(Get(name).Parameters
        .Where(parameter => parameter.TypeName is "System.String" or "System.IO.FileInfo")
        .Where(parameter => Regex.IsMatch(parameter.Name, "(Path|File|FileName|Folder|Directory)s?$"))
        .Where(parameter => !PathNames.Contains(parameter.Name))
        .Select(parameter => $"{parameter} is not one of {string.Join(", ", PathNames)}"));

    [Theory]
    [MemberData(nameof(Names))]
    public void PathHasALiteralTwin(string name)
    {
        var cmdlet = Get(name);
        if (cmdlet.Find("Path") is not CmdletParameter path || IsProbeField(name, path))
        {
            Assert.Null(cmdlet.Find("LiteralPath"));
            return;
        }
        var literal = cmdlet.Find("LiteralPath");
        Assert.NotNull(literal);
        Assert.True(path.SupportsWildcards, "-Path has no [SupportsWildcards].");
        Assert.False(literal.SupportsWildcards, "-LiteralPath is taken as it is.");
        // The way from Get-ChildItem: its PSPath binds by property name.
        Assert.Contains("PSPath", literal.Aliases);
        Assert.True(literal.Declares("ValueFromPipelineByPropertyName"), "-LiteralPath doesn't bind from Get-ChildItem.");
        Assert.Equal(path.IsArray, literal.IsArray);
    }

    [Theory]
    [InlineData("Url", "Uri")]
    [InlineData("SkipTlsVerify", "SkipCertificateCheck")]
    [InlineData("Insecure", "SkipCertificateCheck")]
    [InlineData("SkipCertificateCheck", "SkipCertificateCheck")]
    [InlineData("TimeoutSeconds", "TimeoutSec")]
    [InlineData("MaxRetries", "MaximumRetryCount")]
    [InlineData("Path", null)]
    [InlineData("CertificateAuthority", null)]
    public void MisnomersAreKnown(string name, string? standard) => Assert.Equal(standard, StandardName(name));

    // The fields of a probe have the names that manifests give them; its path is that of an HTTP request.
    private static bool IsProbeField(string cmdlet, CmdletParameter parameter) =>
        (cmdlet is "New-VmiProbe" or "Test-VmiProbe" && parameter.Name == "Path") || (cmdlet is "New-VmiProbe" or "Test-VmiProbe" or "Get-VmiProbeTimeline" && parameter.Name == "TimeoutSeconds");

    private static string? StandardName(string name) =>
        Misnomers.FirstOrDefault(misnomer => Regex.IsMatch(name, misnomer.Key, RegexOptions.IgnoreCase)).Value;

    private static CmdletClass Get(string name) => CmdletClass.All.Single(cmdlet => cmdlet.Name == name);
}
