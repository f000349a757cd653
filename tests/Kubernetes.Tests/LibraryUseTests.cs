using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Kubernetes;
using Xunit;

namespace KubeVirtMonitor.Tests.ClientLibrary;

/// <summary>What of KubernetesClient is used, by what the compiler made of it, and what crosses the border to the core.</summary>
public sealed class LibraryUseTests
{
    private static readonly IReadOnlySet<string> Used = UsesOf(typeof(KubernetesLibrary).Assembly.Location, "KubernetesClient");

    private static readonly IReadOnlySet<string> UsedByTheGapTests = UsesOf(typeof(KubernetesClientGapTests).Assembly.Location, "KubernetesClient");

    /// <summary>What must not be used, as expressions over TYPE.MEMBER.</summary>
    public static TheoryData<string> Bans =>
    [
        // Kubeconfigs, and the configuration's own secrets and trust.
        @"^k8s\.KubernetesClientConfiguration\.(BuildConfig|BuildDefaultConfig|InClusterConfig|LoadKubeConfig)",
        @"^k8s\.KubernetesClientConfiguration\.set_(AccessToken|TokenProvider|Username|Password|ClientCertificate|ClientKey)",
        @"^k8s\.KubernetesClientConfiguration\.set_(SslCaCerts|SkipTlsVerify|TlsServerName)",
        @"^k8s\.(Kubernetes\.CertificateValidationCallBack|WebSocketBuilder\.(ExpectServerCertificate|SkipServerCertificateValidation|AddClientCertificate)|CertUtils\b)",
        // Credential plugins.
        @"^k8s\.(KubernetesClientConfiguration\.(CreateRunnableExternalProcess|ExecuteExternalCommand)|Authentication\.|KubeConfigModels\.)",
        // Its errors and time limits, which the way of sending replaces.
        @"^k8s\.Autorest\.HttpOperationException",
        // Calls with a name in the path, and lists.
        @"^k8s\.\w+OperationsExtensions\.(Read|Replace|Patch|Delete|Connect)Namespaced",
        @"^k8s\.\w+OperationsExtensions\.List",
        // Streams.
        @"^k8s\.Kubernetes\.(WebSocketNamespacedPod|MuxedStreamNamespacedPod|NamespacedPodExec)",
        @"^k8s\.(StreamDemuxer|MuxedStream|ByteBuffer)\b",
        @"^k8s\.KubernetesYaml\b",
    ];

    [Theory]
    [MemberData(nameof(Bans))]
    public void WhatHasAGapIsNotUsed(string ban) => Assert.DoesNotContain(Used, use => Regex.IsMatch(use, ban));

    [Theory]
    [MemberData(nameof(Bans))]
    public void EachBanHasATestThatShowsTheGap(string ban) => Assert.Contains(UsedByTheGapTests, use => Regex.IsMatch(use, ban));

    [Fact]
    public void TheConfigurationHoldsTheAddressAndNoSecret() =>
        Assert.Equal(
            ["set_FirstMessageHandlerSetup", "set_Host", "set_HttpClientTimeout"],
            Used.Where(use => use.StartsWith("k8s.KubernetesClientConfiguration.set_", StringComparison.Ordinal)).Select(use => use.Split('.')[^1]).Order(StringComparer.Ordinal));

    [Fact]
    public void TheBorderToTheCoreIsNarrow() =>
        Assert.Equal(
            ["AccessDecision", "AccessQuestion", "IApiCalls", "IApiPolicy", "IKubernetesLibrary", "ResourceType"],
            UsesOf(typeof(KubernetesLibrary).Assembly.Location, "KubeVirtMonitor.Core").Where(use => use.StartsWith("KubeVirtMonitor.", StringComparison.Ordinal))
                .Select(use => use.Replace("KubeVirtMonitor.Kubernetes.", "KubeVirtMonitor.", StringComparison.Ordinal).Split('.')[1])
                .Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void NothingOfTheLibraryIsPublic() => Assert.Empty(typeof(KubernetesLibrary).Assembly.GetExportedTypes());

    [Fact]
    public void TheTableOfWhatIsTakenNamesTestsThatAreHere()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Module.sln"))) root = Path.GetDirectoryName(root)!;
        string[] table = [.. File.ReadLines(Path.Combine(root, "docs", "architecture.md")).SkipWhile(line => !line.StartsWith("| of KubernetesClient |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))];
        string[] tests = [.. typeof(KubernetesClientGapTests).GetMethods().Where(method => method.IsDefined(typeof(FactAttribute), inherit: true)).Select(method => method.Name)];
        Assert.Equal(tests.Order(StringComparer.Ordinal), table.SelectMany(row => Regex.Matches(row.Split('|')[3], "`(\\w+)`").Select(name => name.Groups[1].Value)).Distinct().Order(StringComparer.Ordinal));
        // A row that says no without a test would be an opinion.
        Assert.All(table.Where(row => Regex.IsMatch(row.Split('|')[2], @"^ no\b")), row => Assert.Contains('`', row.Split('|')[3]), throwIfEmpty: true);
    }

    /// <summary>The types, and the members as TYPE.MEMBER, of one assembly that another names.</summary>
    private static HashSet<string> UsesOf(string path, string library)
    {
        using PEReader image = new(File.OpenRead(path));
        MetadataReader metadata = image.GetMetadataReader();
        HashSet<string> uses = [];
        foreach (TypeReferenceHandle handle in metadata.TypeReferences)
        {
            if (NameOf(metadata, handle, library) is { } type) uses.Add(type);
        }

        foreach (MemberReference member in metadata.MemberReferences.Select(metadata.GetMemberReference))
        {
            if (member.Parent.Kind == HandleKind.TypeReference && NameOf(metadata, (TypeReferenceHandle)member.Parent, library) is { } type)
                uses.Add($"{type}.{metadata.GetString(member.Name)}");
        }

        return uses;
    }

    private static string? NameOf(MetadataReader metadata, TypeReferenceHandle handle, string library)
    {
        TypeReference type = metadata.GetTypeReference(handle);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference) return NameOf(metadata, (TypeReferenceHandle)type.ResolutionScope, library);
        if (type.ResolutionScope.Kind != HandleKind.AssemblyReference) return null;
        string assembly = metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name);
        return assembly == library ? $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}" : null;
    }
}
