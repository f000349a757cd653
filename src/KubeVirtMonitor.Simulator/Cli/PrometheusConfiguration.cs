using System.Text;

namespace KubeVirtMonitor.Simulator;

/// <summary>A configuration with which Prometheus scrapes all endpoints of a host, with verified certificates.</summary>
public static class PrometheusConfiguration
{
    /// <summary>The configuration as YAML: one job per component, because each has a server name of its own.</summary>
    /// <param name="host">Whose endpoints.</param>
    /// <param name="scrapeInterval">The interval, as Prometheus writes durations.</param>
    public static string For(SimulatorHost host, string scrapeInterval)
    {
        ArgumentNullException.ThrowIfNull(host);
        StringBuilder text = new();
        text.Append("global:\n  scrape_interval: ").Append(scrapeInterval).Append("\n  scrape_timeout: ").Append(scrapeInterval).Append("\nscrape_configs:\n");
        foreach (IGrouping<ComponentKind, SimulatedEndpoint> job in host.Endpoints.GroupBy(endpoint => endpoint.Pod.Component))
        {
            SimulatedEndpoint first = job.First();
            text.Append("  - job_name: virt-").Append(first.Pod.ComponentName).Append('\n');
            text.Append("    scheme: ").Append(first.BaseUri.Scheme).Append('\n');
            if (first.BaseUri.Scheme == Uri.UriSchemeHttps)
            {
                text.Append("    tls_config:\n      ca_file: '").Append(host.CertificateAuthorityFile.Replace("'", "''", StringComparison.Ordinal)).Append("'\n");
                text.Append("      server_name: ").Append(first.ServerNames[2]).Append('\n');
            }

            text.Append("    static_configs:\n      - targets:\n");
            foreach (SimulatedEndpoint endpoint in job) text.Append("          - '").Append(endpoint.BaseUri.Authority).Append("'\n");
        }

        return text.ToString();
    }
}
