using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Whether each pod carries annotations that the Agent can read, and whether what they say works.</summary>
internal sealed class EndpointChecks(KubeVirtSession session, TimeSpan patience)
{
    // The points of pods at which nothing failed, by uid: such a pod keeps its annotations, and another one has another uid.
    private readonly ConcurrentDictionary<string, List<AgentPatchStatus>> _passed = new(StringComparer.Ordinal);

    /// <summary>Looks at the pods there are now; those that passed before are not asked again.</summary>
    public async Task<List<AgentPatchStatus>> RunAsync(AgentPatch wanted, CancellationToken cancellationToken)
    {
        ComponentSurvey survey = await session.FindComponentsAsync(null, withLeaders: false, cancellationToken).ConfigureAwait(false);
        Dictionary<string, PodProjection> pods = await PodsAsync(cancellationToken).ConfigureAwait(false);
        List<AgentPatchStatus> found = [];
        foreach (ComponentPatch patch in wanted.Patches)
        {
            KubeVirtComponent[] components = [.. survey.Components.Where(component => component.Component == patch.Component)];
            if (components.Length == 0) found.Add(new(AgentPatchCheck.Annotation, patch.ResourceName, AgentPatchState.Failed, "It has no pod.", "Check the log of virt-operator.") { Component = patch.Component });
            IEnumerable<Task<List<AgentPatchStatus>>> looks = components.Where(component => pods.ContainsKey(component.Name)).Select(component => CheckOnceAsync(component, pods[component.Name], patch, cancellationToken));
            foreach (List<AgentPatchStatus> points in await Task.WhenAll(looks).ConfigureAwait(false)) found.AddRange(points.Select(point => point with { Component = patch.Component }));
        }

        return found;
    }

    private async Task<List<AgentPatchStatus>> CheckOnceAsync(KubeVirtComponent component, PodProjection pod, ComponentPatch patch, CancellationToken cancellationToken)
    {
        string uid = pod.Meta.Uid ?? component.Name;
        if (_passed.TryGetValue(uid, out List<AgentPatchStatus>? before)) return before;
        List<AgentPatchStatus> found = await CheckAsync(component, pod, patch, cancellationToken).ConfigureAwait(false);
        if (found.TrueForAll(static point => point.State != AgentPatchState.Failed)) _passed[uid] = found;
        return found;
    }

    private async Task<List<AgentPatchStatus>> CheckAsync(KubeVirtComponent component, PodProjection pod, ComponentPatch patch, CancellationToken cancellationToken)
    {
        ReadOnlyDictionary<string, string> annotations = pod.Meta.Annotations ?? JsonFields.NoMap;
        string[] missing = [.. patch.Annotations.Keys.Where(key => !annotations.ContainsKey(key))];
        if (missing.Length > 0)
            return [new(AgentPatchCheck.Annotation, component.Name, AgentPatchState.Failed, $"The pod does not carry {string.Join(", ", missing)}.", "It was created from an older template: wait until it is replaced.") { Setting = Setting.Timeout }];
        IReadOnlyList<JsonObject> instances;
        try
        {
            instances = AnnotationText.Instances(component.Component, annotations);
        }
        catch (FormatException exception)
        {
            return [new(AgentPatchCheck.Annotation, component.Name, AgentPatchState.Failed, exception.Message + ".", "The Agent ignores annotations that it cannot read: create them again.") { Setting = Setting.AgentPatch }];
        }

        List<AgentPatchStatus> found = [instances.Count == 1
            ? new(AgentPatchCheck.Annotation, component.Name, AgentPatchState.Passed, "The annotations are present and are valid JSON.")
            : new(AgentPatchCheck.Annotation, component.Name, AgentPatchState.Warning, $"The annotations have {instances.Count} instances of the check.", "One is enough: each of them scrapes the pod again.")];
        foreach (JsonObject instance in instances)
        {
            foreach ((string key, JsonNode? value) in instance)
            {
                if (key.EndsWith("_endpoint", StringComparison.Ordinal) && JsonText.Of(value) is { } address)
                    found.Add(await AskAsync(component, pod, instance, address, cancellationToken).ConfigureAwait(false));
            }
        }

        return found;
    }

    private async Task<AgentPatchStatus> AskAsync(KubeVirtComponent component, PodProjection pod, JsonObject instance, string address, CancellationToken cancellationToken)
    {
        AgentPatchStatus Say(AgentPatchState state, string message, string advice = "", Setting? setting = null) => new(AgentPatchCheck.Endpoint, component.Name, state, message, advice) { Setting = setting };
        // The Agent takes the highest of a container's ports.
        string port = pod.Container(ComponentFacts.NameOf(component.Component))?.HighestPort?.ToString(CultureInfo.InvariantCulture) ?? "";
        string shown = address.Replace("%%host%%", component.PodIP ?? "", StringComparison.Ordinal).Replace("%%port%%", port, StringComparison.Ordinal);
        if (!Uri.TryCreate(shown, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https")) return Say(AgentPatchState.Failed, $"{address} is not an address.", "Create the annotations again.", Setting.AgentPatch);
        if (uri.Host.Trim('[', ']') != component.PodIP || uri.Port != component.Port) return Say(AgentPatchState.Skipped, $"{uri} is not the address of the pod, and was not contacted.");
        TlsStatement tls = TlsStatement.Of(instance, component);
        if (tls.Flaw is { } flaw) return Say(AgentPatchState.Failed, $"{uri}: {flaw}", tls.Advice, tls.Setting);
        (HttpStatusCode? status, ScrapeException? error, ComponentRoute route) = await new ComponentRequest(session, patience).SendAsync(component, uri, tls.ExpectedName, cancellationToken).ConfigureAwait(false);
        if (error is not null) return Say(AgentPatchState.Failed, error.Fact, error.Advice, error.Setting);
        if (status is not HttpStatusCode.OK) return Say(AgentPatchState.Failed, string.Create(CultureInfo.InvariantCulture, $"{uri} answered {(int)status!}."), $"Look at it with 'kubectl logs -n {component.Namespace} {component.Name}'.");
        if (!tls.Verifies) return Say(AgentPatchState.Warning, $"{uri} answers. Its certificate is not verified: tls_verify is off.", "Create the patch with verification.", Setting.AgentVerification);
        return route == ComponentRoute.ApiServerProxy
            ? Say(AgentPatchState.Warning, $"{uri} answers through the API server, where its certificate is not visible.", "With port forwarding, the TLS settings would be tested too.", Setting.Route)
            : Say(AgentPatchState.Passed, $"{uri} answers, with a certificate of KubeVirt{(tls.ExpectedName is { } name ? $" for {name}" : "")}.");
    }

    private async Task<Dictionary<string, PodProjection>> PodsAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, PodProjection> pods = new(StringComparer.Ordinal);
        ListOptions options = new() { Namespace = session.InstallNamespace, LabelSelector = ComponentFacts.Label, BadItem = static _ => { } };
        await foreach (PodProjection pod in session.Client.ListAsync(ResourceType.Pods, PodProjection.ReadWithAnnotations, options, cancellationToken).ConfigureAwait(false)) pods[pod.Meta.Name] = pod;
        return pods;
    }
}
