using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentConfig;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Net;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Whether each pod carries annotations that the Agent can read, and whether what they say works.</summary>
internal sealed class EndpointChecks(KubeVirtSession session, TimeSpan patience)
{
    private readonly ForeignText _foreign = session.Client.Foreign;

    // The points of pods at which nothing failed, by uid: such a pod keeps its annotations, and another one has another uid.
    private readonly ConcurrentDictionary<string, List<AgentPatchStatus>> _passed = new(StringComparer.Ordinal);

    /// <summary>Looks at the pods there are now; those that passed before are not asked again.</summary>
    public async Task<List<AgentPatchStatus>> RunAsync(AgentPatch wanted, CancellationToken cancellationToken)
    {
        ComponentSurvey survey = await session.FindComponentsAsync(null, withLeaders: false, cancellationToken).ConfigureAwait(false);
        Dictionary<string, PodDocument> pods = await PodsAsync(cancellationToken).ConfigureAwait(false);
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

    private async Task<List<AgentPatchStatus>> CheckOnceAsync(KubeVirtComponent component, PodDocument pod, ComponentPatch patch, CancellationToken cancellationToken)
    {
        string uid = pod.Uid ?? component.Name;
        if (_passed.TryGetValue(uid, out List<AgentPatchStatus>? before)) return before;
        List<AgentPatchStatus> found = await CheckAsync(component, pod, patch, cancellationToken).ConfigureAwait(false);
        if (found.TrueForAll(static point => point.State != AgentPatchState.Failed)) _passed[uid] = found;
        return found;
    }

    private async Task<List<AgentPatchStatus>> CheckAsync(KubeVirtComponent component, PodDocument pod, ComponentPatch patch, CancellationToken cancellationToken)
    {
        AgentPatchStatus Say(AgentPatchState state, string message, string advice = "", Setting? setting = null) => new(AgentPatchCheck.Annotation, component.Name, state, message, advice) { Setting = setting };
        string[] missing = [.. patch.Annotations.Keys.Where(key => !pod.Annotations.ContainsKey(key))];
        if (missing.Length > 0)
            return [Say(AgentPatchState.Failed, $"The pod does not carry {string.Join(", ", missing)}.", "It was created from an older template: wait until it is replaced.", Setting.Timeout)];
        IReadOnlyList<AnnotatedCheck> checks;
        try
        {
            checks = AnnotationText.Checks(component.Component, pod.Annotations);
        }
        catch (FormatException exception)
        {
            return [Say(AgentPatchState.Failed, exception.Message + ".", "The Agent ignores annotations that it cannot read: correct this one.", Setting.InstalledPatch)];
        }

        List<AgentPatchStatus> found = [OfAnnotation(checks, Say)];
        foreach (AnnotatedCheck check in checks)
        {
            foreach ((JsonObject instance, string key, string address) in Addresses(check)) found.Add(await AskAsync(component, pod, check, instance, key, address, cancellationToken).ConfigureAwait(false));
        }

        return found;
    }

    private AgentPatchStatus OfAnnotation(IReadOnlyList<AnnotatedCheck> checks, Func<AgentPatchState, string, string, Setting?, AgentPatchStatus> say)
    {
        if (checks.Sum(static check => check.Instances.Count) == 0) return say(AgentPatchState.Failed, "The annotations name no instance of a check, so that nothing is scraped.", "Name one.", Setting.InstalledPatch);
        if (checks.FirstOrDefault(static check => check.Instances.Count > 1) is { } several)
            return say(AgentPatchState.Warning, $"The annotations have {several.Instances.Count} instances of the check {NameOf(several)}.", "One is enough: each of them scrapes the pod again.", null);
        string[] dropped = [.. checks.SelectMany(check => check.Instances.Select(instance => (Name: NameOf(check), Options: check.WithoutEffect(instance)))).Where(static one => one.Options.Count > 0).Select(static one => $"{one.Name} does not pass on {string.Join(", ", one.Options)}")];
        return dropped.Length > 0
            ? say(AgentPatchState.Warning, $"The annotations are present and are valid JSON, but {string.Join("; ", dropped)}: it does not reach the metrics.", "Leave these options out, or use the check openmetrics, which takes all of them.", null)
            : say(AgentPatchState.Passed, "The annotations are present and are valid JSON.", "", null);
    }

    private static IEnumerable<(JsonObject Instance, string Key, string Address)> Addresses(AnnotatedCheck check) =>
        from instance in check.Instances
        from option in instance
        where option.Key.EndsWith("_endpoint", StringComparison.Ordinal) || option.Key == "prometheus_url"
        let address = JsonText.Of(option.Value)
        where address is not null
        select (instance, option.Key, address);

    private async Task<AgentPatchStatus> AskAsync(KubeVirtComponent component, PodDocument pod, AnnotatedCheck check, JsonObject instance, string key, string address, CancellationToken cancellationToken)
    {
        AgentPatchStatus Say(AgentPatchState state, string message, string advice = "", Setting? setting = null) => new(AgentPatchCheck.Endpoint, component.Name, state, message, advice) { Setting = setting };
        TemplateVariables variables = new(pod.Name, pod.Namespace, pod.Uid, component.PodIP, pod.PortsOf(ComponentFacts.NameOf(component.Component)));
        string written = _foreign.Line(address);
        string filled = variables.Fill(address, out string? unresolved);
        if (unresolved is not null) return Say(AgentPatchState.Failed, $"{written}: {_foreign.Line(unresolved)}.", $"Correct {_foreign.Line(key)} in the annotations.", Setting.InstalledPatch);
        if (!Uri.TryCreate(filled, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https")) return Say(AgentPatchState.Failed, $"{written} is not an address.", $"Correct {_foreign.Line(key)} in the annotations.", Setting.InstalledPatch);
        string shown = _foreign.Line(ShownUri.From(uri));
        if (!IsAt(uri, component)) return Say(AgentPatchState.Skipped, $"{shown} is not the address of the pod, and was not contacted.");
        TlsStatement tls = TlsStatement.Of(check, instance, component, isScrape: !key.EndsWith("_healthz_endpoint", StringComparison.Ordinal));
        if (tls.Flaw is { } flaw) return Say(AgentPatchState.Failed, $"{shown}: {flaw}", tls.Advice, tls.Setting);
        (HttpStatusCode? status, ScrapeException? error, ComponentRoute route) = await new ComponentRequest(session, patience).SendAsync(component, uri, tls.ExpectedName, cancellationToken).ConfigureAwait(false);
        // What is expected was written into the annotations: another name in the certificate is a fault of theirs.
        if (error is { Cause: ScrapeError.TlsNameMismatch })
            return Say(AgentPatchState.Failed, error.Fact, $"KubeVirt's certificates name services: set extra_headers with Host {ComponentFacts.CertificateNamesOf(component.Component, component.Namespace).Name} in the annotations.", Setting.InstalledPatch);
        if (error is not null) return Say(AgentPatchState.Failed, error.Fact, error.Advice, error.Setting);
        if (status is not HttpStatusCode.OK) return Say(AgentPatchState.Failed, string.Create(CultureInfo.InvariantCulture, $"{shown} answered {(int)status!}."), $"Look at it with 'kubectl logs -n {component.Namespace} {component.Name}'.");
        if (!tls.Verifies)
        {
            return check.IsLimited(instance)
                ? Say(AgentPatchState.Passed, $"{shown} answers. {NameOf(check)} does not verify its certificate, and sends nothing of what it scrapes.")
                : check.IsOfKubeVirt
                    ? Say(AgentPatchState.Warning, $"{shown} answers. Its certificate is not verified: {NameOf(check)} can only scrape with tls_verify off.", "The check openmetrics can verify it.", Setting.InstalledPatch)
                    : Say(AgentPatchState.Warning, $"{shown} answers. Its certificate is not verified: tls_verify is off.", "Let the check verify.", Setting.AgentVerification);
        }

        return route == ComponentRoute.ApiServerProxy
            ? Say(AgentPatchState.Warning, $"{shown} answers through the API server, where its certificate is not visible.", "With port forwarding, the TLS settings would be tested too.", Setting.Route)
            : Say(AgentPatchState.Passed, $"{shown} answers, with a certificate of KubeVirt{(tls.ExpectedName is { } name ? $" for {name}" : "")}.");
    }

    private string NameOf(AnnotatedCheck check) => _foreign.Line(check.Name, 80);

    // Addresses of IPv6 may be written in several ways.
    private static bool IsAt(Uri uri, KubeVirtComponent component) =>
        uri.Port == component.Port && IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? there) && IPAddress.TryParse(component.PodIP, out IPAddress? here) && there.Equals(here);

    private async Task<Dictionary<string, PodDocument>> PodsAsync(CancellationToken cancellationToken) =>
        (await PodDocument.ListAsync(session.Client, session.InstallNamespace, ComponentFacts.Label, cancellationToken).ConfigureAwait(false)).ToDictionary(static pod => pod.Name, StringComparer.Ordinal);
}
