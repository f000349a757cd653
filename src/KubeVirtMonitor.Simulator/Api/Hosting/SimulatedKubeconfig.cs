using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// A kubeconfig for the simulated API server, with a context for each way to be known: <c>simulator</c> (token), <c>simulator-certificate</c>,
/// <c>simulator-exec</c> (plugin), <c>simulator-rotating</c> (token file), all with all rights; <c>simulator-monitor</c> (components and machines, read
/// only, with proxy and port-forward), <c>simulator-viewer</c> (machines and pods, read only), <c>simulator-nobody</c> (no rights).
/// </summary>
public sealed class SimulatedKubeconfig
{
    private readonly SimulatedApiServer _server;
    private readonly TimeSpan _lifetime;
    private readonly ApiUser _rotatingUser = new("rotating-admin");
    private readonly ApiUser _pluginUser = new("exec-admin");

    private SimulatedKubeconfig(SimulatedApiServer server, ApiServerOptions options, string folder)
    {
        _server = server;
        _lifetime = options.TokenLifetime;
        Folder = System.IO.Path.GetFullPath(folder);
    }

    /// <summary>The folder of the file and what belongs to it.</summary>
    public string Folder { get; }

    /// <summary>The kubeconfig.</summary>
    public string Path => System.IO.Path.Combine(Folder, "kubeconfig");

    /// <summary>The token of the context <c>simulator</c>.</summary>
    public string AdminToken { get; private set; } = "";

    /// <summary>The file with the token of the context <c>simulator-rotating</c>.</summary>
    public string TokenFile => System.IO.Path.Combine(Folder, "token");

    /// <summary>The file with the ExecCredential that the plugin of <c>simulator-exec</c> prints.</summary>
    public string PluginAnswerFile => System.IO.Path.Combine(Folder, "exec-credential.json");

    /// <summary>The file to which the plugin adds a line each time it runs.</summary>
    public string PluginLogFile => System.IO.Path.Combine(Folder, "exec-log");

    /// <summary>The file with the certificate of the cluster's authority.</summary>
    public string AuthorityFile => System.IO.Path.Combine(Folder, "ca.crt");

    /// <summary>Puts a new token into the token file.</summary>
    /// <param name="revoke">Whether the one before is bad from now on, or only at its own end.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task RotateTokenAsync(bool revoke = true, CancellationToken cancellation = default)
    {
        if (revoke) _server.Tokens.RevokeAll(_rotatingUser.Name);
        string next = TokenFile + ".next";
        await File.WriteAllTextAsync(next, _server.Tokens.Issue(_rotatingUser, _lifetime), cancellation);
        File.Move(next, TokenFile, overwrite: true);
    }

    /// <summary>Gives the plugin a new token.</summary>
    /// <param name="revoke">Whether the one before is bad from now on, or only at its own end.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task RotatePluginAsync(bool revoke = true, CancellationToken cancellation = default)
    {
        if (revoke) _server.Tokens.RevokeAll(_pluginUser.Name);
        string expires = Meta.Time(_server.Host.Cluster.Options.TimeProvider.GetUtcNow() + _lifetime);
        string answer = JsonText.Text(new JsonObject
        {
            ["kind"] = "ExecCredential",
            ["apiVersion"] = "client.authentication.k8s.io/v1",
            ["spec"] = new JsonObject { ["interactive"] = false },
            ["status"] = new JsonObject { ["token"] = _server.Tokens.Issue(_pluginUser, _lifetime), ["expirationTimestamp"] = expires },
        });
        string next = PluginAnswerFile + ".next";
        await File.WriteAllTextAsync(next, answer, cancellation);
        File.Move(next, PluginAnswerFile, overwrite: true);
    }

    internal static async Task<SimulatedKubeconfig> WriteAsync(SimulatedApiServer server, ApiServerOptions options, string folder, CancellationToken cancellation)
    {
        SimulatedKubeconfig made = new(server, options, folder) { AdminToken = server.Tokens.Issue(new ApiUser("token-admin")) };
        Directory.CreateDirectory(made.Folder);
        await File.WriteAllTextAsync(made.AuthorityFile, server.Certificates.AuthorityPem, cancellation);
        await made.RotateTokenAsync(cancellation: cancellation);
        await made.RotatePluginAsync(cancellation: cancellation);
        string plugin = System.IO.Path.Combine(made.Folder, OperatingSystem.IsWindows() ? "token-plugin.cmd" : "token-plugin");
        await File.WriteAllTextAsync(plugin, made.PluginText(), cancellation);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(made.Path, made.Text(), cancellation);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(made.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return made;
    }

    private string PluginText() => OperatingSystem.IsWindows()
        ? $"@echo run>>\"{PluginLogFile}\"\r\n@type \"{PluginAnswerFile}\"\r\n"
        : $"#!/bin/sh\n# A credential plugin: prints the ExecCredential that the simulator keeps beside it.\necho run >> '{PluginLogFile}'\ncat '{PluginAnswerFile}'\n";

    private string Text()
    {
        using X509Certificate2 client = _server.Certificates.IssueClient(new ApiUser("certificate-admin", "system:masters"));
        (string Name, string User)[] users =
        [
            ("token", $"token: {AdminToken}"),
            ("certificate", $"client-certificate-data: {Encode(client.ExportCertificatePem())}\n    client-key-data: {Encode(client.GetECDsaPrivateKey()!.ExportECPrivateKeyPem())}"),
            ("exec", $"exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: ./{(OperatingSystem.IsWindows() ? "token-plugin.cmd" : "token-plugin")}\n      interactiveMode: Never\n      provideClusterInfo: false"),
            ("rotating", "tokenFile: token"),
            ("monitor", $"token: {_server.Tokens.Issue(new ApiUser("monitor"))}"),
            ("viewer", $"token: {_server.Tokens.Issue(new ApiUser("viewer"))}"),
            ("nobody", $"token: {_server.Tokens.Issue(new ApiUser("nobody"))}"),
        ];
        StringBuilder text = new();
        text.Append("apiVersion: v1\nkind: Config\ncurrent-context: simulator\npreferences: {}\nclusters:\n- name: simulated\n  cluster:\n");
        text.Append($"    server: {_server.Uri.GetLeftPart(UriPartial.Authority)}\n    certificate-authority-data: {Encode(_server.Certificates.AuthorityPem)}\ncontexts:\n");
        foreach ((string name, _) in users)
        {
            string context = name == "token" ? "simulator" : $"simulator-{name}";
            text.Append($"- name: {context}\n  context:\n    cluster: simulated\n    namespace: {_server.Host.Cluster.Options.Namespace}\n    user: {name}\n");
        }

        text.Append("users:\n");
        foreach ((string name, string user) in users) text.Append($"- name: {name}\n  user:\n    {user}\n");
        return text.ToString();
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
