using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Reads what an instance scrapes.</summary>
internal static class EndpointReader
{
    private const string Plain = "openmetrics_endpoint";

    private static readonly (ComponentKind Component, string Check)[] Checks =
        [(ComponentKind.Api, "kubevirt_api"), (ComponentKind.Controller, "kubevirt_controller"), (ComponentKind.Handler, "kubevirt_handler")];

    /// <summary>The component whose check a file configures, by its name and the name of its folder.</summary>
    public static ComponentKind? ComponentOf(string path)
    {
        string name = Path.GetFileName(path);
        string folder = Path.GetFileName(Path.GetDirectoryName(path)) ?? "";
        foreach ((ComponentKind component, string check) in Checks)
        {
            if (name.StartsWith(check, StringComparison.OrdinalIgnoreCase) || folder.StartsWith(check, StringComparison.OrdinalIgnoreCase)) return component;
        }

        return null;
    }

    /// <summary>The namespace of a component's check; empty where it is not known.</summary>
    public static string SpaceOf(ComponentKind? component) => Array.Find(Checks, entry => entry.Component == component).Check ?? "";

    /// <summary>The target, not yet described.</summary>
    /// <param name="scope">The instance.</param>
    /// <param name="component">The component of a plain endpoint, where it is known.</param>
    /// <exception cref="ScrapeException">There is no endpoint, more than one, or one that cannot be scraped.</exception>
    public static ScrapeTarget Read(InstanceScope scope, ComponentKind? component)
    {
        OptionReader options = scope.Options;
        (ComponentKind Component, string Check)[] named = [.. Checks.Where(entry => options.Has(entry.Check + "_metrics_endpoint"))];
        if (named.Length > 1) throw options.Bad($"{named[1].Check}_metrics_endpoint", $"the instance names {named[0].Check}_metrics_endpoint as well", "Write one instance for each endpoint.");
        (ComponentKind Component, string Check)[] health = [.. Checks.Where(entry => options.Has(entry.Check + "_healthz_endpoint"))];
        string metrics = named.Length == 1 ? named[0].Check + "_metrics_endpoint" : Plain;
        if (!options.Has(metrics))
            throw options.Bad(health.Length > 0 ? health[0].Check + "_metrics_endpoint" : "kubevirt_api_metrics_endpoint", "the instance names no endpoint to scrape", "Write kubevirt_api_metrics_endpoint, kubevirt_controller_metrics_endpoint, kubevirt_handler_metrics_endpoint or openmetrics_endpoint.");
        if (named.Length == 1 && options.Has(Plain)) scope.Warn($"{Plain} is not applied beside {metrics}, in the Agent as here. Write an instance of its own for it.");
        ComponentKind? known = named.Length == 1 ? named[0].Component : health.Length == 1 ? health[0].Component : component;
        Uri? healthUri = null;
        foreach ((ComponentKind owner, string check) in health)
        {
            string name = check + "_healthz_endpoint";
            if (owner == known) healthUri = Address(options, name);
            else scope.Warn($"{name} is not applied: the endpoint is of another component. Write an instance of its own for it.");
        }

        return ScrapeTarget.FromUri(Address(options, metrics), known, healthUri);
    }

    private static Uri Address(OptionReader options, string name)
    {
        if (Uri.TryCreate(options.Text(name), UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)) return uri;
        throw options.Bad(name, "this is no http or https address", "Write an address such as https://10.0.0.5:8443/metrics.");
    }
}
