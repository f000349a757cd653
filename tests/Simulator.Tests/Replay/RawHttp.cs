using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace KubeVirtMonitor.Tests.Simulator.Replay;

/// <summary>What came back: everything as it was on the wire, but for chunks, which are joined, and gzip, which is unpacked.</summary>
public sealed record RawAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, string Body, IReadOnlyList<ExchangeFrame> Frames)
{
    public string[] Header(string name) => [.. Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];
}

/// <summary>An HTTP client that adds nothing to a request and hides nothing of an answer.</summary>
internal static class RawHttp
{
    /// <summary>How long frames are waited for when the server says no more and does not end the connection.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1.6);

    public static async Task<RawAnswer> SendAsync(IPEndPoint server, bool tls, Exchange exchange, IEnumerable<(string Name, string Value)> headers, CancellationToken cancellation)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellation);
        await using NetworkStream network = new(socket);
#pragma warning disable CA5359 // What is compared is what is said, and not by whom.
        await using Stream stream = tls ? new SslStream(network, true, static (_, _, _, _) => true) : network;
#pragma warning restore CA5359
        if (stream is SslStream ssl) await ssl.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 }, cancellation);
        StringBuilder text = new($"{exchange.Method} {exchange.Target} HTTP/1.1\r\n");
        byte[] body = Encoding.UTF8.GetBytes(exchange.Body);
        foreach ((string name, string value) in headers) text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (body.Length > 0) text.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        await stream.WriteAsync((byte[])[.. Encoding.UTF8.GetBytes(text.Append("\r\n").ToString()), .. body], cancellation);
        (int status, List<(string Name, string Value)> answered) = await HeadAsync(stream, cancellation);
        if (status == 101) return new RawAnswer(status, answered, "", await FramesAsync(stream, exchange, cancellation));
        byte[] bytes = exchange.Method == "HEAD" ? [] : await BodyAsync(stream, answered, cancellation);
        if (answered.Any(static header => header is { Name: "Content-Encoding", Value: "gzip" }))
        {
            using MemoryStream plain = new();
            await using GZipStream gzip = new(new MemoryStream(bytes), CompressionMode.Decompress);
            await gzip.CopyToAsync(plain, cancellation);
            bytes = plain.ToArray();
        }

        return new RawAnswer(status, answered, Encoding.UTF8.GetString(bytes), []);
    }

    private static async Task<(int Status, List<(string, string)> Headers)> HeadAsync(Stream stream, CancellationToken cancellation)
    {
        List<byte> head = [];
        byte[] one = new byte[1];
        while (head.Count < 4 || !head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, cancellation) == 0) throw new EndOfStreamException($"The answer ended in its head: {Encoding.UTF8.GetString([.. head])}");
            head.Add(one[0]);
        }

        string[] lines = Encoding.UTF8.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return (int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), [.. lines.Skip(1).Select(line => line.Split(':', 2)).Select(pair => (pair[0], pair[1].Trim()))]);
    }

    private static async Task<byte[]> BodyAsync(Stream stream, List<(string Name, string Value)> headers, CancellationToken cancellation)
    {
        using MemoryStream body = new();
        if (headers.Find(static header => header.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Value is { } length)
        {
            byte[] exact = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(exact, cancellation);
            return exact;
        }

        if (!headers.Any(static header => header.Name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)))
        {
            await stream.CopyToAsync(body, cancellation);
            return body.ToArray();
        }

        while (true)
        {
            int size = int.Parse(await LineAsync(stream, cancellation), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            byte[] chunk = new byte[size];
            await stream.ReadExactlyAsync(chunk, cancellation);
            _ = await LineAsync(stream, cancellation);
            if (size == 0) return body.ToArray();
            body.Write(chunk);
        }
    }

    private static async Task<string> LineAsync(Stream stream, CancellationToken cancellation)
    {
        StringBuilder line = new();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one, cancellation) > 0 && one[0] != '\n') line.Append((char)one[0]);
        return line.ToString().TrimEnd('\r');
    }

    private static async Task<List<ExchangeFrame>> FramesAsync(Stream stream, Exchange exchange, CancellationToken cancellation)
    {
        foreach (ExchangeFrame frame in exchange.Frames.Where(static frame => !frame.FromServer && frame.Operation >= 0)) await WriteAsync(stream, frame, cancellation);
        bool closes = exchange.Frames.Any(static frame => frame.FromServer && frame.Operation == 8);
        bool closed = exchange.Frames.Any(static frame => !frame.FromServer && frame.Operation == 8);
        if (closes && !closed && exchange.Target.Contains("subresources.kubevirt.io", StringComparison.Ordinal)) await WriteAsync(stream, new ExchangeFrame(false, 8, [3, 0xe8]), cancellation);
        List<ExchangeFrame> frames = [];
        using CancellationTokenSource quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        quiet.CancelAfter(exchange.Frames.Any(static frame => frame is { FromServer: true, Operation: -1 }) ? TimeSpan.FromSeconds(20) : Quiet);
        try
        {
            while (true)
            {
                byte[] head = new byte[2];
                if (await stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, quiet.Token) < 2) break;
                int length = head[1] & 127;
                if (length == 126)
                {
                    byte[] extended = new byte[2];
                    await stream.ReadExactlyAsync(extended, quiet.Token);
                    length = (extended[0] << 8) | extended[1];
                }

                byte[] payload = new byte[length];
                await stream.ReadExactlyAsync(payload, quiet.Token);
                frames.Add(new ExchangeFrame(true, head[0] & 15, payload));
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return frames;
        }

        frames.Add(new ExchangeFrame(true, -1, []));
        return frames;
    }

    /// <summary>A frame of a client, masked with zeroes.</summary>
    private static async Task WriteAsync(Stream stream, ExchangeFrame frame, CancellationToken cancellation)
    {
        byte[] head = frame.Payload.Length < 126
            ? [(byte)(128 | frame.Operation), (byte)(128 | frame.Payload.Length)]
            : [(byte)(128 | frame.Operation), 254, (byte)(frame.Payload.Length >> 8), (byte)frame.Payload.Length];
        await stream.WriteAsync((byte[])[.. head, 0, 0, 0, 0, .. frame.Payload], cancellation);
    }
}
