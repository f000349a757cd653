using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Xunit;

namespace KubeVirtMonitor.TestKit;

/// <summary>OpenSSL's own server, an implementation of TLS that is not .NET's.</summary>
public sealed class OpenSslServer : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Process _process;
    private readonly int _port = TcpServer.FreePort();

    private OpenSslServer(X509Certificate2 certificate, IEnumerable<string> arguments)
    {
        string pem = _folder.Write("server.pem", certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        _process = Tool.Start("openssl", ["s_server", "-accept", $"127.0.0.1:{_port}", "-cert", pem, "-www", .. arguments]);
    }

    public Uri Uri => new($"https://127.0.0.1:{_port}/metrics");

    public static async Task<OpenSslServer> StartAsync(X509Certificate2 certificate, IEnumerable<string> arguments, CancellationToken stop)
    {
        OpenSslServer server = new(certificate, arguments);
        string? line;
        do line = await server._process.StandardOutput.ReadLineAsync(stop);
        while (line is not null && line != "ACCEPT");
        Assert.True(line is not null, "openssl s_server did not start");
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }
}
