using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// The login <c>auth-provider: oidc</c> of a kubeconfig, as kubectl does it (client-go/plugin/pkg/client/auth/oidc): the id-token counts until ten
/// seconds before its end, and is then got again with the refresh-token from the token endpoint that the issuer's discovery document names.
/// Where the issuer replaces the refresh-token, the old one is worth nothing any more, so the new pair is written to the kubeconfig.
/// </summary>
internal sealed class OidcCredential : IKubernetesCredential, IDisposable
{
    private const int MostAnswer = 1024 * 1024;

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly KubeConfigEntry _config;
    private readonly string _issuer;
    private readonly string _clientId;
    private readonly string? _clientSecret;
    private readonly ServerTrust _trust;
    private readonly KubernetesClientOptions _options;
    private readonly Func<string, string?> _environment;
    private readonly SemaphoreSlim _renewing = new(1, 1);
    private string? _refreshToken;
    private string? _idToken;
    private CredentialValue? _value;

    private OidcCredential(KubeConfigEntry config, ServerTrust trust, Func<string, string?> environment, KubernetesClientOptions options)
    {
        _config = config;
        _trust = trust;
        _environment = environment;
        _options = options;
        _issuer = Required("idp-issuer-url");
        _clientId = Required("client-id");
        _clientSecret = config.Text("client-secret");
        _refreshToken = config.Text("refresh-token");
        _idToken = config.Text("id-token");
        if (_idToken is null && _refreshToken is null)
            throw config.Error("id-token", "is missing, and there is no refresh-token to get a new one", "Log in again.", KubernetesError.CredentialMissing);
        if (_idToken is not null) _value = Value(TokenText.Check(_idToken, config.PlaceOf("id-token"), config.File));
        CheckHttps(_issuer, "idp-issuer-url in the kubeconfig");
    }

    public string Kind => "OIDC login";

    public bool IsAtHand => Volatile.Read(ref _value) is not null && IsFresh();

    /// <summary>Reads the entry; nothing is sent before the first request.</summary>
    /// <param name="provider">The mapping <c>auth-provider</c>.</param>
    /// <param name="environment">Looks up environment variables.</param>
    /// <param name="options">How patient it is, and its clock; null = the defaults.</param>
    /// <exception cref="KubernetesException">Something is missing or wrong.</exception>
    public static OidcCredential Read(KubeConfigEntry provider, Func<string, string?> environment, KubernetesClientOptions? options = null)
    {
        KubeConfigEntry config = provider.Map("config") ?? throw provider.Error("config", "is missing", "Log in again.");
        string place = config.PlaceOf("idp-certificate-authority");
        string? path = config.FilePath("idp-certificate-authority");
        byte[]? pem = config.Base64("idp-certificate-authority-data")
            ?? (path is null ? null : ConfigFiles.ReadBytes(path, "CA file", entry: place, config: config.File));
        X509Certificate2Collection? authorities = pem is null ? null : Certificates.ReadAuthorities(pem, path ?? $"{place}-data in {config.File}", config.File, place);
        ServerTrust trust = new() { Authorities = authorities, AuthorityPem = pem, AuthorityPlace = path ?? place };
        return new OidcCredential(config, trust, environment, options ?? new KubernetesClientOptions());
    }

