using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>
/// What <c>agent status --json</c> prints: the Agent, and how each instance of its checks does. The document has no promised form: what is missing or of
/// another type is absent, numbers may be texts, and what is not known is passed over. Texts are as the Agent wrote them: they go through <c>ForeignText</c>
/// before they are shown.
/// </summary>
internal sealed class AgentStatusReport
{
    private static readonly Regex PodName = new(@"^(?<namespace>[a-z0-9][a-z0-9-]*)/(?<pod>[a-z0-9][a-z0-9.-]*)(\s*\(.*\))?$", RegexOptions.CultureInvariant);

    private AgentStatusReport(JsonObject json, TimeProvider time)
    {
        Version = AgentJson.Text(json["version"]);
        Now = AgentJson.Nanoseconds(json["time_nano"]) ?? time.GetUtcNow();
        Instances = [.. InstancesOf(JsonText.At(json, "runnerStats", "Checks"))];
        Running = [.. (JsonText.At(json, "runnerStats", "Running") as JsonObject ?? []).Select(static one => new RunningInstance(one.Key, AgentJson.Time(one.Value)))];
        LoaderErrors = Texts(JsonText.At(json, "checkSchedulerStats", "LoaderErrors"));
        ConfigureErrors = Texts(JsonText.At(json, "pyLoaderStats", "ConfigureErrors"));
        ResolveWarnings = Texts(JsonText.At(json, "autoConfigStats", "ResolveWarnings"));
        PythonErrors = [.. Leaves(JsonText.At(json, "pythonInit", "Errors"))];
        Dictionary<string, List<string>> pods = new(StringComparer.Ordinal);
        ReadPods(json["adConfigErrors"], pods);
        AnnotationErrors = pods.ToDictionary(static one => one.Key, static one => (IReadOnlyList<string>)one.Value, StringComparer.Ordinal);
    }

    /// <summary>The version of the Agent, such as <c>7.71.0</c>; null when it does not say.</summary>
    public string? Version { get; }

    /// <summary>The time of its clock when it wrote this; that of the reader's clock when it does not say.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>The instances of checks that have run at least once.</summary>
    public IReadOnlyList<AgentCheckInstance> Instances { get; }

    /// <summary>The runs that are going on.</summary>
    public IReadOnlyList<RunningInstance> Running { get; }

    /// <summary>Why a check could not be loaded, by its name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> LoaderErrors { get; }

    /// <summary>Why an instance of a check could not be made, by the check's name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ConfigureErrors { get; }

    /// <summary>Why a template could not be filled in, by the check's name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ResolveWarnings { get; }

    /// <summary>Why the annotations of a pod cannot be used, by <c>NAMESPACE/POD</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> AnnotationErrors { get; }

    /// <summary>Why Python, in which all of these checks are written, did not start; empty = it did.</summary>
    public IReadOnlyList<string> PythonErrors { get; }

    /// <summary>Reads what was printed. Text before and after the document is passed over.</summary>
    /// <param name="output">The standard output of the command.</param>
    /// <param name="time">The clock that counts where the Agent does not tell its own; null = that of the system.</param>
    /// <exception cref="FormatException">There is no JSON object in it, or it is none of an Agent.</exception>
    public static AgentStatusReport Read(string output, TimeProvider? time = null)
    {
        int end = output.LastIndexOf('}') + 1;
        // Warnings before it may have braces of their own: the document begins at a line, or at the end of one.
        int[] starts = [.. LineStarts(output).Where(start => output[start] == '{').Take(8), output.IndexOf('{', StringComparison.Ordinal)];
        foreach (int start in starts.Where(start => start >= 0 && start < end).Distinct())
        {
            if (JsonText.ObjectOf(output[start..end]) is not { } json) continue;
            if (json["runnerStats"] is not null || json["version"] is not null || json["checkSchedulerStats"] is not null) return new AgentStatusReport(json, time ?? TimeProvider.System);
            throw new FormatException("an object without runnerStats and version");
        }

        throw new FormatException(output.Trim().Length == 0 ? "nothing" : output.Contains('{', StringComparison.Ordinal) ? "JSON that is not complete" : "no JSON");
    }

    /// <summary>
    /// Why a check cannot be loaded; null where it can. The Agent notes each instance that could not be made there too: a check of which an instance runs, or
    /// could not be configured, is loaded.
    /// </summary>
    public string? CannotLoad(string check) =>
        LoaderErrors.TryGetValue(check, out IReadOnlyList<string>? errors) && !ConfigureErrors.ContainsKey(check) && !Instances.Any(instance => instance.Name == check) ? errors[^1] : null;

    /// <summary>Whether it is at least of this version; true when it does not say.</summary>
    public bool IsAtLeast(int major, int minor)
    {
        int[] parts = [.. (Version ?? "").Split('.', '-', '+').Take(2).Select(static part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)];
        return parts.Length < 2 || parts.Contains(-1) || parts[0] > major || (parts[0] == major && parts[1] >= minor);
    }

