using System.Globalization;
using System.Text.Json;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What a proxy path names: <c>service</c>, <c>service:port</c>, <c>https:service:port</c>; the port may be a name. The words of refusals are those of an API server 1.36.</summary>
internal sealed record ServiceAddress(string Scheme, string Name, string Port)
{
    public static ServiceAddress Parse(string text)
    {
        string[] parts = text.Split(':');
        return parts.Length switch
        {
            1 => new ServiceAddress("http", parts[0], ""),
            2 => new ServiceAddress("http", parts[0], parts[1]),
            3 when parts[0] is "" or "http" or "https" => new ServiceAddress(parts[0] == "https" ? "https" : "http", parts[1], parts[2]),
            _ => throw ApiErrors.BadRequest($"invalid service request \"{text}\""),
        };
    }

    /// <summary>The addresses behind the service.</summary>
    /// <exception cref="ApiException">There is no such service, or no such port.</exception>
    public ApiObject EndpointsIn(ResourceStore store, string space)
    {
        ResourceCollection services = store["", "services"];
        if (int.TryParse(Port, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            ApiObject service = services.Find(space, Name) ?? throw ApiErrors.NotFound(services.Type, Name);
            using JsonDocument document = JsonDocument.Parse(service.Body);
            if (!CellValues.Items(document.RootElement, "spec.ports").Any(port => (int)CellValues.Number(port, "port") == number))
                throw new ApiException(new ApiStatus(503, "ServiceUnavailable", $"no service port {number} found for service \"{Name}\""));
        }

        // A service without Endpoints is not found either (seen with 1.36).
        return store["", "endpoints"].Find(space, Name) ?? throw ApiErrors.NotFound(services.Type, Name);
    }

    /// <summary>A pod behind the service with the port that is meant; null where there is none.</summary>
    public (string Pod, int Port, string Address)? TargetOf(ApiObject endpoints)
    {
        using JsonDocument document = JsonDocument.Parse(endpoints.Body);
        bool isNumber = int.TryParse(Port, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        foreach (JsonElement subset in CellValues.Items(document.RootElement, "subsets"))
        {
            foreach (JsonElement port in CellValues.Items(subset, "ports"))
            {
                // In this cluster, a service with one port has one port behind it; all others have the numbers of the service.
                bool isMeant = isNumber ? (int)CellValues.Number(port, "port") == number || CellValues.Items(subset, "ports").Count() == 1 : (CellValues.Text(port, "name") ?? "") == Port;
                if (!isMeant) continue;
                foreach (JsonElement address in CellValues.Items(subset, "addresses"))
                {
                    if (CellValues.Text(address, "targetRef.name") is { } pod) return (pod, (int)CellValues.Number(port, "port"), CellValues.Text(address, "ip") ?? "");
                }
            }
        }

        return null;
    }
}
