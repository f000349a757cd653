using System.Net;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Scraping;

/// <summary>Where a scrape comes from: an address, a file, or text in memory, and what is known about it in advance.</summary>
internal sealed record ScrapeTarget
{
    private ScrapeTarget(string name)
    {
        Name = name;
    }

    /// <summary>The address without secrets, the full path, or a name for text at hand. Shown as <see cref="MetricSample.Target"/>.</summary>
    public string Name { get; init; }

    /// <summary>The address, without user information; null for files and text.</summary>
    public Uri? Uri { get; private init; }

    /// <summary>The full path; null for addresses and text.</summary>
    public string? Path { get; private init; }

    /// <summary>The component; null = recognise it from the content.</summary>
    public ComponentKind? Component { get; init; }

    /// <summary>Value of the <c>pod_name</c> tag.</summary>
    public string? PodName { get; init; }

    /// <summary>Value of the <c>kube_namespace</c> tag.</summary>
    public string? KubeNamespace { get; init; }

    /// <summary>The address whose answer decides <c>can_connect</c>; null = no health check.</summary>
    public Uri? HealthUri { get; init; }

    /// <summary>Tags the user adds to every sample.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> AddTags { get; init; } = [];

    /// <summary>The cluster it is of; null = none, or not known.</summary>
    public SampleOrigin? Origin { get; init; }

    /// <summary>Whether it is going to be scraped again, so that what is known of its labels is kept from the first scrape on.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>The way to the address and to its health address; null = a connection of the scraper's own.</summary>
    internal IScrapeTransport? Transport { get; init; }

    internal ReadOnlyMemory<byte> Bytes { get; private init; }

    internal IEnumerable<string>? Lines { get; private init; }

    /// <summary>What the address itself carried as <c>user:password@</c>.</summary>
    internal NetworkCredential? UriCredential { get; private init; }

    /// <summary>A metrics endpoint.</summary>
    /// <param name="uri">An absolute http or https address. User information in it is sent as basic authentication.</param>
    /// <param name="component">The component, where known.</param>
    /// <param name="healthUri">The health address, where <c>can_connect</c> is wanted.</param>
    /// <exception cref="ScrapeException">The address is relative or of another scheme.</exception>
    public static ScrapeTarget FromUri(Uri uri, ComponentKind? component = null, Uri? healthUri = null) =>
        new(ShownUri.From(Checked(uri)))
        {
            Uri = WithoutUserInfo(uri),
            UriCredential = CredentialOf(uri),
            Component = component,
            HealthUri = healthUri is null ? null : Checked(healthUri),
        };

    /// <summary>A saved scrape; gzip is recognised by its content.</summary>
    /// <param name="path">The path, relative to the process's directory or full.</param>
    /// <param name="component">The component, where known.</param>
    public static ScrapeTarget FromFile(string path, ComponentKind? component = null)
    {
        string full = System.IO.Path.GetFullPath(path);
        return new ScrapeTarget(full) { Path = full, Component = component };
    }

    /// <summary>The bytes of a scrape, plain or gzip.</summary>
    /// <param name="bytes">The bytes; not copied.</param>
    /// <param name="name">What to call them.</param>
    /// <param name="component">The component, where known.</param>
    public static ScrapeTarget FromBytes(ReadOnlyMemory<byte> bytes, string name = "(bytes)", ComponentKind? component = null) =>
        new(name) { Bytes = bytes, Component = component };

    /// <summary>The text of a scrape.</summary>
    /// <param name="lines">Lines without their ends, or pieces that hold many lines; read once, while the scrape is read.</param>
    /// <param name="name">What to call it.</param>
    /// <param name="component">The component, where known.</param>
    public static ScrapeTarget FromText(IEnumerable<string> lines, string name = "(text)", ComponentKind? component = null) =>
        new(name) { Lines = lines, Component = component };

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal TargetInfo ToTargetInfo() => new()
    {
        Target = Name,
        Endpoint = Uri is null ? null : Name,
        PodName = PodName,
        KubeNamespace = KubeNamespace,
        Component = Component,
        Origin = Origin,
        AddTags = AddTags,
    };

    private static Uri Checked(Uri uri)
    {
        if (uri.IsAbsoluteUri && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)) return uri;
        throw new ScrapeException(ScrapeError.InvalidTarget, ShownUri.From(uri), "this is not an http or https address");
    }

    internal static Uri WithoutUserInfo(Uri uri) =>
        uri.UserInfo.Length == 0 && uri.Fragment.Length == 0
            ? uri
            : new UriBuilder(uri) { UserName = "", Password = "", Fragment = "" }.Uri;

    internal static NetworkCredential? CredentialOf(Uri uri)
    {
        if (uri.UserInfo.Length == 0) return null;
        string[] parts = uri.UserInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }
}
