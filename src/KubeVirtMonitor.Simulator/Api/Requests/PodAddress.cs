using System.Globalization;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What a proxy path names: <c>pod</c>, <c>pod:port</c>, <c>https:pod:port</c>; the port may be a name.</summary>
internal sealed record PodAddress(string Scheme, string Name, string Port)
{
    public static PodAddress Parse(string text)
    {
        string[] parts = text.Split(':');
        return parts.Length switch
        {
            1 => new PodAddress("http", parts[0], ""),
            2 => new PodAddress("http", parts[0], parts[1]),
            3 when parts[0] is "http" or "https" => new PodAddress(parts[0], parts[1], parts[2]),
            _ => throw ApiErrors.BadRequest($"invalid pod request \"{text}\""),
        };
    }

    /// <summary>The number of the port: given, named by a container, or the first of the first container.</summary>
    public int PortOf(ApiObject pod)
    {
        if (int.TryParse(Port, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return number;
        using var document = System.Text.Json.JsonDocument.Parse(pod.Body);
        foreach (var container in CellValues.Items(document.RootElement, "spec.containers"))
        {
            foreach (var port in CellValues.Items(container, "ports"))
            {
                if (Port.Length == 0 || CellValues.Text(port, "name") == Port) return (int)CellValues.Number(port, "containerPort");
            }
        }

        return Port.Length == 0 ? Scheme == "https" ? 443 : 80 : throw ApiErrors.BadRequest("address not allowed");
    }
}
