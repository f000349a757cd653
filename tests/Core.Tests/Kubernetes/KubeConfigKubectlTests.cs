using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>Whether the real kubectl merges the same files into the same.</summary>
public sealed class KubeConfigKubectlTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task KubectlMergesTheSame()
    {
        string first = _folder.Write("one/config", """
            contexts:
            - {name: one, context: {cluster: red, user: red}}
            clusters:
            - {name: red, cluster: {server: "https://first:1", certificate-authority: ca/one.crt}}
            users:
            - {name: red, user: {tokenFile: token, as: jane}}
            """);
        string second = _folder.Write("two/config", """
            current-context: two
            contexts:
            - {name: two, context: {cluster: red, user: blue, namespace: here}}
            - {name: one, context: {cluster: blue, user: blue, namespace: there}}
            clusters:
            - {name: red, cluster: {server: "https://second:1", tls-server-name: x}}
            - {name: blue, cluster: {server: "https://blue:1"}}
            users:
            - {name: blue, user: {token: b}}
            """);
        string third = _folder.Write("three/config", "current-context: one\n");
        string list = string.Join(Path.PathSeparator, "", first, Path.Combine(_folder.Path, "missing"), second, third);
        ToolResult shown = await Tool.RunAsync("kubectl", ["config", "view", "--raw", "-o", "json"], environment: [new("KUBECONFIG", list)]);
        JsonObject theirs = JsonNode.Parse(shown.Output)!.AsObject();
        KubeConfig ours = KubeConfig.Load(new KubeConfigOptions { Environment = name => name == "KUBECONFIG" ? list : null, Yaml = new Yaml.YamlReader() });
        Assert.Equal((string?)theirs["current-context"], ours.CurrentContext);
        Assert.Equal(
            theirs["contexts"]!.AsArray().Select(one => $"{one!["name"]} {one["context"]!["cluster"]} {one["context"]!["user"]}").Order(),
            ours.Contexts.Select(one => $"{one.Name} {one.Cluster} {one.User}").Order());

        // kubectl shows paths as they are; the folder they count from is that of their file.
        _folder.Write("one/ca/one.crt", Pki.Shared.AuthorityPem);
        _folder.Write("one/token", "t");
        KubernetesConnection connection = ours.Resolve("one");
        Assert.Equal((string?)theirs["contexts"]!.AsArray().Single(one => (string?)one!["name"] == "one")!["context"]!["namespace"], connection.Namespace);
        JsonNode red = theirs["clusters"]!.AsArray().Single(one => (string?)one!["name"] == "red")!["cluster"]!;
        Assert.Equal((string?)red["server"] + "/", connection.Server.ToString());
        Assert.Equal((string?)red["tls-server-name"], connection.Trust.ServerName);
        Assert.Equal("Bearer t", KubeConfigTests.Header(connection));
    }
}
