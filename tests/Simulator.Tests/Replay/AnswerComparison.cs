using System.Text.Json;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Tests.Simulator.Replay;

/// <summary>
/// Holds an answer against a recorded one by what a client can notice: status, headers that it reads, text word by word, failures field by field, lists and objects by
/// their form, streams frame by frame. Addresses, uids, versions and times may differ.
/// </summary>
internal static partial class AnswerComparison
{
    private const int LongText = 400;

    private static readonly string[] Always = ["Retry-After", "Warning", "Sec-WebSocket-Protocol", "Content-Encoding", "Location", "Sec-WebSocket-Version"];

    /// <summary>The differences, in words; none when the answer is as recorded.</summary>
    public static IEnumerable<string> Differences(Exchange recorded, RawAnswer actual)
    {
        if (recorded.Status != actual.Status)
        {
            yield return $"status {actual.Status}, not {recorded.Status}: {Start(actual.Body)}";
            yield break;
        }

        foreach (string name in Always)
        {
            string[] wanted = [.. recorded.Answered(name).Where(static value => value.Length > 0)];
            string[] found = actual.Header(name);
            if (!wanted.SequenceEqual(found)) yield return $"{name}: '{string.Join("', '", found)}', not '{string.Join("', '", wanted)}'";
        }

        string? type = recorded.Answered("Content-Type").FirstOrDefault();
        if (type is not null && actual.Header("Content-Type").FirstOrDefault() != type) yield return $"Content-Type: {actual.Header("Content-Type").FirstOrDefault()}, not {type}";
        if (recorded.Status == 101)
        {
            foreach (string difference in Streams(recorded, actual)) yield return difference;
            yield break;
        }

        if (recorded.AnswerBody.Length == 0) yield break;
        if (type == "application/json")
        {
            foreach (string difference in Json(recorded, actual.Body)) yield return difference;
        }
        else if (recorded.AnswerBody.Length > LongText is var @long && Text(recorded.AnswerBody, @long) is var wanted && Text(actual.Body, @long) is var found && wanted != found)
        {
            yield return $"body '{found}', not '{wanted}'";
        }
    }

    /// <summary>A short text as it is; of a long one such as metrics, the first word.</summary>
    private static string Text(string body, bool @long) => @long ? body.Split(' ')[0] : Normal(body.Trim());

    private static IEnumerable<string> Json(Exchange recorded, string actual)
    {
        if (recorded.Trimmed || recorded.AnswerBody.Contains("\n{\"type\":", StringComparison.Ordinal))
        {
            string wanted = Head(recorded.AnswerBody);
            string found = Head(actual);
            if (wanted != found) yield return $"begins '{found}', not '{wanted}'";
            yield break;
        }

        Dictionary<string, string> expected = Fields(recorded.AnswerBody);
        Dictionary<string, string> present = Fields(actual);
        bool failure = expected.GetValueOrDefault("kind") == "Status" || expected.GetValueOrDefault("object.kind") == "Status";
        foreach ((string path, string value) in expected)
        {
            if (!present.TryGetValue(path, out string? found)) yield return $"lacks {path}";
            else if ((failure || path is "kind" or "apiVersion" or "type") && found != value) yield return $"{path} '{found}', not '{value}'";
            else if (Kind(found) != Kind(value)) yield return $"{path} '{found}' is of another kind than '{value}'";
        }

        foreach (string path in present.Keys.Where(path => failure && !expected.ContainsKey(path))) yield return $"has {path} '{present[path]}' too";
    }

