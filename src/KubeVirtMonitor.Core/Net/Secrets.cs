using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Net;

/// <summary>
/// What is a secret, and the forms in which one comes back. A value is one
/// <list type="bullet">
/// <item>where it is sent as authentication: tokens, passwords, both together in base64, cookies, user information of addresses;</item>
/// <item>where its name says so (<c>TOKEN</c>, <c>client-secret</c>, <c>X-Api-Key</c>) and does not end in what only leads to one (<c>_FILE</c>, <c>-url</c>, <c>_NAME</c>);</item>
/// <item>where it looks like nothing else, see <see cref="LooksRandom"/>.</item>
/// </list>
/// Everything else is configuration, such as a profile, a region or a tenant, without which an error makes no sense. Values below
/// <see cref="Least"/> characters cannot be told from ordinary text and are never one; words of letters alone below
/// <see cref="WordLength"/> are taken out only where they stand alone.
/// </summary>
internal static class Secrets
{
    /// <summary>Fewest characters of a secret.</summary>
    public const int Least = 3;

    /// <summary>From here on a run of letters is no word any more.</summary>
    public const int WordLength = 8;

    private static readonly string[] Words = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "APIKEY", "ACCESSKEY", "PRIVATEKEY", "CREDENTIAL", "CREDENTIALS", "ASSERTION", "COOKIE", "AUTHORIZATION", "BEARER", "JWT"];

    private static readonly string[] WholeWords = ["PASS", "PWD", "PAT", "KEY"];

    // What a name ends in that only says where or how: AWS_WEB_IDENTITY_TOKEN_FILE, --token-url, SECRET_NAME.
    private static readonly HashSet<string> Harmless = new(
        ["FILE", "PATH", "DIR", "DIRECTORY", "URL", "URI", "ENDPOINT", "NAME", "ID", "TYPE", "MODE", "KIND", "TTL", "DURATION", "LIFETIME", "EXPIRY", "TIMEOUT", "SECONDS", "ENABLED", "CACHE", "PROFILE",
            "REGION", "VERSION", "FORMAT", "SCOPE", "SCOPES", "AUDIENCE", "ISSUER", "SOURCE", "PROVIDER", "HELPER", "STORE", "PLUGIN", "COMMAND", "HOST", "PORT", "NAMESPACE", "ALGORITHM", "SIZE"],
        StringComparer.Ordinal);

    // Headers whose values are no secret whatever they hold. A WebSocket's subprotocol is the name of an API group in part, which refusals and advice name too.
    private static readonly Regex OpenHeader = new("^(accept.*|user-agent|host|content-.*|cache-control|connection|pragma|range|referer|origin|from|via|expect|if-.*|te|upgrade.*|date|x-scope-orgid|x-forwarded-.*|x-request-id|traceparent|tracestate|impersonate-.*|sec-websocket-(protocol|version|key|extensions))$", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking);

    // The words of a name: client-secret, CLIENT_SECRET and clientSecret are the same.
    private static readonly Regex NameWord = new("[A-Z]+(?![a-z])|[A-Z]?[a-z]+");

    /// <summary>Whether a name says that its value is a secret.</summary>
    public static bool IsNamed(string name)
    {
        string[] words = [.. NameWord.Matches(name).Select(match => match.Value.ToUpperInvariant())];
        return words.Length > 0
            && !Harmless.Contains(words[^1])
            && words.Any(word => WholeWords.Contains(word) || Array.Exists(Words, known => word.EndsWith(known, StringComparison.Ordinal)));
    }

    /// <summary>
    /// Whether a value looks like a key or token and like nothing that people write: 24 characters or more of the base64 alphabets, digits among
    /// them, that change between capitals, small letters and digits at least at every third step. Names with dashes, hashes of pods and GUIDs do not.
    /// </summary>
    public static bool LooksRandom(ReadOnlySpan<char> value)
    {
        if (value.Length < 24 || Guid.TryParse(value, out _)) return false;
        int changes = 0;
        bool hasDigit = false;
        int last = -1;
        foreach (char c in value)
        {
            int kind = char.IsAsciiDigit(c) ? 0 : char.IsAsciiLetterUpper(c) ? 1 : char.IsAsciiLetterLower(c) ? 2 : c is '+' or '/' or '=' or '_' or '-' ? 3 : 4;
            if (kind == 4) return false;
            hasDigit |= kind == 0;
            if (kind < 3 && last is >= 0 and < 3 && kind != last) changes++;
            last = kind;
        }

        return hasDigit && changes * 3 >= value.Length;
    }

    /// <summary>The secrets among settings with names, such as environment variables.</summary>
    public static IEnumerable<string> Among(IEnumerable<KeyValuePair<string, string>> settings) =>
        settings.Where(setting => IsValue(setting.Key, setting.Value)).Select(setting => setting.Value);

    /// <summary>The secrets among the arguments of a program: after <c>--name=</c>, after <c>--name</c>, and whatever looks like one.</summary>
    public static IEnumerable<string> Among(IReadOnlyList<string> arguments)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string value = argument[(equals + 1)..];
            string name = equals > 0 ? argument[..equals] : i > 0 && arguments[i - 1] is ['-', .. var before] && !before.Contains('=', StringComparison.Ordinal) && !argument.StartsWith('-') ? before : "";
            if (IsValue(name, value)) yield return value;
        }
    }

    /// <summary>The secrets in the value of a header.</summary>
    public static IEnumerable<string> OfHeader(string name, string value)
    {
        if (OpenHeader.IsMatch(name)) yield break;
        bool isAuthorization = name.EndsWith("authorization", StringComparison.OrdinalIgnoreCase);
        if (!isAuthorization || !value.Trim().Contains(' ', StringComparison.Ordinal)) yield return value;
        if (name.EndsWith("cookie", StringComparison.OrdinalIgnoreCase))
        {
            foreach (string pair in value.Split(';')) yield return pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim();
        }
        else if (isAuthorization && value.Trim().Split(' ', 2) is [var scheme, var parameter])
        {
            foreach (string secret in OfAuthorization(scheme, parameter.Trim())) yield return secret;
        }
    }

    /// <summary>The secrets of an Authorization header: what follows its scheme, and the password in it.</summary>
    public static IEnumerable<string> OfAuthorization(string scheme, string? parameter)
    {
        if (parameter is null) yield break;
        yield return parameter;
        if (!scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) yield break;
        byte[] bytes = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, bytes, out int length)) yield break;
        string pair = Encoding.UTF8.GetString(bytes, 0, length);
        yield return pair;
        yield return pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    /// <summary>The secrets that a request carries in its headers and its address.</summary>
    public static IEnumerable<string> OfRequest(HttpRequestMessage? request)
    {
        if (request is null) return [];
        IEnumerable<string> headers = request.Headers.NonValidated.SelectMany(header => header.Value.SelectMany(value => OfHeader(header.Key, value)));
        return headers.Concat(OfAddress(request.RequestUri));
    }

    /// <summary>The secrets of a user name and password.</summary>
    public static IEnumerable<string> OfCredential(NetworkCredential? credential) =>
        credential is null ? [] : [credential.Password, $"{credential.UserName}:{credential.Password}"];

    /// <summary>The secrets that an address carries: its password, and values of its query whose names say so or that look like one.</summary>
    public static IEnumerable<string> OfAddress(Uri? uri)
    {
        if (uri is not { IsAbsoluteUri: true }) yield break;
        if (uri.UserInfo.Length > 0)
        {
            string[] parts = uri.UserInfo.Split(':', 2);
            yield return uri.UserInfo;
            yield return Uri.UnescapeDataString(parts[^1]);
        }

        foreach (string pair in uri.Query.TrimStart('?').Split('&'))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string value = Uri.UnescapeDataString(pair[(equals + 1)..]);
            if (IsInQuery(equals < 0 ? "" : pair[..equals], value)) yield return value;
        }
    }

    /// <summary>Whether a value of a query is a secret. Here more names say so than elsewhere: nothing but a signature is called <c>sig</c>.</summary>
    public static bool IsInQuery(string name, string value) =>
        IsValue(name, value)
        || value.StartsWith("eyJ", StringComparison.Ordinal)
        || Array.Exists(QueryNames, part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    private static readonly string[] QueryNames = ["token", "secret", "password", "passwd", "pwd", "key", "auth", "sig", "credential", "jwt", "session", "code"];

    /// <summary>A secret as it may come back: itself; escaped for addresses, JSON, HTML; in base64, at any offset.</summary>
    public static IEnumerable<string> FormsOf(string secret)
    {
        yield return secret;
        string escaped = Uri.EscapeDataString(secret);
        yield return escaped;
        yield return Regex.Replace(escaped, "%[0-9A-F]{2}", match => match.Value.ToLowerInvariant());
        yield return WebUtility.UrlEncode(secret);
        string json = JsonEncodedText.Encode(secret).Value;
        yield return json;
        yield return Regex.Replace(json, @"\\u[0-9A-F]{4}", match => match.Value.ToLowerInvariant());
        yield return JsonEncodedText.Encode(secret, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value;
        yield return secret.Replace("/", @"\/", StringComparison.Ordinal);
        yield return WebUtility.HtmlEncode(secret);
        if (secret.Length < WordLength) yield break;
        byte[] bytes = Encoding.UTF8.GetBytes(secret);
        for (int offset = 0; offset < 3; offset++)
        {
            // The characters at the ends also hold bits of what stands around the secret.
            string encoded = Convert.ToBase64String([.. new byte[offset], .. bytes]).TrimEnd('=');
            int end = (offset + bytes.Length) * 8 / 6;
            int start = ((offset * 8) + 5) / 6;
            string inner = encoded[start..Math.Min(end, encoded.Length)];
            yield return inner;
            yield return inner.Replace('+', '-').Replace('/', '_');
        }
    }

    private static bool IsValue(string name, string value)
    {
        if (value.Length < Least || value is "true" or "false" or "none" or "null" or "default") return false;
        return IsNamed(name) || LooksRandom(value);
    }
}
