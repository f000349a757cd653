using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Tests.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>What is said of the authorities that the Agent has, and of their mount. The names of the files are those of openssl.</summary>
public sealed class AuthorityChecksTests
{
    private const string ConfigMap = "/api/v1/namespaces/datadog/configmaps/datadog-agent-kubevirt-ca";
    private const string Directory = """{"name":"kubevirt-ca","mountPath":"/etc/kubevirt-ca"}""";
    private const string Volume = """{"name":"kubevirt-ca","configMap":{"name":"datadog-agent-kubevirt-ca"}}""";

    [Fact]
    public async Task TheAuthorityOfNowPasses()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[ConfigMap] = Data((await HashAsync(cluster.Root) + ".0", cluster.Root.AuthorityPem));
        AgentPatchStatus point = await OfConfigMapAsync(cluster);
        Assert.Equal((AgentPatchCheck.Authority, "ConfigMap datadog/datadog-agent-kubevirt-ca", AgentPatchState.Passed, "It holds the authority that KubeVirt uses now."), (point.Check, point.Target, point.State, point.Message));
    }

    [Fact]
    public async Task TheAuthorityOfYesterdayFailsWithTheOneThatIsMissing()
    {
        await using FakeCluster cluster = new();
        Pki next = Pki.New("kubevirt.io@1764000000");
        cluster.Answers[ConfigMap] = Data((await HashAsync(cluster.Root) + ".0", cluster.Root.AuthorityPem));
        cluster.Answers[FakeCluster.Authority] = Data(("ca-bundle", cluster.Root.AuthorityPem + "\n" + next.AuthorityPem));
        AgentPatchStatus point = await OfConfigMapAsync(cluster);
        Assert.Equal(AgentPatchState.Failed, point.State);
        Assert.Equal($"Of the 2 authorities that KubeVirt uses now, it lacks CN=kubevirt.io@1764000000 valid from {next.Certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {next.Certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}.", point.Message);
        Assert.Equal(("Renew the ConfigMap, and nothing else.", Setting.AuthorityRenewal, "datadog"), (point.Advice, point.Setting, point.AgentNamespace));
        // With both, and one that KubeVirt no longer has, all is well.
        Pki old = Pki.New("kubevirt.io@1700000000");
        cluster.Answers[ConfigMap] = Data((await HashAsync(cluster.Root) + ".0", cluster.Root.AuthorityPem), (await HashAsync(next) + ".0", next.AuthorityPem), (await HashAsync(old) + ".0", old.AuthorityPem));
        AgentPatchStatus all = await OfConfigMapAsync(cluster);
        Assert.Equal((AgentPatchState.Passed, "It holds the 2 authorities that KubeVirt uses now."), (all.State, all.Message));
    }

    [Theory]
    [InlineData("ca-bundle")]
    [InlineData("ca.crt")]
    [InlineData("0123abcd.0")]
    public async Task AnAuthorityUnderAnotherNameIsNotFound(string key)
    {
        await using FakeCluster cluster = new();
        cluster.Answers[ConfigMap] = Data((key, cluster.Root.AuthorityPem));
        AgentPatchStatus point = await OfConfigMapAsync(cluster);
        Assert.Equal(AgentPatchState.Failed, point.State);
        Assert.EndsWith($" under the key {key}, where OpenSSL does not look for it: that is {await HashAsync(cluster.Root)}.0.", point.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAuthorityBehindAGapIsNotFound()
    {
        await using FakeCluster cluster = new();
        string hash = await HashAsync(cluster.Root);
        cluster.Answers[ConfigMap] = Data((hash + ".1", cluster.Root.AuthorityPem));
        Assert.EndsWith($" under the key {hash}.1, where OpenSSL does not look for it: that is {hash}.0.", (await OfConfigMapAsync(cluster)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AConfigMapThatIsMissingOrHidden()
    {
        await using FakeCluster cluster = new();
        AgentPatchStatus point = await OfConfigMapAsync(cluster);
        Assert.Equal((AgentPatchState.Failed, "It does not exist, so the Agent cannot verify the certificates of KubeVirt.", "Renew the ConfigMap, and nothing else.", Setting.AuthorityRenewal), (point.State, point.Message, point.Advice, point.Setting));
        cluster.Answers[ConfigMap] = _ => FakeCluster.Forbidden("get", "configmaps", "", "in the namespace \"datadog\"");
        point = await OfConfigMapAsync(cluster);
        Assert.Equal(AgentPatchState.Skipped, point.State);
        Assert.StartsWith("user 'jane' may not get configmaps in namespace datadog", point.Message, StringComparison.Ordinal);
        // What the Agent has cannot be compared with what nobody may read.
        cluster.Answers[ConfigMap] = Data((await HashAsync(cluster.Root) + ".0", cluster.Root.AuthorityPem));
        cluster.Answers[FakeCluster.Authority] = _ => FakeCluster.Forbidden("get", "configmaps", "", "in the namespace \"kv\"");
        point = await OfConfigMapAsync(cluster);
        Assert.Equal(AgentPatchState.Skipped, point.State);
        Assert.StartsWith("Which authorities KubeVirt uses now is not known.", point.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OfManyAuthoritiesThatAreMissingThreeAreNamed()
    {
        await using FakeCluster cluster = new();
        string[] names = ["one", "two", "three", "four", "five"];
        cluster.Answers[FakeCluster.Authority] = Data(("ca-bundle", string.Concat(names.Select(static name => Pki.New(name).AuthorityPem + "\n"))));
        cluster.Answers[ConfigMap] = Data(("x", ""));
        Assert.Matches("^Of the 5 authorities that KubeVirt uses now, it lacks CN=one valid from [0-9-]+ to [0-9-]+, CN=two valid from [0-9-]+ to [0-9-]+, CN=three valid from [0-9-]+ to [0-9-]+ and 2 more\\.$", (await OfConfigMapAsync(cluster)).Message);
    }

    [Fact]
    public async Task OnlyTheItemsOfAMountAreFiles()
    {
        await using FakeCluster cluster = new();
        string hash = await HashAsync(cluster.Root);
        cluster.Answers[ConfigMap] = Data((hash + ".0", cluster.Root.AuthorityPem), ("other", "x"));
        AgentPatchStatus point = await OfConfigMapAsync(cluster, Agents(Directory, Items("configMap", "other", "other")));
        Assert.Equal((AgentPatchState.Failed, "Mount it as a directory, without items and subPath.", Setting.AgentMount), (point.State, point.Advice, point.Setting));
        Assert.EndsWith(", but the mount at /etc/kubevirt-ca shows only some of its keys.", point.Message, StringComparison.Ordinal);
        // Under another path it is not found either; and a key of another name is, under that of the hash.
        Assert.Equal(AgentPatchState.Failed, (await OfConfigMapAsync(cluster, Agents(Directory, Items("configMap", hash + ".0", "ca.pem")))).State);
        Assert.Equal(AgentPatchState.Passed, (await OfConfigMapAsync(cluster, Agents(Directory, Items("configMap", hash + ".0", hash + ".0")))).State);
        cluster.Answers[ConfigMap] = Data(("ca-bundle", cluster.Root.AuthorityPem));
        Assert.Equal(AgentPatchState.Passed, (await OfConfigMapAsync(cluster, Agents(Directory, Items("configMap", "ca-bundle", hash + ".0")))).State);
        // A directory below the mount, and a file of another name.
        Assert.Equal(AgentPatchState.Passed, (await OfConfigMapAsync(cluster, Agents(Directory, Items("configMap", "ca-bundle", $"deep/{hash}.0")), "/etc/kubevirt-ca/deep")).State);
        Assert.Equal(AgentPatchState.Passed, (await OfConfigMapAsync(cluster, Agents(Directory, Items("configMap", "ca-bundle", "ca.pem")), "/etc/kubevirt-ca/ca.pem")).State);
    }

    [Fact]
    public async Task SourcesOfAProjectionAreOneDirectory()
    {
        await using FakeCluster cluster = new();
        Pki next = Pki.New("kubevirt.io@1764000000");
        cluster.Answers[FakeCluster.Authority] = Data(("ca-bundle", cluster.Root.AuthorityPem + "\n" + next.AuthorityPem));
        cluster.Answers["/api/v1/namespaces/datadog/configmaps/one"] = Data((await HashAsync(cluster.Root) + ".0", cluster.Root.AuthorityPem));
        cluster.Answers["/api/v1/namespaces/datadog/configmaps/two"] = Data(("next", next.AuthorityPem));
        string Two(string path) => $$$"""{"name":"kubevirt-ca","projected":{"sources":[{"configMap":{"name":"one"}},{"configMap":{"name":"two","items":[{"key":"next","path":"{{{path}}}"}]}}]}}""";
        AgentPatchStatus point = await OfConfigMapAsync(cluster, Agents(Directory, Two(await HashAsync(next) + ".0")));
        Assert.Equal(("ConfigMap datadog/one and datadog/two", AgentPatchState.Passed), (point.Target, point.State));
        Assert.Equal(AgentPatchState.Failed, (await OfConfigMapAsync(cluster, Agents(Directory, Two("next.pem")))).State);
    }

    [Fact]
    public async Task AFileThatIsNotInTheMountIsNotReplacedByAnother()
    {
        await using FakeCluster cluster = new();
        cluster.Answers["/api/v1/namespaces/datadog/configmaps/kubevirt-ca"] = Data(("bundle", cluster.Root.AuthorityPem));
        AgentPatchStatus point = await OfConfigMapAsync(cluster, Agents(Directory, """{"name":"kubevirt-ca","configMap":{"name":"kubevirt-ca"}}"""), "/etc/kubevirt-ca/ca-bundle");
        Assert.Equal((AgentPatchState.Failed, "It has no file ca-bundle, where the annotations expect KubeVirt's authorities."), (point.State, point.Message));
    }

    [Fact]
    public async Task ASubPathIsAllThatIsShown()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[ConfigMap] = Data(("ca-bundle", cluster.Root.AuthorityPem), ("other", Pki.New("other").AuthorityPem));
        string Part(string key) => $$"""{"name":"kubevirt-ca","mountPath":"/etc/kubevirt-ca","subPath":"{{key}}"}""";
        Assert.Equal(AgentPatchState.Passed, (await OfConfigMapAsync(cluster, Agents(Part("ca-bundle"), Volume))).State);
        Assert.Equal(AgentPatchState.Failed, (await OfConfigMapAsync(cluster, Agents(Part("other"), Volume))).State);
    }

    [Fact]
    public async Task AMountThatAnotherAgentLacksIsAWarning()
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync();
        AgentPods agents = Agents(Directory, Volume);
        agents.Others.Add(new PodDocument(JsonNode.Parse("""{"metadata":{"name":"other-b","namespace":"monitoring"},"spec":{"nodeName":"node-1","containers":[{"name":"agent"}]}}""")!.AsObject()));
        agents.Others.Add(new PodDocument(JsonNode.Parse("""{"metadata":{"name":"other-c","namespace":"monitoring"},"spec":{"nodeName":"node-2","containers":[{"name":"agent"}]}}""")!.AsObject()));
        AgentPatchStatus[] points = [.. new AuthorityChecks(session, Wanted, [Target("/etc/kubevirt-ca")], agents).OfMounts()];
        Assert.Equal([("datadog-agent-a", AgentPatchState.Passed), ("monitoring/other-b", AgentPatchState.Warning)], points.Select(static point => (point.Target, point.State)));
    }

    [Fact]
    public async Task WhatIsNoCertificateFails()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[ConfigMap] = Data((await HashAsync(cluster.Root) + ".0", "-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n"));
        AgentPatchStatus point = await OfConfigMapAsync(cluster);
        Assert.Equal(AgentPatchState.Failed, point.State);
        Assert.StartsWith($"Its key {await HashAsync(cluster.Root)}.0 holds a certificate that cannot be read", point.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABundleOfOthersIsJudgedAsAFile()
    {
        await using FakeCluster cluster = new();
        cluster.Answers["/api/v1/namespaces/datadog/configmaps/kubevirt-ca"] = Data(("ca-bundle", cluster.Root.AuthorityPem), ("other", "x"));
        AgentPods agents = Agents(Directory, """{"name":"kubevirt-ca","configMap":{"name":"kubevirt-ca"}}""");
        AgentPatchStatus point = await OfConfigMapAsync(cluster, agents, "/etc/kubevirt-ca/ca-bundle");
        Assert.Equal(("ConfigMap datadog/kubevirt-ca", AgentPatchState.Passed), (point.Target, point.State));
        cluster.Answers["/api/v1/namespaces/datadog/configmaps/kubevirt-ca"] = Data(("ca-bundle", Pki.New("other").AuthorityPem));
        point = await OfConfigMapAsync(cluster, agents, "/etc/kubevirt-ca/ca-bundle");
        Assert.Equal((AgentPatchState.Failed, "Copy what kubevirt-ca in namespace kv holds.", (Setting?)null), (point.State, point.Advice, point.Setting));
        Assert.StartsWith("It lacks the authority that KubeVirt uses now: CN=", point.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Directory, Volume, AgentPatchState.Passed, "/etc/kubevirt-ca is ConfigMap datadog-agent-kubevirt-ca.")]
    [InlineData("""{"name":"kubevirt-ca","mountPath":"/etc/kubevirt-ca/"}""", Volume, AgentPatchState.Passed, "/etc/kubevirt-ca is ConfigMap datadog-agent-kubevirt-ca.")]
    [InlineData(Directory, """{"name":"kubevirt-ca","projected":{"sources":[{"configMap":{"name":"one"}},{"configMap":{"name":"two"}}]}}""", AgentPatchState.Passed, "/etc/kubevirt-ca is ConfigMap one and two.")]
    [InlineData("""{"name":"kubevirt-ca","mountPath":"/etc/kubevirt-ca2"}""", Volume, AgentPatchState.Failed, "Container agent has nothing mounted at /etc/kubevirt-ca, where the annotations expect KubeVirt's authorities.")]
    [InlineData("""{"name":"config","mountPath":"/etc/datadog-agent"}""", Volume, AgentPatchState.Failed, "Container agent has nothing mounted at /etc/kubevirt-ca, where the annotations expect KubeVirt's authorities.")]
    [InlineData("""{"name":"kubevirt-ca","mountPath":"/etc/kubevirt-ca","subPath":"ca"}""", Volume, AgentPatchState.Warning, "/etc/kubevirt-ca is mounted with subPath ca: such a mount never changes, and will have none of the authorities that KubeVirt makes in the future.")]
    [InlineData(Directory, """{"name":"kubevirt-ca","csi":{"driver":"trust"}}""", AgentPatchState.Skipped, "What is mounted at /etc/kubevirt-ca is no ConfigMap, and its content cannot be looked at.")]
    public async Task TheMountIsThatOfTheAnnotations(string mount, string volume, AgentPatchState state, string message)
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync();
        AgentPatchStatus point = Assert.Single(new AuthorityChecks(session, Wanted, [Target("/etc/kubevirt-ca")], Agents(mount, volume)).OfMounts());
        Assert.Equal((AgentPatchCheck.Mount, "datadog-agent-a", state, message), (point.Check, point.Target, point.State, point.Message));
        if (state == AgentPatchState.Failed) Assert.Equal(("Mount ConfigMap datadog-agent-kubevirt-ca as a directory at /etc/kubevirt-ca in container agent of the Agent's DaemonSet.", Setting.AgentMount), (point.Advice, point.Setting));
    }

    [Fact]
    public async Task WhereNothingIsVerifiedThereIsNoPoint()
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync();
        AuthorityChecks checks = new(session, Wanted, [Target(null)], Agents(Directory, Volume));
        Assert.Empty(checks.OfMounts());
        Assert.Empty(await checks.OfConfigMapsAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AnAgentWithoutAPodOfKubeVirtBesideItNeedsNone()
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync();
        Assert.Empty(new AuthorityChecks(session, Wanted, [Target("/etc/kubevirt-ca", node: "node-2")], Agents("{}", "{}")).OfMounts());
    }

    private static AgentPatch Wanted => AgentCluster.Patch(new AgentPatchOptions { InstallNamespace = "kv" });

    private static async Task<AgentPatchStatus> OfConfigMapAsync(FakeCluster cluster, AgentPods? agents = null, string path = "/etc/kubevirt-ca")
    {
        using KubeVirtSession session = await cluster.OpenAsync();
        return Assert.Single(await new AuthorityChecks(session, Wanted, [Target(path)], agents ?? Agents(Directory, Volume)).OfConfigMapsAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<string> HashAsync(Pki authority)
    {
        ToolResult hash = await Tool.RunAsync("openssl", ["x509", "-noout", "-subject_hash"], authority.AuthorityPem);
        Assert.True(hash.Code == 0, hash.Errors);
        return hash.Output.Trim();
    }

    private static Func<ReceivedRequest, Reply> Data(params (string Key, string Text)[] files)
    {
        JsonObject data = new(files.Select(static file => KeyValuePair.Create(file.Key, (JsonNode?)file.Text)));
        string json = new JsonObject { ["kind"] = "ConfigMap", ["data"] = data }.ToJsonString();
        return _ => FakeCluster.Json(json);
    }

    private static string Items(string kind, string key, string path) => $$$"""{"name":"kubevirt-ca","{{{kind}}}":{"name":"datadog-agent-kubevirt-ca","items":[{"key":"{{{key}}}","path":"{{{path}}}"}]}}""";

    private static AgentPods Agents(string mount, string volume)
    {
        AgentPods agents = new();
        agents.Agents.Add(new PodDocument(JsonNode.Parse($$$"""
            {"metadata":{"name":"datadog-agent-a","namespace":"datadog"},
             "spec":{"nodeName":"node-1","containers":[{"name":"agent","volumeMounts":[{"name":"config","mountPath":"/etc/datadog-agent"},{{{mount}}}]},{"name":"trace-agent"}],"volumes":[{"name":"config","emptyDir":{} },{{{volume}}}]}}
            """)!.AsObject()));
        return agents;
    }

    private static MetricTarget Target(string? path, string node = "node-1")
    {
        JsonObject instance = new() { ["openmetrics_endpoint"] = "https://%%host%%:%%port_metrics%%/metrics", ["tls_verify"] = path is not null };
        if (path is not null) instance["tls_ca_cert"] = path;
        JsonObject pod = new() { ["metadata"] = new JsonObject { ["name"] = "virt-handler-x", ["namespace"] = "kv" }, ["spec"] = new JsonObject { ["nodeName"] = node } };
        return new MetricTarget(new PodDocument(pod), ComponentKind.Handler, [new AnnotatedCheck("openmetrics", [instance], 2)]);
    }
}
