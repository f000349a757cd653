using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KubeVirtMonitor.Tests.ClientLibrary;

/// <summary>A server on loopback that keeps the head of each request and answers as the test says, byte by byte.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Func<string, Stream, Task> _answer;
    private readonly X509Certificate2? _certificate;

    public LocalServer(Func<string, Stream, Task> answer, X509Certificate2? certificate = null)
    {
        _answer = answer;
        _certificate = certificate;
        _listener.Start();
        _ = AcceptAsync();
    }

    public LocalServer(string answer, X509Certificate2? certificate = null)
        : this((_, stream) => stream.WriteAsync(Encoding.ASCII.GetBytes(answer)).AsTask(), certificate)
    {
    }

    public ConcurrentQueue<string> Heads { get; } = [];

    /// <summary>The names that clients wanted to speak to, where there is a certificate.</summary>
    public ConcurrentQueue<string?> ServerNames { get; } = [];

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address => $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{Port}";

    public static string Json(string json, int status = 200) =>
        $"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}";

    /// <summary>A certificate authority, and a certificate that it issued for a name.</summary>
    public static (X509Certificate2 Authority, X509Certificate2 Leaf) Issue(string name)
    {
        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        CertificateRequest root = new("CN=gap-ca", rootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        X509Certificate2 authority = root.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        CertificateRequest leaf = new("CN=leaf", leafKey, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        leaf.CertificateExtensions.Add(names.Build());
        using X509Certificate2 issued = leaf.Create(authority, now.AddHours(-1), now.AddDays(1), [1, 2, 3]);
        using X509Certificate2 made = issued.CopyWithPrivateKey(leafKey);
        return (X509CertificateLoader.LoadCertificate(authority.RawData), X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null));
    }

    public void Dispose()
    {
        _ended.Cancel();
        _listener.Stop();
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_ended.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                if (_certificate is not null) stream = await SecureAsync(stream, _certificate);
                while (await ReadHeadAsync(stream) is { } head)
                {
                    Heads.Enqueue(head);
                    await _answer(head, stream);
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
            {
                // The client hangs up.
            }
        }
    }

    private async Task<SslStream> SecureAsync(Stream stream, X509Certificate2 certificate)
    {
        SslStream secure = new(stream);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateSelectionCallback = (_, name) =>
            {
                ServerNames.Enqueue(name);
                return certificate;
            },
        });
        return secure;
    }

    // Requests here are small or have no body that matters.
    private static async Task<string?> ReadHeadAsync(Stream stream)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0) return null;
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
