namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>How a guest answers connections to a port.</summary>
public sealed record GuestAnswer
{
    /// <summary>The status of HTTP answers, unless the path says otherwise.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The body of HTTP answers.</summary>
    public string Body { get; init; } = "ok\n";

    /// <summary>The pause before an answer.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Headers that a request has to carry; without one of them the answer is 403.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Where HTTP answers redirect to, with status 302; null = nowhere.</summary>
    public string? Location { get; init; }

    /// <summary>Whether connections are reset as soon as something is sent over them.</summary>
    public bool Resets { get; init; }
}
