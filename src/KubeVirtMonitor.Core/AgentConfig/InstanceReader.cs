using System.Net;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Makes an instance from its options.</summary>
internal static class InstanceReader
{
    /// <summary>Reads it.</summary>
    /// <param name="scope">The options that reach the scrape.</param>
    /// <param name="whole">All options: those of the health request.</param>
    /// <exception cref="ScrapeException">It cannot be scraped as it is.</exception>
    public static AgentInstance Read(InstanceScope scope, InstanceScope whole, ComponentKind? component, ScrapeOptions limits)
    {
        ScrapeTarget target = Describe(EndpointReader.Read(scope, component), scope);
        LabelRules labels = LabelRulesReader.Read(scope);
        MetricRules metrics = MetricRulesReader.Read(scope, target.Component);
        ScrapeOptions options = ConnectionReader.Read(scope, target.Uri!, target.UriCredential is not null, limits);
        ScrapeOptions? health = target.HealthUri is { } uri ? ConnectionReader.Read(whole, uri, uri.UserInfo.Length > 0, limits) : null;
        return new AgentInstance(scope.Number, scope.Check, target, options, health, metrics, labels);
    }

    private static ScrapeTarget Describe(ScrapeTarget target, InstanceScope scope)
    {
        OptionReader options = scope.Options;
        List<KeyValuePair<string, string>> tags = [];
        Regex? ignored = options.AnyOf("ignore_tags");
        foreach (string tag in options.List("tags"))
        {
            if (ignored?.IsMatch(tag) == true) continue;
            string[] parts = tag.Split(':', 2);
            Add(parts[0].Trim(), parts.Length > 1 ? parts[1].Trim() : "");
        }

        if (options.Text("service") is { } service) Add("service", service);
        if (options.Flag("empty_default_hostname") == false)
            scope.Warn("empty_default_hostname: false is not applied: in the Agent, the samples would have its own host. Add the tag host under tags.");
        // Of the two checks, only those of KubeVirt have options for these.
        bool isNamed = scope.Check == AgentCheck.KubeVirt;
        return target with { PodName = isNamed ? options.Text("kube_pod_name") : null, KubeNamespace = isNamed ? options.Text("kube_namespace") : null, AddTags = tags };

        void Add(string key, string value)
        {
            if (key.Length == 0) return;
            int known = tags.FindIndex(tag => tag.Key == key);
            if (known < 0)
            {
                tags.Add(new(key, value));
                return;
            }

            if (tags[known].Value != value) scope.Warn($"the tag '{key}' has more than one value; samples here have only the last one. Use a different tag name for each value.");
            tags[known] = new(key, value);
        }
    }
}

/// <summary>Where an instance is in its file, for messages about its options.</summary>
/// <param name="Number">Its place in the file, from 1.</param>
/// <param name="Options">Its options.</param>
/// <param name="Folder">The folder of the file: where relative paths begin.</param>
/// <param name="Check">Which check of the Agent it is of.</param>
/// <param name="Warnings">Takes what the user should know.</param>
/// <param name="Notes">Takes what the user may want to know.</param>
internal sealed record InstanceScope(int Number, OptionReader Options, string Folder, AgentCheck Check, OptionWarnings Warnings, OptionWarnings Notes)
{
    /// <summary>The full path of a file that the Agent would open; <c>~</c> is the user's own folder.</summary>
    public string FullPath(string path) => Path.GetFullPath(
        path.StartsWith("~/", StringComparison.Ordinal) ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..]) : path,
        Folder);

    public void Warn(string text) => Warnings.Add(text, Number);
}

/// <summary>Reads headers, tokens and passwords.</summary>
internal static class IdentityReader
{
    /// <summary>Reads them.</summary>
    /// <exception cref="ScrapeException">They cannot be used, or contradict each other.</exception>
    public static Identity Read(InstanceScope scope)
    {
        OptionReader options = scope.Options;
        IReadOnlyList<KeyValuePair<string, string>> extra = options.Texts("extra_headers");
        List<KeyValuePair<string, string>> headers =
        [
            .. options.Texts("headers").Where(header => !extra.Any(other => string.Equals(other.Key, header.Key, StringComparison.OrdinalIgnoreCase))),
            .. extra,
        ];
        NetworkCredential? credential = Credential(scope);
        Identity identity = new() { Headers = headers, Credential = credential };
        if (TokenReader.Read(scope) is not { } token) return identity;
        if (credential is not null) throw options.Bad("auth_token", "username and password are set too, and a request can have only one of them", "Remove one of the two.");
        headers.RemoveAll(header => string.Equals(header.Key, token.Header, StringComparison.OrdinalIgnoreCase));
        if (token.IsBearer) return identity with { Token = token.Token };
        headers.Add(new(token.Header, token.Value));
        return identity with { Secrets = [token.Token, token.Value] };
    }

    private static NetworkCredential? Credential(InstanceScope scope)
    {
        OptionReader options = scope.Options;
        string? user = options.Text("username");
        string? password = options.Text("password");
        if (options.Text("auth_type") is { } type && type != "basic")
        {
            string name = type is "digest" or "ntlm" or "kerberos" or "aws" ? $"auth_type: {type}" : "auth_type";
            scope.Warn($"{name} is not applied, although the Agent would use it; no credentials are sent. Use basic with username and password, auth_token or a client certificate.");
            return null;
        }

        if (user is not null && password is not null) return new NetworkCredential(user, password);
        if (user is not null || password is not null) scope.Warn("username and password are only sent together, as in the Agent. Set both.");
        return null;
    }
}

/// <summary>How requests of an instance authenticate.</summary>
internal sealed record Identity
{
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public string? Token { get; init; }

    public NetworkCredential? Credential { get; init; }

    /// <summary>Tokens in headers of other names.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    public bool HasSecret => Token is not null || Credential is not null || Secrets.Count > 0 || Header("Authorization") is not null || Header("Cookie") is not null;

    /// <summary>The value of a header that is sent; null where it is not.</summary>
    public string? Header(string name) => Headers.Where(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).FirstOrDefault();
}
