using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Loading;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Completion;

/// <summary>Completes contexts: those of open sessions and those of the kubeconfig, which is a file. Does not use the network.</summary>
public sealed class ContextCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        // These take wildcards, and a number for a session that has no context.
        bool isChoice = commandName is "Get-KubeVirtSession" or "Disconnect-KubeVirt";
        IEnumerable<(string Name, string Note)> open = SessionStore.Current.Sessions
            .Where(session => session.Context is not null)
            .Select(session => (session.Context!, $"session {session.Id} to {session.Server}"));
        IEnumerable<(string Name, string Note)> known = isChoice ? [] : InKubeConfig(fakeBoundParameters?["KubeConfigPath"]);
        IEnumerable<(string Name, string Note)> contexts = open.Concat(known).DistinctBy(context => context.Name);
        return Completions.Of(wordToComplete, isChoice ? contexts.Select(static context => (WildcardPattern.Escape(context.Name), context.Note)) : contexts);
    }

    // Relative paths count from the shell's folder, which is not that of the process.
    private static string? Folder()
    {
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddCommand("Get-Location").AddParameter("PSProvider", "FileSystem").Invoke<PathInfo>().FirstOrDefault()?.ProviderPath;
    }

    private static IEnumerable<(string Name, string Note)> InKubeConfig(object? path)
    {
        try
        {
            KubeConfig config = KubeConfig.Load(new KubeConfigOptions { Path = path?.ToString(), WorkingDirectory = Folder(), Yaml = LazyYamlReader.Instance });
            return config.Contexts.Select(context => (context.Name, $"{context.User} at {context.Cluster}"));
        }
        catch (Exception exception) when (exception is KubernetesException or ArgumentException or RuntimeException or InvalidOperationException)
        {
            // A kubeconfig that is no good is told of by the cmdlet, not while somebody is typing.
            return [];
        }
    }
}