    private static IEnumerable<int> LineStarts(string text)
    {
        for (int i = 0; i >= 0 && i < text.Length; i = text.IndexOf('\n', i) is >= 0 and int next ? next + 1 : -1)
        {
            int start = i;
            while (start < text.Length && text[start] is ' ' or '\t' or '\r' or '\uFEFF') start++;
            if (start < text.Length) yield return start;
        }
    }

    // Checks by name, then by id.
    private static IEnumerable<AgentCheckInstance> InstancesOf(JsonNode? checks)
    {
        foreach ((string name, JsonNode? ids) in checks as JsonObject ?? [])
        {
            foreach ((string id, JsonNode? one) in ids as JsonObject ?? [])
            {
                if (one is JsonObject stats) yield return new AgentCheckInstance(name, id, stats);
            }
        }
    }

    private static Dictionary<string, IReadOnlyList<string>> Texts(JsonNode? node)
    {
        Dictionary<string, IReadOnlyList<string>> texts = new(StringComparer.Ordinal);
        foreach ((string name, JsonNode? value) in node as JsonObject ?? [])
        {
            string[] leaves = [.. Leaves(value)];
            if (leaves.Length > 0) texts[name] = leaves;
        }

        return texts;
    }

    // The texts below a node, whatever is around them: a list, or a loader by name.
    private static IEnumerable<string> Leaves(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(static one => Leaves(one.Value)),
        JsonArray list => list.SelectMany(Leaves),
        _ => JsonText.Of(node) is { } text && text.Trim().Length > 0 ? [text] : [],
    };

    // Pods by NAMESPACE/POD (UID), perhaps below the name of a provider; the messages are the keys of an object, the way Go writes a set.
    private static void ReadPods(JsonNode? node, Dictionary<string, List<string>> pods)
    {
        foreach ((string key, JsonNode? value) in node as JsonObject ?? [])
        {
            if (PodName.Match(key) is not { Success: true } match)
            {
                ReadPods(value, pods);
                continue;
            }

            string name = $"{match.Groups["namespace"].Value}/{match.Groups["pod"].Value}";
            if (!pods.TryGetValue(name, out List<string>? known)) pods[name] = known = [];
            known.AddRange((value is JsonObject set ? set.Select(static one => one.Key) : Leaves(value)).Where(text => text.Trim().Length > 0 && !known.Contains(text)));
        }
    }
}

/// <summary>One instance of a check, as an Agent tells of it.</summary>
internal sealed class AgentCheckInstance
{
    /// <summary>What the provider of annotations puts before the id of a container.</summary>
    public const string ContainerPrefix = "container:";

    public AgentCheckInstance(string name, string id, JsonObject json)
    {
        Name = AgentJson.Text(json["CheckName"]) ?? name;
        Id = AgentJson.Text(json["CheckID"]) ?? id;
        Version = AgentJson.Text(json["CheckVersion"]) is { Length: > 0 } version && !version.StartsWith("unversioned", StringComparison.OrdinalIgnoreCase) ? version : null;
        Source = AgentJson.Text(json["CheckConfigSource"]) ?? "";
        Interval = AgentJson.Number(json[nameof(Interval)]) is > 0 and double nanoseconds ? TimeSpan.FromSeconds(nanoseconds / 1e9) : null;
        Runs = AgentJson.Number(json["TotalRuns"]);
        LastRun = AgentJson.Seconds(json["UpdateTimestamp"]);
        HasLastSuccess = json["LastSuccessDate"] is not null;
        LastSuccess = AgentJson.Seconds(json["LastSuccessDate"]);
        Error = AgentCheckError.Read(json["LastError"] is JsonArray or JsonObject ? json["LastError"]!.ToJsonString() : AgentJson.Text(json["LastError"]));
        Warnings = [.. (json["LastWarnings"] as JsonArray ?? []).Select(AgentJson.Text).OfType<string>().Where(static text => text.Trim().Length > 0)];
        Samples = AgentJson.Number(json["MetricSamples"]);
        TotalSamples = AgentJson.Number(json["TotalMetricSamples"]);
        Duration = TimeSpan.FromMilliseconds(AgentJson.Number(json["LastExecutionTime"]) is > 0 and double milliseconds ? milliseconds : 0);
        Delay = TimeSpan.FromSeconds(AgentJson.Number(json["LastDelay"]) is > 0 and double seconds ? seconds : 0);
    }

    /// <summary>The check, such as <c>openmetrics</c>.</summary>
    public string Name { get; }

    /// <summary><c>NAME:HASH</c>, or <c>NAME:NAMESPACE:HASH</c>.</summary>
    public string Id { get; }

    /// <summary>The version of the check's package; null when the Agent does not say.</summary>
    public string? Version { get; }

    /// <summary>Where the configuration comes from: <c>container:RUNTIME://ID</c>, <c>file:PATH</c>; empty when the Agent does not say.</summary>
    public string Source { get; }