    public async ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _value) is { } value && IsFresh()) return value;
        await _renewing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_value is null || !IsFresh()) await RefreshAsync(cancellationToken).ConfigureAwait(false);
            return _value!;
        }
        finally
        {
            _renewing.Release();
        }
    }

    public async ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken)
    {
        await _renewing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!ReferenceEquals(refused, _value)) return true;
            if (_refreshToken is null) return false;
            await RefreshAsync(cancellationToken).ConfigureAwait(false);
            return !ReferenceEquals(refused, _value);
        }
        finally
        {
            _renewing.Release();
        }
    }

    public void Dispose() => _renewing.Dispose();

    /// <summary>When a JSON web token ends by its claim <c>exp</c>; null where it says nothing that can be read.</summary>
    public static DateTimeOffset? Expiry(string token)
    {
        string[] parts = token.Split('.');
        if (parts.Length != 3) return null;
        string claims = parts[1].Replace('-', '+').Replace('_', '/');
        byte[] json = new byte[claims.Length];
        return Convert.TryFromBase64String(claims.PadRight((claims.Length + 3) / 4 * 4, '='), json, out int length)
            && JsonText.ObjectOf(json.AsSpan(0, length))?["exp"] is JsonValue exp && exp.TryGetValue(out double seconds) && seconds is >= 0 and < 253402300800
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;
    }

    private static CredentialValue Value(string token) => new(new AuthenticationHeaderValue("Bearer", token));

    // As kubectl: a token that does not say how long it is valid is taken to be over.
    private bool IsFresh() => _idToken is not null && Expiry(_idToken) is { } expiry && _options.Clock.GetUtcNow() < expiry - Margin;

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (_refreshToken is null)
        {
            string since = Expiry(_idToken!) is { } expiry ? string.Create(CultureInfo.InvariantCulture, $"expired on {expiry.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : "does not say how long it is valid";
            throw _config.Error("id-token", $"{since}, and there is no refresh-token to get a new one", "Log in again.", KubernetesError.CredentialInvalid);
        }

        JsonObject discovered = await AskAsync(HttpMethod.Get, $"{_issuer.TrimEnd('/')}/.well-known/openid-configuration", null, null, cancellationToken).ConfigureAwait(false);
        string endpoint = Text(discovered, "token_endpoint") ?? throw Failed($"the discovery document of {_issuer} names no token_endpoint");
        CheckHttps(endpoint, $"the token_endpoint that {_issuer} names");
        JsonObject answer = await TokenAsync(endpoint, cancellationToken).ConfigureAwait(false);
        string idToken = Text(answer, "id_token") ?? throw Failed($"{_issuer} answered without an id_token");
        if (!TokenText.IsHeaderValue(idToken)) throw Failed($"the id_token of {_issuer} contains characters that are not allowed in a token");
        string refreshToken = Text(answer, "refresh_token") ?? _refreshToken;
        (string oldRefreshToken, string? oldIdToken) = (_refreshToken, _idToken);
        (_refreshToken, _idToken) = (refreshToken, idToken);
        Volatile.Write(ref _value, Value(idToken));
        // Last, so that this session goes on with the new pair even where the file cannot be written.
        if (refreshToken != oldRefreshToken) KubeConfigText.Replace(_config, ("refresh-token", oldRefreshToken, refreshToken), ("id-token", oldIdToken, idToken));
    }

    private async Task<JsonObject> TokenAsync(string endpoint, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> form = [new("grant_type", "refresh_token"), new("refresh_token", _refreshToken!)];
        if (_clientSecret is null) return await AskAsync(HttpMethod.Post, endpoint, [.. form, new("client_id", _clientId)], null, cancellationToken).ConfigureAwait(false);
        // Issuers differ in where they want the secret; golang.org/x/oauth2 tries the header first too.
        string basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(_clientId)}:{Uri.EscapeDataString(_clientSecret)}"));
        try
        {
            return await AskAsync(HttpMethod.Post, endpoint, form, new AuthenticationHeaderValue("Basic", basic), cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (exception.StatusCode is 400 or 401)
        {
            return await AskAsync(HttpMethod.Post, endpoint, [.. form, new("client_id", _clientId), new("client_secret", _clientSecret)], null, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<JsonObject> AskAsync(
        HttpMethod method, string address, IReadOnlyList<KeyValuePair<string, string>>? form, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        Uri uri = new(address);
        KubernetesConnection connection = new(uri, NoCredential.Instance) { Trust = _trust, ProxyAddress = EnvironmentProxy.Find(uri, _environment) };
        using ApiTransport transport = new(connection, _options);
        using HttpRequestMessage message = new(method, uri);
        message.Headers.TryAddWithoutValidation("Accept", "application/json");
        if (form is not null) message.Content = new FormUrlEncodedContent(form);
        try
        {
            using HttpResponseMessage response = await transport.SendWithAsync(message, new CredentialValue(authorization), cancellationToken).ConfigureAwait(false);
            using AnswerReader reader = new(transport, await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), cancellationToken);
            byte[] body = await reader.ReadAllAsync(MostAnswer).ConfigureAwait(false) ?? throw Failed($"{uri.GetLeftPart(UriPartial.Authority)} answered with more than 1 MiB");
            if (response.StatusCode != HttpStatusCode.OK) throw Refused(uri, response.StatusCode, body);
            return JsonText.ObjectOf(body) ?? throw Failed($"what {uri.GetLeftPart(UriPartial.Path)} answered is not a JSON object");
        }
        catch (KubernetesException exception) when (exception.Error is KubernetesError.ConnectionFailed or KubernetesError.TimedOut
            or KubernetesError.TlsUntrusted or KubernetesError.TlsNameMismatch or KubernetesError.TlsExpired or KubernetesError.TlsHandshake)
        {
            throw Failed(exception.What, exception);
        }
    }

    // RFC 6749, 5.2: error and error_description.
    private KubernetesException Refused(Uri uri, HttpStatusCode status, byte[] body)
    {
        string said = JsonText.ObjectOf(body) is { } answer ? $"{Text(answer, "error")}: {Text(answer, "error_description")}".Trim(':', ' ') : "";
        string shown = new ForeignText([_refreshToken, _idToken, _clientSecret]).Line(said, 300);
        return new KubernetesException(
            KubernetesError.CredentialInvalid,
            $"the login of {_config.Place} in {_config.File} could not be renewed: {uri.GetLeftPart(UriPartial.Path)} answered {(int)status}{(shown.Length == 0 ? "" : $" ({shown})")}",
            "Log in again.")
        { File = _config.File, Entry = _config.Place, StatusCode = (int)status };
    }

    private KubernetesException Failed(string what, Exception? inner = null) => new(
        KubernetesError.CredentialInvalid,
        $"the login of {_config.Place} in {_config.File} could not be renewed: {what}",
        "Check idp-issuer-url and its certificate authority in the kubeconfig and the network, or log in again.",
        inner)
    { File = _config.File, Entry = _config.Place };

    private void CheckHttps(string address, string what)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttps || uri.UserInfo.Length > 0)
            throw Failed($"{what} is not an https address");
    }

    private string Required(string key) => _config.Text(key) ?? throw _config.Error(key, "is missing", "Log in again.");

    private static string? Text(JsonObject json, string name) =>
        JsonText.Of(json[name]) is { Length: > 0 } text ? text : null;
}
