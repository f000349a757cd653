using System.Globalization;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;

namespace KubeVirtMonitor.TestKit;

/// <summary>What a server answers: well, or badly in a chosen way.</summary>
public sealed record Reply
{
    public const string TextType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    public int Status { get; init; } = 200;

    public string Reason { get; init; } = "OK";

    public string? ContentType { get; init; } = TextType;

    public byte[] Body { get; init; } = [];

    public (string Name, string Value)[] Headers { get; init; } = [];

    /// <summary>Waits so long before the headers.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Sends so many bytes of the body and then breaks the connection.</summary>
    public int? CutAfter { get; init; }

    public bool Chunked { get; init; }

    /// <summary>Neither length nor chunks: the end of the connection is the end of the body.</summary>
    public bool UntilClose { get; init; }

    /// <summary>Breaks the connection with a reset, before any answer.</summary>
    public bool Reset { get; init; }

    /// <summary>Writes everything itself, headers too.</summary>
    public Func<Stream, CancellationToken, Task>? Raw { get; init; }

    public static Reply Text(string body) => new() { Body = Encoding.UTF8.GetBytes(body) };

    public static Reply Gzip(string body) => new() { Body = Pack(body), Headers = [("Content-Encoding", "gzip")] };

    public static Reply Error(int status, string reason, string body) => new() { Status = status, Reason = reason, Body = Encoding.UTF8.GetBytes(body), ContentType = "text/plain" };

    public static Reply Redirect(int status, string to) => new() { Status = status, Reason = "Moved", Headers = [("Location", to)] };

    public static byte[] Pack(string text)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    /// <summary>Writes the answer.</summary>
    /// <returns>Whether the connection goes on.</returns>
    public async Task<bool> WriteAsync(TcpClient client, Stream stream, CancellationToken stop)
    {
        for (TimeSpan waited = TimeSpan.Zero; waited < Delay; waited += Step)
        {
            if (client.Client.Poll(0, SelectMode.SelectRead) && client.Available == 0) return false;
            await Task.Delay(Step, stop);
        }

        if (Reset)
        {
            client.LingerState = new LingerOption(true, 0);
            client.Client.Close();
            return false;
        }

        if (Raw is not null)
        {
            await Raw(stream, stop);
            return false;
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(Head()), stop);
        int length = CutAfter ?? Body.Length;
        if (Chunked)
        {
            if (length > 0) await stream.WriteAsync(Encoding.ASCII.GetBytes($"{length:x}\r\n"), stop);
            await stream.WriteAsync(Body.AsMemory(0, length), stop);
            if (CutAfter is null) await stream.WriteAsync((length > 0 ? "\r\n0\r\n\r\n"u8 : "0\r\n\r\n"u8).ToArray(), stop);
        }
        else
        {
            await stream.WriteAsync(Body.AsMemory(0, length), stop);
        }

        await stream.FlushAsync(stop);
        return CutAfter is null && !UntilClose;
    }

    private string Head()
    {
        StringBuilder head = new();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {Status} {Reason}\r\n");
        if (ContentType is not null) head.Append(CultureInfo.InvariantCulture, $"Content-Type: {ContentType}\r\n");
        if (Chunked) head.Append("Transfer-Encoding: chunked\r\n");
        else if (!UntilClose) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n");
        foreach ((string name, string value) in Headers) head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        return head.Append("\r\n").ToString();
    }
}