    /// <summary>The id of the container whose pod has the annotations, as the pod's status has it; null for other sources.</summary>
    public string? ContainerId => Source.StartsWith(ContainerPrefix, StringComparison.Ordinal) ? Source[ContainerPrefix.Length..] : null;

    /// <summary>The file it comes from; null for other sources.</summary>
    public string? File => Source.StartsWith("file:", StringComparison.Ordinal) ? Source["file:".Length..] : null;

    /// <summary>The time between two runs; null when the Agent does not say, or runs it once.</summary>
    public TimeSpan? Interval { get; }

    public double? Runs { get; }

    /// <summary>When the last run ended; null = never, or not said.</summary>
    public DateTimeOffset? LastRun { get; }

    /// <summary>Whether the Agent says when the last run without an error was; old ones do not.</summary>
    public bool HasLastSuccess { get; }

    /// <summary>When the last run without an error ended; null = never, or not said.</summary>
    public DateTimeOffset? LastSuccess { get; }

    /// <summary>The error of the last run; null = it had none.</summary>
    public AgentCheckError? Error { get; }

    /// <summary>The warnings of the last run.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The samples of the last run that sent any.</summary>
    public double? Samples { get; }

    /// <summary>The samples of all runs.</summary>
    public double? TotalSamples { get; }

    /// <summary>How long the last run took.</summary>
    public TimeSpan Duration { get; }

    /// <summary>By how much the last run began late.</summary>
    public TimeSpan Delay { get; }
}

/// <summary>A run of a check that is going on.</summary>
/// <param name="Id">The instance's.</param>
/// <param name="Since">When it began; null when the Agent does not say.</param>
internal sealed record RunningInstance(string Id, DateTimeOffset? Since);

/// <summary>Why a run of a check failed.</summary>
/// <param name="Message">The message of the exception, perhaps of several lines.</param>
/// <param name="Exception">The type of the exception; empty when it is not known.</param>
internal sealed record AgentCheckError(string Message, string Exception)
{
    private static readonly Regex Raised = new(@"^([A-Za-z_]\w*\.)*(?<type>\w*(Error|Exception|Timeout))(:|\s*$)", RegexOptions.CultureInvariant | RegexOptions.Multiline);

    /// <summary>The message; before one that says little by itself ('labels'), the type of the exception.</summary>
    public string Text => Exception.Length > 0 && !Message.Trim().Contains(' ', StringComparison.Ordinal)
        ? Message.Trim().Length == 0 ? Exception : $"{Exception}: {Message.Trim()}"
        : Message.Trim();

    /// <summary>Reads the field of a status: of Python checks a list of objects with message and traceback, as a text; of others the text itself.</summary>
    /// <returns>Null where there is no error.</returns>
    public static AgentCheckError? Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        JsonNode? json = null;
        try
        {
            json = JsonText.Parse(text);
        }
        catch (JsonException)
        {
            // Then it is the message.
        }

        JsonObject? first = json as JsonObject ?? (json as JsonArray)?.OfType<JsonObject>().FirstOrDefault();
        if (first is null) return json is JsonArray { Count: 0 } ? null : Plain(JsonText.Of(json) ?? text);
        string type = TypeOf(JsonText.Of(first["traceback"]) ?? "");
        string message = JsonText.Of(first["message"]) ?? "";
        return new AgentCheckError(message.Trim().Length == 0 && type.Length == 0 ? text : message, type);
    }

    // A traceback that stands in a text: its last line is the message.
    private static AgentCheckError Plain(string text)
    {
        int traceback = text.IndexOf("Traceback (most recent call last)", StringComparison.Ordinal);
        if (traceback < 0) return new AgentCheckError(text, "");
        string before = text[..traceback].Trim();
        string last = Last(text);
        return new AgentCheckError(before.Length > 0 ? before : last, before.Length > 0 ? TypeOf(text) : "");
    }

    // The last that looks like one: exceptions that were handled on the way come first, and the message may have lines of its own.
    private static string TypeOf(string traceback) => Raised.Matches(traceback) is { Count: > 0 } found ? found[^1].Groups["type"].Value : "";

    private static string Last(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [.., string last] ? last : "";
}

/// <summary>The values of a status: numbers, whole or not, may be texts.</summary>
internal static class AgentJson
{
    public static string? Text(JsonNode? node) => JsonText.Of(node) ?? (node is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? value.ToJsonString() : null);

    public static double? Number(JsonNode? node) =>
        Text(node) is { } text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    /// <summary>Seconds since 1970; null for 0, which means never.</summary>
    public static DateTimeOffset? Seconds(JsonNode? node) => Number(node) is > 0 and < 1e11 and double seconds ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond)) : null;

    public static DateTimeOffset? Nanoseconds(JsonNode? node) => Number(node) is > 0 and < 1e20 and double nanoseconds ? DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / 100)) : null;

    /// <summary>A time as a text of RFC 3339, or as seconds.</summary>
    public static DateTimeOffset? Time(JsonNode? node) =>
        JsonText.Of(node) is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : Seconds(node);
}
