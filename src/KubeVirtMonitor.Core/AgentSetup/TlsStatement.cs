using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>What an instance of a check says about TLS, as the Agent understands it.</summary>
/// <param name="Verifies">Whether certificates are verified.</param>
/// <param name="ExpectedName">The name a certificate has to carry; null = any.</param>
/// <param name="Flaw">Why it cannot work with a component of KubeVirt; null = it can.</param>
/// <param name="Advice">What to do about that.</param>
/// <param name="Setting">The setting of the patch that this hangs on.</param>
internal sealed record TlsStatement(bool Verifies, string? ExpectedName, string? Flaw = null, string Advice = "", Setting? Setting = null)
{
    /// <summary>Reads it. Options may be texts; an unset tls_verify is off.</summary>
    public static TlsStatement Of(JsonObject instance, KubeVirtComponent component)
    {
        if (!IsOn(instance["tls_verify"], whenUnset: false)) return new(false, null);
        if (instance["tls_ca_cert"] is null)
            return new(true, null, "tls_verify is on and tls_ca_cert is not set: the Agent trusts the authorities of its image, and KubeVirt's is none of them.", "Set tls_ca_cert.", KubeVirtMonitor.Setting.AgentAuthority);
        if (!IsOn(instance["tls_validate_hostname"], whenUnset: true)) return new(true, null);
        string? host = (string?)(instance["headers"] ?? instance["extra_headers"])?["Host"];
        return IsOn(instance["tls_use_host_header"], whenUnset: false) && host is not null ? new(true, host.Split(':')[0]) : new(true, component.PodIP);
    }

    private static bool IsOn(JsonNode? option, bool whenUnset) =>
        option is null ? whenUnset : option.ToString().ToUpperInvariant() is "TRUE" or "YES" or "ON" or "1" or "Y" or "T";
}
