using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Tests.Simulator.Replay;

/// <summary>A frame of a WebSocket: who sent it, its operation (2 binary, 8 close, 9 ping; -1 = the connection ended), and what it carries.</summary>
public sealed record ExchangeFrame(bool FromServer, int Operation, byte[] Payload);

/// <summary>One request with its answer, as text: request line, headers and body; a line of dashes; status line, headers and body; and frames behind a 101.</summary>
public sealed partial record Exchange(string Name, string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, string Body)
{
    public int Status { get; private init; }

    public IReadOnlyList<(string Name, string Value)> AnswerHeaders { get; private init; } = [];

    public string AnswerBody { get; private init; } = "";

    /// <summary>Whether the body is not whole.</summary>
    public bool Trimmed { get; private init; }

    public IReadOnlyList<ExchangeFrame> Frames { get; private init; } = [];

    /// <summary>All values of a header of the answer.</summary>
    public string[] Answered(string name) => [.. AnswerHeaders.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    public string? Asked(string name) => Headers.FirstOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The same exchange with other names in its answer.</summary>
    public static Exchange WithAnswer(Exchange exchange, Func<string, string> change) => exchange with
    {
        AnswerBody = change(exchange.AnswerBody),
        AnswerHeaders = [.. exchange.AnswerHeaders.Select(header => (header.Name, change(header.Value)))],
        Frames = [.. exchange.Frames.Select(frame => frame with { Payload = frame.Payload.All(static each => each < 128) ? Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(frame.Payload))) : frame.Payload })],
    };

    /// <summary>The exchanges of a file, each behind a line <c>### name</c>.</summary>
    public static IEnumerable<Exchange> ReadAll(string path)
    {
        string[] parts = Heading().Split("\n" + File.ReadAllText(path).ReplaceLineEndings("\n"));
        for (int i = 1; i + 1 < parts.Length; i += 2) yield return Parse(parts[i].Trim(), parts[i + 1]);
    }

    public static Exchange Parse(string name, string text)
    {
        string[] sides = Divider().Split(text.ReplaceLineEndings("\n"), 2);
        (string line, List<(string, string)> headers, string body) = Message(sides[0]);
        string[] words = line.Split(' ');
        string[] answer = FrameBegin().Split(sides[1], 2);
        (string status, List<(string, string)> answered, string answerBody) = Message(answer[0]);
        bool trimmed = answerBody.Contains("[... trimmed", StringComparison.Ordinal);
        return new Exchange(name, words[0], words[1], headers, body)
        {
            Status = int.Parse(status.Split(' ')[status.StartsWith("HTTP", StringComparison.Ordinal) ? 1 : 0], CultureInfo.InvariantCulture),
            AnswerHeaders = answered,
            AnswerBody = trimmed ? answerBody[..answerBody.IndexOf("[... trimmed", StringComparison.Ordinal)].TrimEnd() : answerBody,
            Trimmed = trimmed,
            Frames = [.. sides[1].Split('\n').Select(FrameOf).OfType<ExchangeFrame>()],
        };
    }

    private static (string First, List<(string, string)> Headers, string Body) Message(string text)
    {
        string[] parts = text.Trim('\n').Split("\n\n", 2);
        string[] lines = parts[0].Split('\n');
        List<(string, string)> headers = [.. lines.Skip(1).Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2).Select(pair => (pair[0].Trim(), pair[1].Trim()))];
        return (lines[0], headers, parts.Length > 1 ? parts[1].Trim('\n') : "");
    }

    private static ExchangeFrame? FrameOf(string line)
    {
        Match match = FrameLine().Match(line);
        if (!match.Success) return null;
        bool server = match.Groups["side"].Value is "server sent: " or "S>C ";
        if (line.Contains("EOF", StringComparison.Ordinal)) return new ExchangeFrame(server || line.StartsWith("[S", StringComparison.Ordinal), -1, []);
        return new ExchangeFrame(server, int.Parse(match.Groups["op"].Value, CultureInfo.InvariantCulture), Bytes(match.Groups["data"].Value));
    }

    /// <summary>The bytes of a literal as Python writes it.</summary>
    private static byte[] Bytes(string literal)
    {
        List<byte> bytes = [];
        for (int i = 0; i < literal.Length; i++)
        {
            if (literal[i] != '\\' || ++i == literal.Length)
            {
                if (i < literal.Length) bytes.AddRange(Encoding.UTF8.GetBytes(literal[i].ToString()));
                continue;
            }

            switch (literal[i])
            {
                case 'n': bytes.Add((byte)'\n'); break;
                case 'r': bytes.Add((byte)'\r'); break;
                case 't': bytes.Add((byte)'\t'); break;
                case 'x':
                    bytes.Add(byte.Parse(literal.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    i += 2;
                    break;
                default: bytes.Add((byte)literal[i]); break;
            }
        }

        return [.. bytes];
    }

    [GeneratedRegex("\n-{4,} response.*-{4,}\n")]
    private static partial Regex Divider();

    [GeneratedRegex(@"\n-+ frames -+\n|\n\n(?=\[?[CS]>[CS] )")]
    private static partial Regex FrameBegin();

    [GeneratedRegex("\n### (.*)")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(?<side>client sent: |server sent: |C>S |S>C |\[S>C EOF\])(?:fin=1 )?(?:op=(?<op>\d+|EOF))?(?: fin=1)?(?: len=\d+)?(?: (?:data=)?b['""](?<data>.*)['""])?$")]
    private static partial Regex FrameLine();
}
