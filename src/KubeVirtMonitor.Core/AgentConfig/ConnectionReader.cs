using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Files;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Reads how a target is reached.</summary>
internal static class ConnectionReader
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The options of requests to an address.</summary>
    /// <param name="scope">The instance.</param>
    /// <param name="uri">The address.</param>
    /// <param name="hasPassword">Whether the address has a user or password in it.</param>
    /// <param name="limits">Sizes and retries, and what the user says of TLS.</param>
    /// <exception cref="ScrapeException">An option cannot be used.</exception>
    public static ScrapeOptions Read(InstanceScope scope, Uri uri, bool hasPassword, ScrapeOptions limits)
    {
        OptionReader options = scope.Options;
        Identity identity = IdentityReader.Read(scope);
        List<KeyValuePair<string, string>> headers = [.. identity.Headers];
        if (options.Flag("use_latest_spec") is { } latest) AddHeader(headers, "Accept", latest ? "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1" : "text/plain");
        if (options.Flag("persist_connections") == false) AddHeader(headers, "Connection", "close");
        ScrapeOptions connection = new()
        {
            Timeout = TimeoutOf(options),
            MaximumRedirection = options.Flag("allow_redirects") == false ? 0 : limits.MaximumRedirection,
            MaximumRetryCount = limits.MaximumRetryCount,
            RetryInterval = limits.RetryInterval,
            MaximumBodySize = limits.MaximumBodySize,
            MaximumCompressedSize = limits.MaximumCompressedSize,
            ThrottleLimit = limits.ThrottleLimit,
            Headers = headers,
            Token = identity.Token,
            Credential = identity.Credential,
            Secrets = identity.Secrets,
            Tls = Chosen(limits.Tls, TlsReader.Read(scope, uri, identity)),
            Proxy = ProxyReader.Read(options, uri, out bool skip),
            NoProxy = skip,
        };
        Check(scope, uri, hasPassword || identity.HasSecret, connection);
        return connection;
    }

    // What the user says goes before what the file says.
    private static TlsOptions Chosen(TlsOptions user, TlsOptions file)
    {
        if (user.ServerName is { } name) file = file with { ServerName = name };
        if (user.SkipCertificateCheck) return file with { SkipCertificateCheck = true, CertificateAuthority = null };
        return user.CertificateAuthority is { } roots ? file with { SkipCertificateCheck = false, CertificateAuthority = roots } : file;
    }

    private static TimeSpan TimeoutOf(OptionReader options)
    {
        TimeSpan both = options.Seconds("timeout") ?? DefaultTimeout;
        TimeSpan? connect = options.Seconds("connect_timeout");
        TimeSpan? read = options.Seconds("read_timeout");
        return connect is null && read is null ? both : (connect ?? both) + (read ?? both);
    }

    private static void Check(InstanceScope scope, Uri uri, bool hasSecret, ScrapeOptions connection)
    {
        if (hasSecret && uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback)
            throw scope.Options.Bad("endpoint", $"the token, password or cookie would be sent over the network unencrypted, to {ShownUri.From(uri)}", "Write https:// in the address: credentials from a file are only sent over TLS.");
        try
        {
            _ = new HttpGet(TransportPool.Shared, connection);
        }
        catch (ScrapeException e)
        {
            (string option, string advice) = e.Setting switch
            {
                Setting.Headers => ("headers", "Write names like X-Scope-OrgID and values of one line."),
                Setting.Token => ("auth_token", "Correct the value."),
                Setting.ClientCertificate => ("tls_cert", "Correct the value."),
                _ => ("proxy", "Correct the value."),
            };
            throw scope.Options.Bad(option, e.What, advice, e);
        }
    }

    private static void AddHeader(List<KeyValuePair<string, string>> headers, string name, string value)
    {
        if (!headers.Exists(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase))) headers.Add(new(name, value));
    }
}

/// <summary>Reads what an instance scrapes.</summary>
internal static class EndpointReader
{
    private const string Plain = "openmetrics_endpoint";
    private const string Generic = "openmetrics";

    private static readonly (ComponentKind Component, string Check)[] Checks =
        [.. new[] { ComponentKind.Api, ComponentKind.Controller, ComponentKind.Handler }.Select(static component => (component, ComponentFacts.CheckNameOf(component)))];