    /// <summary>
    /// The fields of a document with their values: all of a failure or a small document; of an object and of the first item of a list what an API server itself sees to.
    /// Managed fields, the contents of spec and status and the keys of maps belong to the object at hand.
    /// </summary>
    private static Dictionary<string, string> Fields(string json)
    {
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        Walk(JsonDocument.Parse(json).RootElement, "");
        return fields;

        void Walk(JsonElement at, string path)
        {
            if (at.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in at.EnumerateObject())
                {
                    string name = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
                    if (OfTheObject().IsMatch(name)) continue;
                    if (property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) fields[name] = property.Value.ValueKind.ToString();
                    Walk(property.Value, name);
                }
            }
            else if (at.ValueKind == JsonValueKind.Array)
            {
                if (!path.EndsWith("causes", StringComparison.Ordinal) && at.GetArrayLength() > 0) Walk(at[0], path + "[]");
                for (int i = 0; path.EndsWith("causes", StringComparison.Ordinal) && i < at.GetArrayLength(); i++) Walk(at[i], $"{path}[{i}]");
            }
            else
            {
                fields[path] = path == "metadata.continue" && at.GetString() is { Length: > 0 } ? "(token)" : Normal(at.ToString());
            }
        }
    }

    private static string Kind(string value) => value is "Object" or "Array" ? value : "scalar";

    private static IEnumerable<string> Streams(Exchange recorded, RawAnswer actual)
    {
        string wanted = Story(recorded.Frames.Where(static frame => frame.FromServer), recorded.Target);
        string found = Story(actual.Frames, recorded.Target);
        if (wanted != found) yield return $"frames\n      {found}\n  not {wanted}";
    }

    /// <summary>
    /// The frames in a line. Pings are left out where more was said, since they depend on the time it took; a plain stream is joined, since its cuts mean nothing; streams
    /// by channels are in the order of each channel, since channels overtake each other.
    /// </summary>
    private static string Story(IEnumerable<ExchangeFrame> frames, string target)
    {
        List<ExchangeFrame> all = [.. frames];
        List<ExchangeFrame> said = [.. all.Where(static frame => frame.Operation != 9)];
        string ping = all.Any(static frame => frame.Operation == 9) && said.Count == 0 ? "ping" : "";
        IEnumerable<ExchangeFrame> data = said.Where(static frame => frame.Operation is 1 or 2);
        string text = target.Contains("subresources.kubevirt.io", StringComparison.Ordinal)
            ? Plain(data.SelectMany(static frame => frame.Payload)).Split("\\x0d")[0]
            : string.Join(" | ", data.GroupBy(static frame => frame.Payload.FirstOrDefault()).OrderBy(static channel => channel.Key).Select(channel => string.Join(" + ", channel.Select(static frame => Plain(frame.Payload)))));
        string end = string.Concat(said.Where(static frame => frame.Operation is 8 or -1).Select(static frame => frame.Operation == 8 ? $" close({string.Join(',', frame.Payload)})" : " EOF"));
        return ping + text + end;
    }

    private static string Plain(IEnumerable<byte> bytes)
    {
        string text = Normal(string.Concat(bytes.Select(static each => each is >= 32 and < 127 ? ((char)each).ToString() : $"\\x{each:x2}")));
        return text.Length > 160 ? text[..160] : text;
    }

    /// <summary>The beginning of a document, up to the metadata of the object or of the first item.</summary>
    private static string Head(string json)
    {
        string head = Normal(json.Length > 400 ? json[..400] : json);
        int at = head.IndexOf("\"metadata\":{", StringComparison.Ordinal);
        return at < 0 ? head : head[..at];
    }

    private static string Start(string text) => text.Length > 300 ? text[..300] : text;

    /// <summary>A text without what differs from run to run.</summary>
    private static string Normal(string text)
    {
        text = Address().Replace(text, "IP");
        text = Uid().Replace(text, "UID");
        text = LauncherSuffix().Replace(text, "$1-XXXXX");
        text = text.Contains("attempting to grant RBAC permissions", StringComparison.Ordinal) ? text.Split(["\\n", "\n"], StringSplitOptions.None)[0] : text;
        text = text.Contains("invalid continue token", StringComparison.Ordinal) ? "invalid continue token" : text;
        text = text.Contains("Can't connect to websocket (400): websocket: bad handshake", StringComparison.Ordinal) ? "Can't connect to websocket (400): websocket: bad handshake" : text;
        text = text.Contains("is invalid: patch: Invalid value", StringComparison.Ordinal) ? text[..text.IndexOf("Invalid value", StringComparison.Ordinal)] : text;
        return Numbers().Replace(text, "N");
    }

    [GeneratedRegex(@"\b\d+\.\d+\.\d+\.\d+\b|\[[0-9a-f:]+\]")]
    private static partial Regex Address();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex(@"(virt-launcher-[a-z0-9-]+)-[a-z0-9]{5}\b")]
    private static partial Regex LauncherSuffix();

    [GeneratedRegex(@"\b\d{4,}\b")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"(^|\.|\])(managedFields|labels|annotations|ownerReferences|finalizers|generateName|deletionGracePeriodSeconds|extra|data|fieldsV1)$|^(items\[\]\.)?(spec|status)\.|remainingItemCount$|metadata.creationTimestamp$")]
    private static partial Regex OfTheObject();
}
