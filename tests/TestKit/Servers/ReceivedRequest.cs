using System.Globalization;

namespace KubeVirtMonitor.TestKit;

/// <summary>A request as a server received it.</summary>
public sealed record ReceivedRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string? ClientCertificate)
{
    /// <summary>What was sent along.</summary>
    public string Body { get; init; } = "";

    /// <summary>Bytes of the body, as the request has them.</summary>
    public int Length => int.TryParse(this["Content-Length"], NumberStyles.None, CultureInfo.InvariantCulture, out int length) ? length : 0;

    /// <summary>The parameters of the form that was sent, or of the address where there is none.</summary>
    public ILookup<string, string> Parameters => (Body.Length > 0 ? Body : Path.Split('?', 2).ElementAtOrDefault(1) ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(static pair => pair.Split('=', 2)).ToLookup(static pair => Uri.UnescapeDataString(pair[0]), static pair => Uri.UnescapeDataString(pair[1]));

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
