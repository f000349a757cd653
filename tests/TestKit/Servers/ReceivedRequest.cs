namespace KubeVirtMonitor.TestKit;

/// <summary>A request as a server received it.</summary>
public sealed record ReceivedRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string? ClientCertificate)
{
    public string? this[string header] => Headers.TryGetValue(header, out string? value) ? value : null;

    public static ReceivedRequest Parse(string text, string? clientCertificate)
    {
        string[] lines = text.Split("\r\n");
        string[] first = lines[0].Split(' ');
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines.Skip(1).TakeWhile(line => line.Length > 0))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return new ReceivedRequest(first[0], first[1], headers, clientCertificate);
    }
}
