using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Probes;

/// <summary>Writes a <c>v1.Probe</c>: the handler, and those of the five numbers that were given.</summary>
internal static class ProbeWriter
{
    public static JsonObject Write(VmiProbe probe)
    {
        JsonObject target = [];
        switch (probe.Kind)
        {
            case ProbeKind.HttpGet:
                Add(target, "path", probe.Path);
                AddPort(target, probe);
                Add(target, "host", probe.Host);
                Add(target, "scheme", probe.Scheme);
                if (probe.Headers.Count > 0)
                    target["httpHeaders"] = new JsonArray([.. probe.Headers.Select(header => new JsonObject { ["name"] = header.Key, ["value"] = header.Value })]);
                break;
            case ProbeKind.TcpSocket:
                AddPort(target, probe);
                Add(target, "host", probe.Host);
                break;
            case ProbeKind.Exec:
                target["command"] = new JsonArray([.. probe.Command.Select(text => (JsonNode?)JsonValue.Create(text))]);
                break;
        }

        JsonObject written = new() { [ProbeFields.Of(probe.Kind)] = target };
        Add(written, ProbeFields.InitialDelay, probe.GivenInitialDelay);
        Add(written, ProbeFields.Period, probe.GivenPeriod);
        Add(written, ProbeFields.Timeout, probe.GivenTimeout);
        Add(written, ProbeFields.Success, probe.GivenSuccess);
        Add(written, ProbeFields.Failure, probe.GivenFailure);
        return written;
    }

    private static void AddPort(JsonObject target, VmiProbe probe)
    {
        if (probe.Port is { } port) target["port"] = port.Number is { } number ? JsonValue.Create(number) : JsonValue.Create(port.Name);
    }

    private static void Add(JsonObject into, string field, string? text)
    {
        if (text is not null) into[field] = text;
    }

    private static void Add(JsonObject into, string field, int? number)
    {
        if (number is { } value) into[field] = value;
    }
}
