using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>
/// Sends the requests of a check, with its settings for HTTP and TLS, and says what fails in the words of the checks' own libraries: requests, urllib3 and OpenSSL, as seen by running
/// datadog_checks_base 37.15 and 37.20 against broken endpoints.
/// </summary>
/// <param name="settings">The settings; those of <paramref name="init"/> count for the timeout where they have none.</param>
/// <param name="init">What the annotation has as <c>init_config</c>.</param>
/// <param name="surroundings">The files and the network of the Agent's container.</param>
internal sealed class CheckClient(JsonObject settings, JsonObject? init, CheckSurroundings surroundings)
{
    private const int MostBytes = 64 << 20;
    private const string Missing = "unable to get local issuer certificate";

    // Since base 37.16 there is one TLS context for as long as an instance is scheduled: a file is read once, and a directory is looked into once for each name.
    private readonly Dictionary<string, List<X509Certificate2>> _files = new(StringComparer.Ordinal);
    private readonly List<X509Certificate2> _looked = [];

    private TimeSpan Timeout => TimeSpan.FromSeconds(Seconds(settings["read_timeout"]) ?? Seconds(settings["timeout"]) ?? Seconds(init?["timeout"]) ?? 10);

    /// <summary>Gets the lines of a page.</summary>
    /// <param name="url">The address.</param>
    /// <param name="verify">Overrides whether certificates are verified, as an argument of the request does.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="CheckFailure">It failed.</exception>
    public async Task<string[]> GetAsync(string url, bool? verify, CancellationToken cancellation)
    {
        if (!url.StartsWith("http://", StringComparison.Ordinal) && !url.StartsWith("https://", StringComparison.Ordinal))
        {
            throw url.Contains(':', StringComparison.Ordinal)
                ? new CheckFailure("requests.exceptions.InvalidSchema", $"No connection adapters were found for {Python.Repr(url)}")
                : new CheckFailure("requests.exceptions.MissingSchema", $"Invalid URL {Python.Repr(url)}: No scheme supplied. Perhaps you meant https://{url}?");
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri)) throw new CheckFailure("requests.exceptions.InvalidURL", $"Failed to parse: {url}");
        string? reason = null;
        bool begun = false;
        string pool = string.Create(CultureInfo.InvariantCulture, $"{(uri.Scheme == "https" ? "HTTPS" : "HTTP")}ConnectionPool(host='{uri.Host}', port={uri.Port})");
        string retries = $"{pool}: Max retries exceeded with url: {uri.PathAndQuery} (Caused by ";
        Verification? verification = uri.Scheme == "https" ? Verification.Of(settings, verify, uri.Host, surroundings) : null;
        if (verification?.Path is { } path && !surroundings.Agent.HasSharedContext && !surroundings.Files.IsDirectory(path) && surroundings.Files.Read(path) is null)
            throw new CheckFailure("OSError", $"Could not find a suitable TLS CA certificate bundle, invalid path: {path}");
        if (verification?.Path is { } file && !surroundings.Files.IsDirectory(file) && surroundings.Files.Read(file) is { } content && Certificates(content).Count == 0)
        {
            const string None = "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found (_ssl.c:4346)";
            throw surroundings.Agent.HasSharedContext ? new CheckFailure("ssl.SSLError", None) : new CheckFailure("requests.exceptions.SSLError", $"{retries}SSLError(SSLError(136, '{None}')))");
        }

