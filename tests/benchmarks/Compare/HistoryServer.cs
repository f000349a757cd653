using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>
/// A server that answers queries for usage as Prometheus writes its answers, with a series for each machine and each term that a query names, and numbers that are made up:
/// what is measured is who asks, and not who stores.
/// </summary>
internal sealed partial class HistoryServer : IDisposable
{
    private const string Head = "{\"status\":\"success\",\"data\":{\"resultType\":\"";

    // What few machines have, or none.
    private static readonly string[] Rare = ["Seen", "Gone", "Resets", "Engine"];

    private readonly HttpListener _listener;
    private readonly int _machines;
    private readonly byte[][] _numbers;
    private long _queries;
    private long _bytes;
    private long _points;

    public HistoryServer(int machines)
    {
        _machines = machines;
        // Rates have as many digits as a double needs, and gauges of bytes none behind the point.
        Random random = new(1);
        _numbers = [.. Enumerable.Range(0, 997).Select(i => Encoding.ASCII.GetBytes((i % 3 == 0 ? random.Next(1 << 30) : random.NextDouble() * 2).ToString(CultureInfo.InvariantCulture)))];
        int port = FreePort();
        Address = $"http://127.0.0.1:{port}/";
        _listener = new HttpListener();
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _ = Task.Run(ServeAsync);
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>How many queries it answered.</summary>
    public long Queries => Interlocked.Read(ref _queries);

    /// <summary>How many bytes of answers.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many points.</summary>
    public long Points => Interlocked.Read(ref _points);

    public void Dispose() => _listener.Close();

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("\"figure\",\"(\\w+)\"")]
    private static partial Regex Terms();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                Answer(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                // The client went away, or this is the end.
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        using StreamReader reader = new(context.Request.InputStream, Encoding.UTF8);
        Dictionary<string, string> form = reader.ReadToEnd().Split('&').Select(static pair => pair.Split('=')).ToDictionary(static pair => pair[0], static pair => WebUtility.UrlDecode(pair[1]));
        Interlocked.Increment(ref _queries);
        context.Response.ContentType = "application/json";
        context.Response.SendChunked = true;
        using MemoryStream buffer = new(1 << 20);
        using Stream output = context.Response.OutputStream;
        string query = form["query"];
        double now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        if (form.TryGetValue("start", out string? start)) WriteMatrix(buffer, output, query, Number(start), Number(form["end"]), Number(form["step"]));
        else if (query.Contains("[900s]", StringComparison.Ordinal)) Write(buffer, $"{Head}matrix\",\"result\":[{{\"metric\":{{\"__name__\":\"kubevirt_info\",\"instance\":\"a\"}},\"values\":[{string.Join(',', Enumerable.Range(0, 30).Select(i => $"[{now - 900 + (30 * i)},\"1\"]"))}]}}]}}}}");
        else Write(buffer, $"{Head}vector\",\"result\":[{string.Join(',', Facts(query, now))}]}}}}");
        Flush(buffer, output);
    }

    private IEnumerable<string> Facts(string query, double now)
    {
        (string Part, string Labels, double Value)[] known =
        [
            ("machines", ",\"namespace\":\"shop\"", _machines), ("versions", ",\"kubeversion\":\"v1.9.0\"", 1), ("signs", "", 10), ("now", "", now), ("newest", "", now),
        ];
        return known.Where(fact => query.Contains($"\"{fact.Part}\"", StringComparison.Ordinal)).Select(fact => string.Create(CultureInfo.InvariantCulture, $"{{\"metric\":{{\"kubevirtmonitor_part\":\"{fact.Part}\"{fact.Labels}}},\"value\":[{now},\"{fact.Value}\"]}}"));
    }

    private void WriteMatrix(MemoryStream buffer, Stream output, string query, double start, double end, double step)
    {
        byte[][] times = [.. Enumerable.Range(0, (int)((end - start) / step) + 1).Select(i => Encoding.ASCII.GetBytes((start + (i * step)).ToString(CultureInfo.InvariantCulture)))];
        Write(buffer, $"{Head}matrix\",\"result\":[");
        bool isFirst = true;
        int number = 0;
        foreach (string term in Terms().Matches(query).Select(static match => match.Groups[1].Value).Distinct())
        {
            for (int machine = 0; machine < (Array.IndexOf(Rare, term) < 0 ? _machines : term == "Engine" ? 1 : 0); machine++)
            {
                string labels = term == "Engine" ? "" : string.Create(CultureInfo.InvariantCulture, $",\"instance\":\"10.0.{machine / 50}.7:8443\",\"name\":\"vm-{machine:00000}\",\"namespace\":\"team-{machine % 40}\",\"node\":\"worker-{machine / 50}.example.com\"");
                Write(buffer, $"{(isFirst ? "" : ",")}{{\"metric\":{{\"figure\":\"{term}\"{labels}}},\"values\":[");
                isFirst = false;
                for (int i = 0; i < times.Length; i++)
                {
                    buffer.Write(i == 0 ? "["u8 : ",["u8);
                    buffer.Write(times[i]);
                    buffer.Write(",\""u8);
                    buffer.Write(term == "VCpus" ? "4"u8 : term == "Engine" ? "NaN"u8 : _numbers[number++ % _numbers.Length]);
                    buffer.Write("\"]"u8);
                }

                Interlocked.Add(ref _points, times.Length);
                buffer.Write("]}"u8);
                if (buffer.Length > 1 << 19) Flush(buffer, output);
            }
        }

        buffer.Write("]}}"u8);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static void Write(MemoryStream buffer, string text) => buffer.Write(Encoding.UTF8.GetBytes(text));

    private void Flush(MemoryStream buffer, Stream output)
    {
        Interlocked.Add(ref _bytes, buffer.Length);
        output.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
        buffer.SetLength(0);
    }
}
