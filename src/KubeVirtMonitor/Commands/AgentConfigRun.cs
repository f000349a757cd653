using System.Management.Automation;
using KubeVirtMonitor.AgentConfig;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Loading;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Scrapes what configurations of the Datadog Agent describe, for a cmdlet.</summary>
/// <param name="command">The cmdlet.</param>
/// <param name="runner">Writes what comes.</param>
internal sealed class AgentConfigRun(ScrapeCommand command, ScrapeRunner runner)
{
    private IReadOnlyList<AgentPod>? _pods;

    /// <summary>Scrapes the instances of all files at the same time.</summary>
    public void Scrape(string[] paths, ComponentKind? component, MappingOptions mapping, IReadOnlyList<KeyValuePair<string, string>> addTags)
    {
        ScrapeOptions limits = command.CreateOptions();
        PathResolver resolver = new(command.SessionState, FileKind.AgentConfig, command.WriteError);
        List<AgentInstance> instances = [];
        foreach (string file in paths.SelectMany(path => resolver.Resolve(WithFiles(path), isLiteral: false)))
        {
            if (Load(file, component, limits) is { } config) instances.AddRange(config.Instances);
        }

        runner.Take(new AgentScraper(instances, mapping, addTags).Run(command.CancelToken));
    }

    // The folder of a check, kubevirt_handler.d, stands for the files that the Agent would read in it.
    private string WithFiles(string path)
    {
        try
        {
            return Directory.Exists(command.GetUnresolvedProviderPathFromPSPath(path)) ? Path.Join(path, "*.yaml") : path;
        }
        catch (SessionStateException)
        {
            return path;
        }
    }

    private AgentConfigFile? Load(string file, ComponentKind? component, ScrapeOptions limits)
    {
        try
        {
            AgentConfigFile config = command.AwaitRead(() => AgentConfigFile.Load(file, LazyYamlReader.Instance, component, limits));
            if (config.WantsPods && FindPods() is { } pods) config = command.AwaitRead(() => AgentConfigFile.Load(file, LazyYamlReader.Instance, component, limits, pods));
            foreach (string warning in config.Warnings) command.WriteWarning(warning);
            foreach (string note in config.Notes) command.WriteVerbose(note);
            foreach (ScrapeException error in config.Errors) command.WriteError(ErrorRecords.Failed(error));
            return config;
        }
        catch (ScrapeException error)
        {
            command.WriteError(ErrorRecords.Failed(error));
            return null;
        }
    }

    // Template variables are those of the pods of the session that is the default; without one, they are an error of their instance.
    private IReadOnlyList<AgentPod>? FindPods()
    {
        if (_pods is not null || SessionStore.Current.Default is not { } session) return _pods;
        try
        {
            ComponentSurvey survey = command.Await(cancellationToken => command.Uses(session).FindComponentsAsync([ComponentKind.Api, ComponentKind.Controller, ComponentKind.Handler], withLeaders: false, cancellationToken));
            foreach (KubernetesException defect in survey.Defects) command.WriteError(ErrorRecords.Failed(defect, session));
            foreach (KubeVirtComponent component in survey.Components.Where(component => component.PodIP is null)) command.WriteError(ErrorRecords.Failed(SessionScraper.NoAddress(component)));
            return _pods = [.. survey.Components.Where(component => component.PodIP is not null).Select(component => new AgentPod(component.Component, new TemplateVariables(component.Name, component.Namespace, component.Uid, component.PodIP, component.Ports)))];
        }
        catch (KubernetesException error)
        {
            command.WriteError(ErrorRecords.Failed(error, session));
            return null;
        }
    }
}