        using SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = Python.IsAffirmative(settings["allow_redirects"], absent: true),
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
            ConnectCallback = (context, stop) => new ValueTask<Stream>(surroundings.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, stop)),
            SslOptions = new SslClientAuthenticationOptions
            {
                // An address is no name to ask for.
                TargetHost = verification is { UsesHeader: true } ? verification.Name : uri.Host,
                RemoteCertificateValidationCallback = (_, certificate, chain, _) => (reason = verification is null ? null : Judge(verification, (X509Certificate2)certificate!, chain)) is null,
            },
        };
        using HttpMessageInvoker client = new(handler);
        using HttpRequestMessage request = new(HttpMethod.Get, uri);
        foreach ((string name, string value) in Headers())
        {
            if (name.Equals("Host", StringComparison.OrdinalIgnoreCase)) request.Headers.Host = value;
            else if (!name.Equals("Accept-Encoding", StringComparison.OrdinalIgnoreCase)) request.Headers.TryAddWithoutValidation(name, value);
        }

        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(Timeout);
        try
        {
            using HttpResponseMessage answer = await client.SendAsync(request, late.Token);
            if ((int)answer.StatusCode >= 400)
            {
                string side = (int)answer.StatusCode < 500 ? "Client" : "Server";
                throw new CheckFailure("requests.exceptions.HTTPError", string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode} {side} Error: {answer.ReasonPhrase} for url: {uri.AbsoluteUri}"));
            }

            begun = true;
            return await LinesAsync(answer, late, cancellation);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            if (begun) throw new CheckFailure("requests.exceptions.ConnectionError", $"{pool}: Read timed out.");
            string seconds = Timeout.TotalSeconds % 1 == 0 ? Timeout.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) : Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            throw new CheckFailure("requests.exceptions.ReadTimeout", $"{pool}: Read timed out. (read timeout={seconds})");
        }
        catch (HttpRequestException) when (reason is not null)
        {
            throw new CheckFailure("requests.exceptions.SSLError", $"{retries}SSLError({reason}))");
        }
        catch (HttpRequestException failure) when (failure.InnerException is AuthenticationException)
        {
            throw new CheckFailure("requests.exceptions.SSLError", $"{retries}SSLError(SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1029)')))");
        }
        catch (HttpRequestException failure) when (failure.HttpRequestError is HttpRequestError.ConnectionError)
        {
            string connection = $"<urllib3.connection.{(uri.Scheme == "https" ? "HTTPS" : "HTTP")}Connection object at 0x7f446c7b02f0>";
            throw new CheckFailure("requests.exceptions.ConnectionError", retries + (failure.InnerException?.Message.StartsWith("no such host", StringComparison.Ordinal) == true
                ? $"NameResolutionError(\"{connection}: Failed to resolve '{uri.Host}' ([Errno -2] Name or service not known)\"))"
                : $"NewConnectionError('{connection}: Failed to establish a new connection: {Errno(failure)}'))"));
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            const string Reset = "ConnectionResetError(104, 'Connection reset by peer')";
            throw failure is HttpIOException or IOException
                ? new CheckFailure("requests.exceptions.ChunkedEncodingError", $"(\"Connection broken: {Reset}\", {Reset})")
                : new CheckFailure("requests.exceptions.ConnectionError", $"('Connection aborted.', {Reset})");
        }
    }

    private static string Errno(HttpRequestException failure) => failure.InnerException?.Message.Contains("no route", StringComparison.Ordinal) == true ? "[Errno 113] No route to host" : "[Errno 111] Connection refused";

    private async Task<string[]> LinesAsync(HttpResponseMessage answer, CancellationTokenSource late, CancellationToken cancellation)
    {
        using MemoryStream whole = new();
        await using Stream body = await answer.Content.ReadAsStreamAsync(cancellation);
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            late.CancelAfter(Timeout);
            int read = await body.ReadAsync(buffer, late.Token);
            if (read == 0) break;
            whole.Write(buffer, 0, read);
            if (whole.Length > MostBytes) throw new CheckFailure("MemoryError", "the simulated Agent reads no more than 64 MiB");
        }

        return Encoding.UTF8.GetString(whole.GetBuffer(), 0, (int)whole.Length).Split('\n');
    }

    /// <summary>The headers of a request: <c>headers</c> replaces the Agent's own, <c>extra_headers</c> adds to them.</summary>
    private Dictionary<string, string> Headers()
    {
        Dictionary<string, string> headers = new(StringComparer.Ordinal) { ["User-Agent"] = $"Datadog Agent/{surroundings.Agent.Version}", ["Accept"] = "*/*" };
        if (settings["headers"] is JsonObject { Count: > 0 } own) headers.Clear();
        else own = [];
        foreach ((string name, JsonNode? value) in own.Concat(settings["extra_headers"] as JsonObject ?? [])) headers[name] = value?.ToString() ?? "None";
        return headers;
    }

    /// <summary>What is wrong with a certificate, as an exception is written in Python; null = nothing.</summary>
    private string? Judge(Verification verification, X509Certificate2 certificate, X509Chain? sent)
    {
        if (!verification.IsOn) return null;
        static string Ssl(string why) => $"SSLCertVerificationError(1, {Python.Repr($"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {why} (_ssl.c:1029)")})";
        X509Certificate2[] others = [.. sent?.ChainPolicy.ExtraStore ?? []];
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(verification.Path is { } path ? Authorities(path, [certificate, .. others]).ToArray() : []);
        chain.ChainPolicy.ExtraStore.AddRange(others);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        _ = chain.Build(certificate);
        X509ChainStatusFlags flags = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one.Status);
        if (flags.HasFlag(X509ChainStatusFlags.PartialChain)) return Ssl(Missing);
        if (flags.HasFlag(X509ChainStatusFlags.UntrustedRoot)) return Ssl(chain.ChainElements.Count == 1 ? "self-signed certificate" : others.Length == 0 ? Missing : "self-signed certificate in certificate chain");

        // OpenSSL looks at the name before it looks at the times; Python does it when the handshake is over.
        bool named = certificate.MatchesHostname(verification.Name, allowWildcards: true, allowCommonName: surroundings.Agent.HasSharedContext);
        bool address = IPAddress.TryParse(verification.Name, out _);
        if (!named && !verification.IsByPython) return Ssl($"{(address ? "IP address" : "Hostname")} mismatch, certificate is not valid for {Python.Repr(verification.Name)}.");
        if (flags.HasFlag(X509ChainStatusFlags.NotSignatureValid)) return Ssl("certificate signature failure");
        if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid)) return Ssl(chain.ChainElements.Any(static one => one.Certificate.NotBefore > DateTime.Now) ? "certificate is not yet valid" : "certificate has expired");
        if (named) return null;
        string[] names = [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(static one => one.EnumerateDnsNames())];
        string match = names.Length switch { 0 => "doesn't match any of its names", 1 => $"doesn't match {Python.Repr(names[0])}", _ => $"doesn't match either of {string.Join(", ", names.Select(Python.Repr))}" };
        string text = names.Length == 0 ? "no appropriate subjectAltName fields were found" : $"hostname {Python.Repr(verification.Name)} {match}";
        return $"CertificateError({Python.Repr(text)})";
    }

    /// <summary>The authorities that OpenSSL finds at a path: all of a file, or those of a directory whose names are asked for.</summary>
    private List<X509Certificate2> Authorities(string path, IReadOnlyList<X509Certificate2> certificates)
    {
        bool keeps = surroundings.Agent.HasSharedContext;
        if (keeps && _files.TryGetValue(path, out List<X509Certificate2>? before)) return before;
        if (!surroundings.Files.IsDirectory(path)) return _files[path] = Certificates(surroundings.Files.Read(path));
        List<X509Certificate2> found = keeps ? _looked : [];
        Queue<X509Certificate2> asking = new(certificates);
        while (asking.TryDequeue(out X509Certificate2? issued))
        {
            if (found.Exists(one => SubjectHash.Same(one.SubjectName, issued.IssuerName))) continue;
            string hash = SubjectHash.Of(issued.IssuerName.RawData);

            // From .0 on, as long as there are files.
            for (int number = 0; surroundings.Files.Read(string.Create(CultureInfo.InvariantCulture, $"{path}/{hash}.{number}")) is { } content; number++)
            {
                foreach (X509Certificate2 authority in Certificates(content).Where(one => SubjectHash.Same(one.SubjectName, issued.IssuerName)))
                {
                    found.Add(authority);
                    asking.Enqueue(authority);
                }
            }
        }

        return found;
    }

    private static List<X509Certificate2> Certificates(byte[]? pem)
    {
        X509Certificate2Collection read = [];
        try
        {
            read.ImportFromPem(Encoding.Latin1.GetString(pem ?? []));
        }
        catch (CryptographicException)
        {
            // What is broken counts for nothing, as to a look into a directory.
        }

        return [.. read];
    }

    private static double? Seconds(JsonNode? value) => value is JsonValue number && double.TryParse(number.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : null;

    /// <summary>How the certificate of a request is verified.</summary>
    /// <param name="IsOn">Whether it is.</param>
    /// <param name="Path">The file or directory of the authorities; null = those of the Agent's image, which issued none of a cluster's.</param>
    /// <param name="Name">The name that has to be on it.</param>
    /// <param name="UsesHeader">Whether that is the one in the header Host.</param>
    /// <param name="IsByPython">Whether Python compares the name and not OpenSSL.</param>
    private sealed record Verification(bool IsOn, string? Path, string Name, bool UsesHeader, bool IsByPython)
    {
        public static Verification Of(JsonObject settings, bool? verify, string host, CheckSurroundings surroundings)
        {
            string? path = Python.Text(settings["tls_ca_cert"]);
            bool on = path is not null || Python.IsAffirmative(settings["tls_verify"], absent: true);
            if (verify is { } given)
            {
                on = given;

                // Before 37.16 the argument takes the place of the path; since then it stands beside it.
                if (!given || !surroundings.Agent.HasSharedContext) path = null;
            }

            JsonNode? header = (settings["extra_headers"] as JsonObject)?["Host"] ?? (settings["headers"] as JsonObject)?["Host"];
            bool uses = header is not null && Python.IsAffirmative(settings["tls_use_host_header"]);
            bool compares = Python.IsAffirmative(settings["tls_validate_hostname"], absent: true) || !surroundings.Agent.HasSharedContext;
            return new Verification(on, path, uses ? header!.ToString() : host, uses, uses || !compares);
        }
    }
}
