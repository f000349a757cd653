using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// A credential plugin (client.authentication.k8s.io). Run when first needed, again once what it gave has expired or
/// was refused, and never twice at once. It gets no terminal and no standard input.
/// </summary>
internal sealed class ExecCredential(ExecSettings settings, TimeProvider? time = null) : IKubernetesCredential, IDisposable
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly SemaphoreSlim _running = new(1, 1);
    private PluginAnswer? _answer;

    /// <summary>How long the plugin may run. Some open a browser and wait for the login there.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    public string Kind => $"exec plugin {Path.GetFileNameWithoutExtension(settings.Command)}";

    public async ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _answer) is { } answer && !IsExpired(answer)) return answer.Value;
        await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_answer is null || IsExpired(_answer)) Volatile.Write(ref _answer, await AskAsync(cancellationToken).ConfigureAwait(false));
            return _answer.Value;
        }
        finally
        {
            _running.Release();
        }
    }

    public async ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken)
    {
        await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_answer is null || !ReferenceEquals(_answer.Value, refused)) return true;
            PluginAnswer answer = await AskAsync(cancellationToken).ConfigureAwait(false);
            bool isNew = !answer.IsSameAs(_answer);
            if (isNew) Volatile.Write(ref _answer, answer);
            return isNew;
        }
        finally
        {
            _running.Release();
        }
    }

    public void Dispose() => _running.Dispose();

    private bool IsExpired(PluginAnswer answer) => answer.Expires is { } expires && _time.GetUtcNow() >= expires;

    private async Task<PluginAnswer> AskAsync(CancellationToken cancellationToken)
    {
        string path = PluginFinder.Find(settings.Command, Variable) ?? throw PluginErrors.NotFound(settings);
        try
        {
            PluginRun run = await PluginProcess.RunAsync(path, settings.Arguments, Variables(), settings.WorkingDirectory, Timeout, cancellationToken).ConfigureAwait(false);
            if (run.ExitCode != 0) throw PluginErrors.Failed(settings, run);
            return PluginAnswer.Read(settings, run, _time.GetUtcNow());
        }
        catch (ArgumentException exception)
        {
            throw PluginErrors.NotStarted(settings, path, exception);
        }
        catch (ExternalException exception)
        {
            throw PluginErrors.NotStarted(settings, path, exception);
        }
        catch (TimeoutException)
        {
            throw PluginErrors.Hung(settings, Timeout);
        }
    }

    private IEnumerable<KeyValuePair<string, string>> Variables()
    {
        JsonObject spec = new() { ["interactive"] = false };
        if (settings.Cluster is { } cluster) spec["cluster"] = cluster.ToJson();
        JsonObject info = new()
        {
            ["kind"] = "ExecCredential",
            ["apiVersion"] = settings.ApiVersion,
            ["spec"] = spec,
        };
        return settings.Variables.Append(new KeyValuePair<string, string>("KUBERNETES_EXEC_INFO", info.ToJsonString()));
    }

    private string? Variable(string name) => (settings.Environment ?? Environment.GetEnvironmentVariable)(name);
}