    /// <summary>The check that a file configures, by its name and the name of its folder: one of the KubeVirt checks, openmetrics, or null where they do not say.</summary>
    public static string? CheckOf(string path)
    {
        string name = Path.GetFileName(path);
        string folder = Path.GetFileName(Path.GetDirectoryName(path)) ?? "";
        return Array.Find([.. Checks.Select(entry => entry.Check), Generic], check => name.StartsWith(check, StringComparison.OrdinalIgnoreCase) || folder.StartsWith(check, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The check that the options of an instance are of.</summary>
    public static string CheckOf(JsonObject instance) => Array.Find(Checks, entry => instance[entry.Check + "_metrics_endpoint"] is not null).Check ?? Generic;

    /// <summary>Whether an instance is one of the KubeVirt checks; else it is one of openmetrics.</summary>
    public static bool IsOfKubeVirt(JsonObject instance) => CheckOf(instance) != Generic;

    /// <summary>The component of a check; null for any other than the KubeVirt checks.</summary>
    public static ComponentKind? ComponentOf(string? check) => Array.FindIndex(Checks, entry => entry.Check == check) is >= 0 and int index ? Checks[index].Component : null;

    /// <summary>The component that the options of an instance tell; null where they do not.</summary>
    public static ComponentKind? KnownOf(JsonObject instance) => ComponentOf(IsOfKubeVirt(instance) ? CheckOf(instance) : instance["namespace"] is JsonValue space ? space.ToString() : null);

    /// <summary>The namespace of a component's check; empty where it is not known.</summary>
    public static string SpaceOf(ComponentKind? component) => Array.Find(Checks, entry => entry.Component == component).Check ?? "";

    /// <summary>Says where the Agent runs another check than the one whose options an instance has.</summary>
    /// <param name="check">The check of the file; null = not known.</param>
    public static void CheckPlace(string? check, InstanceScope scope)
    {
        string own = Array.Find(Checks, entry => scope.Options.Has(entry.Check + "_metrics_endpoint")).Check ?? Generic;
        if (check is null || check == own || (own == Generic && !scope.Options.Has(Plain))) return;
        scope.Warn($"the Agent runs the check {check} with this, which fails: the instance is one of the check {own}. Move it into {own}.d.");
    }

    /// <summary>The target, not yet described.</summary>
    /// <param name="scope">The instance.</param>
    /// <param name="component">The component where the options do not tell it.</param>
    /// <exception cref="ScrapeException">There is no endpoint, more than one, or one that cannot be scraped.</exception>
    public static ScrapeTarget Read(InstanceScope scope, ComponentKind? component)
    {
        OptionReader options = scope.Options;
        (ComponentKind Component, string Check)[] named = [.. Checks.Where(entry => options.Has(entry.Check + "_metrics_endpoint"))];
        if (named.Length > 1) throw options.Bad($"{named[1].Check}_metrics_endpoint", $"the instance also has {named[0].Check}_metrics_endpoint", "Write a separate instance for each endpoint.");
        if (named is not [var own])
        {
            return options.Has(Plain)
                ? ScrapeTarget.FromUri(Address(options, Plain), ComponentOf(options.Text("namespace")) ?? component)
                : throw options.Bad(
                    Array.Find(Checks, entry => options.Has(entry.Check + "_healthz_endpoint")).Check is { } check ? check + "_metrics_endpoint" : "kubevirt_api_metrics_endpoint",
                    "the instance names no endpoint to scrape",
                    "Write kubevirt_api_metrics_endpoint, kubevirt_controller_metrics_endpoint, kubevirt_handler_metrics_endpoint or openmetrics_endpoint.");
        }

        Uri? health = options.Has(own.Check + "_healthz_endpoint") ? Address(options, own.Check + "_healthz_endpoint") : null;
        foreach ((_, string other) in Checks.Where(entry => entry.Check != own.Check && options.Has(entry.Check + "_healthz_endpoint")))
            scope.Warn($"{other}_healthz_endpoint is not applied: the endpoint belongs to another component. Write a separate instance for it.");
        return ScrapeTarget.FromUri(WithPath(Address(options, own.Check + "_metrics_endpoint"), own.Check, scope), own.Component, health);
    }

    // kubevirt_api does so with every other path, and its siblings take the address as it is.
    private static Uri WithPath(Uri uri, string check, InstanceScope scope)
    {
        if (check != "kubevirt_api" || uri.AbsolutePath == "/" + ComponentFacts.MetricsPath) return uri;
        scope.Warn($"{check}_metrics_endpoint does not end with /{ComponentFacts.MetricsPath}: the check appends it, and so it is here.");
        return new Uri($"{uri.OriginalString.TrimEnd('/')}/{ComponentFacts.MetricsPath}");
    }

    private static Uri Address(OptionReader options, string name)
    {
        if (Uri.TryCreate(options.Text(name), UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)) return uri;
        throw options.Bad(name, "this is not an http or https address", "Write an address such as https://10.0.0.5:8443/metrics.");
    }
}

/// <summary>Reads which proxy, if any, requests go through.</summary>
internal static class ProxyReader
{
    /// <summary>The proxy for an address; null = the one of the environment, unless <paramref name="skip"/> is true.</summary>
    /// <exception cref="ScrapeException">An address cannot be used.</exception>
    public static Uri? Read(OptionReader options, Uri target, out bool skip)
    {
        skip = options.Flag("skip_proxy") == true;
        if (skip || options.Inner("proxy") is not { } proxy) return null;
        skip = Exceptions(proxy).Any(rule => IsException(rule, target.IdnHost));
        if (skip || proxy.Text(target.Scheme) is not { } address) return null;
        return Uri.TryCreate(address.Contains("://", StringComparison.Ordinal) ? address : "http://" + address, UriKind.Absolute, out Uri? uri)
            ? uri
            : throw proxy.Bad(target.Scheme, "this is not a proxy address", "Write an address such as http://proxy.example:3128.");
    }

    /// <summary>Whether a host is reached without the proxy by an entry of <c>no_proxy</c>, as the Agent understands it.</summary>
    /// <param name="rule">A name (and all below it), <c>.name</c> or <c>*.name</c> (all below it), an address, a range, or <c>*</c>.</param>
    internal static bool IsException(string rule, string host)
    {
        rule = rule.Trim();
        if (rule.Length == 0) return false;
        if (rule == "*") return true;
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return IPAddress.TryParse(rule, out IPAddress? one) ? one.Equals(address) : IPNetwork.TryParse(rule, out IPNetwork range) && range.Contains(address);
        }

        if (rule.StartsWith("*.", StringComparison.Ordinal)) rule = rule[1..];
        return rule.StartsWith('.')
            ? host.EndsWith(rule, StringComparison.OrdinalIgnoreCase)
            : host.Equals(rule, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + rule, StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<string> Exceptions(OptionReader proxy) =>
        proxy.Node("no_proxy") is JsonArray ? proxy.List("no_proxy") : proxy.Text("no_proxy")?.Split(',', ';') ?? [];
}

/// <summary>Reads how a server is verified.</summary>
internal static class TlsReader
{
    private static readonly Regex HashName = new("^[0-9a-f]{8}\\.[0-9]+$", RegexOptions.CultureInvariant);

    /// <summary>Reads it.</summary>
    /// <param name="uri">The address.</param>
    /// <exception cref="ScrapeException">A file or a value cannot be used.</exception>
    public static TlsOptions Read(InstanceScope scope, Uri uri, Identity identity)
    {
        OptionReader options = scope.Options;
        bool? verify = options.Flag("tls_verify");
        X509Certificate2Collection? authority = verify == false && scope.Check == AgentCheck.KubeVirt ? null : Authority(scope);
        // The generic check verifies against tls_ca_cert whatever tls_verify says.
        bool skip = verify == false && authority is null;
        if (uri.Scheme == Uri.UriSchemeHttps) Tell(scope, verify, skip);
        return new TlsOptions
        {
            SkipCertificateCheck = skip,
            CertificateAuthority = authority,
            ClientCertificate = Client(scope),
            ServerName = ServerName(scope, uri, identity),
            Protocols = Protocols(options),
        };
    }

    private static void Tell(InstanceScope scope, bool? verify, bool skip)
    {
        bool isGeneric = scope.Check == AgentCheck.OpenMetrics;
        if (skip && scope.Options.Flag("tls_ignore_warning") != true)
            scope.Warn($"tls_verify: false accepts any certificate: the connection is encrypted, but the identity of the server is not verified. {(isGeneric ? "Use tls_ca_cert" : "Use an instance of the check openmetrics with tls_ca_cert, which the KubeVirt checks do not hand on")}. To suppress this warning, set tls_ignore_warning: true{(isGeneric ? "" : " in init_config")}.");
        else if (verify == false && !skip)
            scope.Warn("tls_verify: false has no effect beside tls_ca_cert: servers are verified against it, as by the Agent. Remove one of the two.");
        if (isGeneric) return;
        if (verify == true)
            scope.Warn("tls_verify: true fails in the Agent: its KubeVirt checks do not hand tls_ca_cert on to the scrape, and KubeVirt's certificates are not issued by an authority of the system. Use an instance of the check openmetrics with tls_ca_cert, or tls_verify: false.");
        else if (verify is null)
            scope.Notes.Add("tls_verify is not set. Servers are verified here unless it is false; these checks of the Agent do not verify them without it.", scope.Number);
    }

    private static X509Certificate2Collection? Authority(InstanceScope scope)
    {
        if (scope.Options.Text("tls_ca_cert") is not { } path) return null;
        path = scope.FullPath(path);
        try
        {
            return CertificateFiles.LoadAuthority(Directory.Exists(path) ? CertificatesIn(path) : [path]) is { Count: > 0 } roots
                ? roots
                : throw scope.Options.Bad("tls_ca_cert", $"the directory '{path}' holds no certificate under an OpenSSL hash name, such as d688ba0f.0, so the Agent trusts none", "Run 'openssl rehash' on the directory, or name a file.");
        }
        catch (ScrapeException e) when (e.Cause != ScrapeError.BadConfiguration)
        {
            throw scope.Options.Bad("tls_ca_cert", $"{e.Target}: {e.What}", "Name a PEM file with the roots, or a directory of such files.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw scope.Options.Bad("tls_ca_cert", $"'{path}' cannot be read", "Check its permissions.", e);
        }
    }

    // OpenSSL looks for a root under the hash of its subject, and reads no other file.
    private static IEnumerable<string> CertificatesIn(string folder) =>
        Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Where(file => HashName.IsMatch(Path.GetFileName(file)) && File.ReadAllText(file).Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal));

    private static X509Certificate2Collection? Client(InstanceScope scope)
    {
        OptionReader options = scope.Options;
        string? key = options.Text("tls_private_key");
        if (options.Text("tls_cert") is not { } path)
        {
            if (key is not null) scope.Warn("tls_private_key has no effect without tls_cert. Set both.");
            return null;
        }

        try
        {
            return CertificateFiles.LoadClient(scope.FullPath(path), key is null ? null : scope.FullPath(key), options.Text("tls_private_key_password"));
        }
        catch (ScrapeException e)
        {
            throw options.Bad("tls_cert", $"{e.Target}: {e.What}", "Name a PEM certificate, and its key in tls_private_key.", e);
        }
    }

    // The platform takes SNI from a Host header; which name the certificate has to carry is another matter.
    private static string? ServerName(InstanceScope scope, Uri uri, Identity identity)
    {
        bool wanted = scope.Options.Flag("tls_use_host_header") == true;
        bool isSpelled = identity.Headers.Any(header => header.Key == "Host");
        if (identity.Header("Host") is { Length: > 0 } host)
        {
            if (wanted && !isSpelled) scope.Warn("tls_use_host_header has no effect: the Agent looks for a header that is spelled Host. Spell it so.");
            return wanted && isSpelled ? host.Split(':')[0] : uri.IdnHost;
        }

        if (wanted) scope.Warn("tls_use_host_header has no effect without a Host header. Add the header under extra_headers.");
        return null;
    }

    private static SslProtocols Protocols(OptionReader options)
    {
        IReadOnlyList<string> names = options.List("tls_protocols_allowed");
        if (names.Count == 0) return TlsOptions.Default.Protocols;
        SslProtocols allowed = SslProtocols.None;
        foreach (string name in names)
        {
            allowed |= name switch
            {
                "TLSv1.2" => SslProtocols.Tls12,
                "TLSv1.3" => SslProtocols.Tls13,
                "SSLv3" or "TLSv1" or "TLSv1.0" or "TLSv1.1" => SslProtocols.None,
                _ => throw options.Bad("tls_protocols_allowed", "an entry is not a version of TLS", "Write TLSv1.2 and TLSv1.3, or one of them."),
            };
        }

        return allowed != SslProtocols.None ? allowed : throw options.Bad("tls_protocols_allowed", "it allows only versions that are insecure and never used here", "Add TLSv1.2 or TLSv1.3.");
    }
}

/// <summary>Reads <c>auth_token</c>: a token from a file, and the header it goes into.</summary>
internal static class TokenReader
{
    private const string Advice = "Write reader: {type: file, path: ...} and writer: {type: header}.";
    private const int MaximumSize = 1 << 20;

    /// <summary>Reads it; null where there is none, or where a warning says that it is not applied.</summary>
    /// <exception cref="ScrapeException">The file cannot be read, or holds no token.</exception>
    public static HeaderToken? Read(InstanceScope scope)
    {
        if (scope.Options.Inner("auth_token") is not { } options) return null;
        OptionReader reader = options.Inner("reader") ?? throw options.Bad("reader", "it is missing", Advice);
        OptionReader writer = options.Inner("writer") ?? throw options.Bad("writer", "it is missing", Advice);
        if (IsOther(scope, reader, "reader", "file") || IsOther(scope, writer, "writer", "header")) return null;
        string placeholder = writer.Text("placeholder") ?? "<TOKEN>";
        string value = writer.Text("value") ?? "Bearer " + placeholder;
        int place = value.IndexOf(placeholder, StringComparison.Ordinal);
        if (place < 0) throw writer.Bad("value", "it lacks the placeholder", $"Write {placeholder} where the token belongs.");
        string token = Token(scope, reader);
        return new HeaderToken(token, writer.Text("name") ?? "Authorization", value[..place] + token + value[(place + placeholder.Length)..]);
    }

    private static bool IsOther(InstanceScope scope, OptionReader part, string name, string applied)
    {
        string type = part.Text("type") ?? throw part.Bad("type", "it is missing", Advice);
        if (type == applied) return false;
        scope.Warn($"auth_token.{name} is not applied: of its types only '{applied}' is; in the Agent it would {(name == "reader" ? "get a token in another way" : "put the token elsewhere")}, and no token is sent. Use a token file: {Advice}");
        return true;
    }

    private static string Token(InstanceScope scope, OptionReader reader)
    {
        string path = scope.FullPath(reader.Text("path") ?? throw reader.Bad("path", "it is missing", Advice));
        string content;
        try
        {
            content = LocalFile.Decode(LocalFile.ReadBytes(path, MaximumSize)).Text;
        }
        catch (FileTooLargeException e)
        {
            throw reader.Bad("path", "the file is too large for a token", "Name the file that holds the token.", e);
        }
        catch (NotTextException e)
        {
            throw reader.Bad("path", $"the file '{path}' is not text in UTF-8 or UTF-16 ({e.Place})", "Name the file that holds the token.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw reader.Bad("path", $"the file '{path}' cannot be read", "Check that it exists and that you may read it; in a pod it is /var/run/secrets/kubernetes.io/serviceaccount/token.", e);
        }

        string? token = content.Trim();
        if (reader.Text("pattern") is { } pattern)
        {
            Match match = reader.AnyOf("pattern", [pattern])!.Match(content);
            token = match is { Success: true, Groups.Count: > 1 } ? match.Groups[1].Value : null;
            if (token is null) throw reader.Bad("pattern", $"it finds no token in '{path}'", "Write a regular expression with one group around the token.");
        }

        return token.Length > 0 ? token : throw reader.Bad("path", $"the file '{path}' is empty", "Name the file that holds the token.");
    }
}

/// <summary>A token and the header it is sent in.</summary>
/// <param name="Token">The token.</param>
/// <param name="Header">The name of the header.</param>
/// <param name="Value">The header's value, with the token in it.</param>
internal sealed record HeaderToken(string Token, string Header, string Value)
{
    /// <summary>Whether it is sent as bearer tokens are.</summary>
    public bool IsBearer => Value == "Bearer " + Token && string.Equals(Header, "Authorization", StringComparison.OrdinalIgnoreCase);

    /// <summary>Says nothing of the token.</summary>
    public override string ToString() => Header;
}
