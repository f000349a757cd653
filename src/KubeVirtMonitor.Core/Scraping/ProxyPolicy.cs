using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace KubeVirtMonitor.Scraping;

/// <summary>Which proxy, if any, requests go through.</summary>
internal sealed class ProxyPolicy
{
    // Keys of shared connections tell credentials apart without holding them in a form that could be read from a dump of the key.
    private static readonly byte[] IdentityKey = RandomNumberGenerator.GetBytes(32);

    private readonly bool _none;
    private readonly NetworkCredential? _credential;

    public ProxyPolicy(ScrapeOptions options)
    {
        _none = options.NoProxy;
        if (_none || options.Proxy is not { } proxy) return;
        if (!proxy.IsAbsoluteUri || proxy.Scheme is not ("http" or "https" or "socks4" or "socks4a" or "socks5"))
            throw new ScrapeException(ScrapeError.InvalidOption, ShownUri.From(proxy), "this is no proxy address") { Setting = Setting.Proxy };
        _credential = options.ProxyCredential ?? ScrapeTarget.CredentialOf(proxy);
        Address = new UriBuilder(proxy) { UserName = "", Password = "" }.Uri;
    }

    /// <summary>The proxy the user named, without user information.</summary>
    public Uri? Address { get; }

    public void ApplyTo(SocketsHttpHandler handler)
    {
        handler.UseProxy = !_none;
        if (Address is not null) handler.Proxy = new WebProxy(Address) { Credentials = _credential };
    }

    public string Identity()
    {
        if (_none) return "none";
        if (Address is null) return "default";
        if (_credential is null) return Address.AbsoluteUri;
        byte[] secret = Encoding.UTF8.GetBytes($"{_credential.Domain}\0{_credential.UserName}\0{_credential.Password}");
        return Address.AbsoluteUri + '|' + Convert.ToHexString(HMACSHA256.HashData(IdentityKey, secret));
    }
}
