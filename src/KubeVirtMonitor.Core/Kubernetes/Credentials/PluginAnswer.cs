using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;
using System.Text.Json;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>What a plugin answered: an ExecCredential with a status.</summary>
internal sealed class PluginAnswer
{
    private readonly string _token;
    private readonly string _certificate;

    private PluginAnswer(string token, string certificate, SslStreamCertificateContext? context, DateTimeOffset? expires)
    {
        _token = token;
        _certificate = certificate;
        Expires = expires;
        Value = new CredentialValue(token.Length == 0 ? null : new AuthenticationHeaderValue("Bearer", token), context);
    }

    public CredentialValue Value { get; }

    /// <summary>When it expires; null when the plugin does not say.</summary>
    public DateTimeOffset? Expires { get; }

    public bool IsSameAs(PluginAnswer other) => _token == other._token && _certificate == other._certificate;

    public static PluginAnswer Read(ExecSettings settings, PluginRun run, DateTimeOffset now)
    {
        if (run.IsOutputCut) throw PluginErrors.Rubbish(settings, run, "it wrote more than 1 MiB");
        try
        {
            using JsonDocument document = JsonDocument.Parse(run.Output.AsMemory());
            return Read(settings, run, document.RootElement, now);
        }
        catch (JsonException)
        {
            throw PluginErrors.Rubbish(settings, run, run.Output.Length == 0 ? "it wrote nothing" : "what it wrote is no JSON");
        }
    }

    private static PluginAnswer Read(ExecSettings settings, PluginRun run, JsonElement root, DateTimeOffset now)
    {
        if (root.ValueKind != JsonValueKind.Object || Text(root, "kind") != "ExecCredential")
            throw PluginErrors.Rubbish(settings, run, "what it wrote is no ExecCredential");
        string version = Text(root, "apiVersion");
        if (version != settings.ApiVersion)
            throw PluginErrors.Rubbish(settings, run, $"it answered with apiVersion '{TextShown.Cut(TextShown.Printable(version), 80)}', and the kubeconfig asks for '{settings.ApiVersion}'");
        if (!root.TryGetProperty("status", out JsonElement status) || status.ValueKind != JsonValueKind.Object)
            throw PluginErrors.Rubbish(settings, run, "its answer has no status");
        string token = Text(status, "token");
        string certificate = Text(status, "clientCertificateData");
        string key = Text(status, "clientKeyData");
        if (token.Length == 0 && certificate.Length == 0 && key.Length == 0) throw PluginErrors.Rubbish(settings, run, "its answer holds neither a token nor a certificate");
        if ((certificate.Length == 0) != (key.Length == 0)) throw PluginErrors.Rubbish(settings, run, "its answer holds only one of certificate and key");
        if (!TokenText.IsHeaderValue(token)) throw PluginErrors.Rubbish(settings, run, "its token holds line breaks or other characters that no token has");
        SslStreamCertificateContext? context = certificate.Length == 0 ? null : Certificates.ReadClient(certificate, key, Source(settings, certificate, "clientCertificateData"), Source(settings, key, "clientKeyData"), now);
        return new PluginAnswer(token, certificate + key, context, Expiry(settings, run, Text(status, "expirationTimestamp")));
    }

    private static DateTimeOffset? Expiry(ExecSettings settings, PluginRun run, string text)
    {
        if (text.Length == 0) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset expires)
            ? expires
            : throw PluginErrors.Rubbish(settings, run, "its expirationTimestamp is no time in RFC 3339 form");
    }

    private static PemSource Source(ExecSettings settings, string pem, string field) =>
        new(Encoding.UTF8.GetBytes(pem), null, $"the answer ({field}) of the plugin of {settings.Entry.Place}", settings.Entry.File);

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
