using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>A real <c>qemu-ga</c> behind a unix socket (<c>-m unix-listen -p PATH</c>): one JSON object per line each way.</summary>
/// <param name="path">The socket.</param>
public sealed class QemuGuestAgent(string path) : IGuestAgent
{
    /// <inheritdoc/>
    public async Task PingAsync(CancellationToken cancellation)
    {
        using Connection agent = await Connection.OpenAsync(path, cancellation);
        await agent.AskAsync("""{"execute":"guest-ping"}""", cancellation);
    }

    /// <inheritdoc/>
    public async Task<GuestCommandResult> ExecAsync(string request, CancellationToken cancellation)
    {
        using Connection agent = await Connection.OpenAsync(path, cancellation);
        JsonNode? started = await agent.AskAsync(request, cancellation);
        long pid = (long?)started?["pid"] ?? throw new IOException("the guest agent started nothing");
        while (true)
        {
            JsonNode? status = await agent.AskAsync(new JsonObject { ["execute"] = "guest-exec-status", ["arguments"] = new JsonObject { ["pid"] = pid } }.ToJsonString(), cancellation);
            if ((bool?)status?["exited"] == true) return new GuestCommandResult((int?)status["exitcode"] ?? -1, Encoding.UTF8.GetString(Convert.FromBase64String((string?)status["out-data"] ?? "")));
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        }
    }

    private sealed class Connection(Socket socket) : IDisposable
    {
        private readonly StreamReader _reader = new(new NetworkStream(socket, ownsSocket: false), Encoding.UTF8);

        public static async Task<Connection> OpenAsync(string path, CancellationToken cancellation)
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            }
            catch (SocketException failure)
            {
                socket.Dispose();
                throw new IOException("Guest agent is not responding: QEMU guest agent is not connected", failure);
            }

            return new Connection(socket);
        }

        /// <summary>Asks, and gives what is returned.</summary>
        /// <exception cref="IOException">The agent answers with an error, or not at all.</exception>
        public async Task<JsonNode?> AskAsync(string request, CancellationToken cancellation)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(request + "\n"), cancellation);
            string line = await _reader.ReadLineAsync(cancellation) ?? throw new IOException("the guest agent hung up");
            JsonNode? answer;
            try
            {
                answer = JsonNode.Parse(line);
            }
            catch (JsonException failure)
            {
                throw new IOException("the guest agent answered no JSON", failure);
            }

            return answer?["error"] is { } error ? throw new IOException((string?)error["desc"] ?? "the guest agent refused") : answer?["return"];
        }

        public void Dispose()
        {
            _reader.Dispose();
            socket.Dispose();
        }
    }
}
