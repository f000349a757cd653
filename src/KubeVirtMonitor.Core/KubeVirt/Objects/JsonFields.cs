using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Reads the fields of a Kubernetes object. What is missing or null is absent; what has the wrong type is an error that names the field.</summary>
internal static class JsonFields
{
    public static ReadOnlyDictionary<string, string> NoMap { get; } = new(new Dictionary<string, string>());

    /// <summary>Steps into an object. False when it is absent.</summary>
    public static bool EnterObject(ref JsonCursor reader, string field) =>
        Is(ref reader, JsonValueKind.Object, field, "an object") && reader.EnterObject();

    /// <summary>Steps into an array. False when it is absent.</summary>
    public static bool EnterArray(ref JsonCursor reader, string field) =>
        Is(ref reader, JsonValueKind.Array, field, "an array") && reader.EnterArray();

    /// <summary>Steps into the next item, which has to be an object. False at the end of the array.</summary>
    public static bool NextObject(ref JsonCursor reader, string field)
    {
        while (reader.NextItem())
        {
            if (Is(ref reader, JsonValueKind.Object, field, "an array of objects")) return reader.EnterObject();
        }

        return false;
    }

    /// <summary>Goes to a field of the object and stands before its value; those before it are passed over. False at the end of the object.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Find(ref JsonCursor reader, ReadOnlySpan<byte> name)
    {
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual(name)) return true;
            reader.Skip();
        }

        return false;
    }

    /// <summary>A text; null when it is absent.</summary>
    public static string? Text(ref JsonCursor reader, string field, string expected = "a text") =>
        Is(ref reader, JsonValueKind.String, field, expected) ? reader.ReadText() : null;

    /// <summary>A text somewhere in a document; null when it, or an object on the way to it, is absent.</summary>
    /// <param name="json">The document as UTF-8.</param>
    /// <param name="path">The names on the way to it.</param>
    /// <exception cref="FormatException">Something on the way has the wrong type.</exception>
    public static string? TextAt(ReadOnlySpan<byte> json, params string[] path)
    {
        JsonCursor reader = new(json);
        return At(ref reader, 0);

        string? At(ref JsonCursor reader, int depth)
        {
            string field = depth == 0 ? "the object" : string.Join('.', path[..depth]);
            if (depth == path.Length) return Text(ref reader, field);
            if (!EnterObject(ref reader, field)) return null;
            string? found = null;
            while (Find(ref reader, Encoding.UTF8.GetBytes(path[depth]))) found = At(ref reader, depth + 1);
            return found;
        }
    }

    /// <summary>A truth value; null when it is absent.</summary>
    public static bool? Flag(ref JsonCursor reader, string field)
    {
        if (reader.Kind == JsonValueKind.Null) reader.Skip();
        else return reader.ReadFlag() ?? throw Wrong(field, "true or false");
        return null;
    }

    /// <summary>A whole number; null when it is absent.</summary>
    public static long? Whole(ref JsonCursor reader, string field) =>
        Is(ref reader, JsonValueKind.Number, field, "a whole number") ? reader.ReadNumber() ?? throw Wrong(field, "a whole number") : null;

    /// <summary>The number of a port; null when it is absent.</summary>
    public static int? Port(ref JsonCursor reader, string field) => Whole(ref reader, field) switch
    {
        null => null,
        > 0 and <= ushort.MaxValue and var port => (int)port,
        _ => throw Wrong(field, "a port number"),
    };

    /// <summary>A time; null when it is absent.</summary>
    public static DateTimeOffset? Time(ref JsonCursor reader, string field) =>
        Is(ref reader, JsonValueKind.String, field, "a time") ? reader.ReadTime() ?? throw Wrong(field, "a time") : null;

    /// <summary>Texts by name, such as labels; empty when absent.</summary>
    public static ReadOnlyDictionary<string, string> Map(ref JsonCursor reader, string field)
    {
        if (!EnterObject(ref reader, field)) return NoMap;
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        while (reader.NextField(out ReadOnlySpan<byte> raw))
        {
            string key = Encoding.UTF8.GetString(raw);
            map[key] = Text(ref reader, $"{field}['{key}']") ?? "";
        }

        return map.Count == 0 ? NoMap : new(map);
    }

    /// <summary>Reason and message of a state in one line; empty where there is neither.</summary>
    public static string Joined(string? reason, string? message) =>
        string.IsNullOrEmpty(reason) ? message ?? "" : string.IsNullOrEmpty(message) ? reason : $"{reason}: {message}";

    public static FormatException Wrong(string field, string expected) => new($"{field} is not {expected}");

    private static bool Is(ref JsonCursor reader, JsonValueKind kind, string field, string expected)
    {
        JsonValueKind found = reader.Kind;
        if (found == kind) return true;
        if (found != JsonValueKind.Null) throw Wrong(field, expected);
        reader.Skip();
        return false;
    }
}

/// <summary>The metadata of an object, as far as it is used.</summary>
internal struct ObjectMeta
{
    private ReadOnlyDictionary<string, string>? _labels;

    /// <summary>The name; empty until it is read.</summary>
    public string Name { readonly get; private set; }

    /// <summary>The namespace; empty for what lives in none.</summary>
    public string Namespace { readonly get; private set; }

    public string? Uid { readonly get; private set; }

    public DateTimeOffset? Created { readonly get; private set; }

    /// <summary>Whether it is being deleted, and it is not gone yet.</summary>
    public bool IsDeleted { readonly get; private set; }

    /// <summary>The object that manages this one; null when nobody does.</summary>
    public string? ControllerKind { readonly get; private set; }

    public string? ControllerName { readonly get; private set; }

    public ReadOnlyDictionary<string, string> Labels
    {
        readonly get => _labels ?? JsonFields.NoMap;
        private set => _labels = value;
    }

    /// <summary>Annotations, where they were asked for.</summary>
    public ReadOnlyDictionary<string, string>? Annotations { readonly get; private set; }

    /// <summary>Reads the object under <c>metadata</c>.</summary>
    /// <param name="reader">A reader that is positioned before it.</param>
    /// <param name="withAnnotations">Whether annotations are kept too: some are as large as the object.</param>
    public static ObjectMeta Read(ref JsonCursor reader, bool withAnnotations = false)
    {
        ObjectMeta meta = new() { Name = "", Namespace = "" };
        if (!JsonFields.EnterObject(ref reader, "metadata")) return meta;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("name"u8)) meta.Name = JsonFields.Text(ref reader, "metadata.name") ?? "";
            else if (key.SequenceEqual("namespace"u8)) meta.Namespace = JsonFields.Text(ref reader, "metadata.namespace") ?? "";
            else if (key.SequenceEqual("uid"u8)) meta.Uid = JsonFields.Text(ref reader, "metadata.uid");
            else if (key.SequenceEqual("creationTimestamp"u8)) meta.Created = JsonFields.Time(ref reader, "metadata.creationTimestamp");
            else if (key.SequenceEqual("deletionTimestamp"u8)) meta.IsDeleted = JsonFields.Time(ref reader, "metadata.deletionTimestamp") is not null;
            else if (key.SequenceEqual("labels"u8)) meta.Labels = JsonFields.Map(ref reader, "metadata.labels");
            else if (withAnnotations && key.SequenceEqual("annotations"u8)) meta.Annotations = JsonFields.Map(ref reader, "metadata.annotations");
            else if (key.SequenceEqual("ownerReferences"u8)) meta.ReadOwners(ref reader);
            else reader.Skip();
        }

        return meta;
    }

    /// <summary>What was read, when it has a name.</summary>
    /// <exception cref="FormatException">There is no name.</exception>
    public readonly ObjectMeta Checked() => string.IsNullOrEmpty(Name) ? throw new FormatException("metadata.name is missing") : this;

    private void ReadOwners(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "metadata.ownerReferences")) return;
        while (JsonFields.NextObject(ref reader, "metadata.ownerReferences"))
        {
            (string? kind, string? name, bool? controller) = (null, null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("kind"u8)) kind = JsonFields.Text(ref reader, "metadata.ownerReferences.kind");
                else if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, "metadata.ownerReferences.name");
                else if (key.SequenceEqual("controller"u8)) controller = JsonFields.Flag(ref reader, "metadata.ownerReferences.controller");
                else reader.Skip();
            }

            if (controller == true) (ControllerKind, ControllerName) = (kind, name);
        }
    }
}

/// <summary>A condition of an object.</summary>
/// <param name="IsTrue">True or False as the object says it; null when it says Unknown or nothing.</param>
/// <param name="Reason">The reason in one word.</param>
/// <param name="Message">The reason in words.</param>
/// <param name="Since">When it came to this status; null when it does not say.</param>
internal sealed record Condition(bool? IsTrue, string? Reason = null, string? Message = null, DateTimeOffset? Since = null)
{
    private static readonly Condition True = new(true);
    private static readonly Condition False = new(false);
    private static readonly Condition Unknown = new((bool?)null);

    /// <summary>Reason and message in one line; empty where there is neither.</summary>
    public string Why => JsonFields.Joined(Reason, Message);

    /// <summary>The one without a reason, shared by all objects of a list.</summary>
    public static Condition Of(bool? isTrue) => isTrue switch { true => True, false => False, null => Unknown };
}

/// <summary>The conditions of an object by type.</summary>
internal readonly struct Conditions
{
    private readonly List<(string Type, Condition Condition)>? _all;

    private Conditions(List<(string, Condition)> all) => _all = all;

    /// <summary>Reads the array under <c>status.conditions</c>.</summary>
    /// <param name="reader">A reader that is positioned before it.</param>
    /// <param name="withReasons">Whether reason, message and time are kept too: a list of thousands wants the status alone.</param>
    public static Conditions Read(ref JsonCursor reader, bool withReasons = false)
    {
        if (!JsonFields.EnterArray(ref reader, "status.conditions")) return default;
        List<(string, Condition)> all = [];
        while (JsonFields.NextObject(ref reader, "status.conditions"))
        {
            (string? type, bool? isTrue, string? reason, string? message, DateTimeOffset? since) = (null, null, null, null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("type"u8)) type = JsonFields.Text(ref reader, "status.conditions.type");
                else if (key.SequenceEqual("status"u8)) isTrue = JsonFields.Text(ref reader, "status.conditions.status") switch { "True" => true, "False" => false, _ => null };
                else if (!withReasons) reader.Skip();
                else if (key.SequenceEqual("reason"u8)) reason = JsonFields.Text(ref reader, "status.conditions.reason");
                else if (key.SequenceEqual("message"u8)) message = JsonFields.Text(ref reader, "status.conditions.message");
                else if (key.SequenceEqual("lastTransitionTime"u8)) since = JsonFields.Time(ref reader, "status.conditions.lastTransitionTime");
                else reader.Skip();
            }

            if (type is not null) all.Add((type, withReasons ? new Condition(isTrue, reason, message, since) : Condition.Of(isTrue)));
        }

        return new(all);
    }

    /// <summary>One of them; null when the object does not have it.</summary>
    public Condition? this[string type]
    {
        get
        {
            if (_all is null) return null;
            foreach ((string known, Condition condition) in _all)
            {
                if (known == type) return condition;
            }

            return null;
        }
    }

    /// <summary>Whether one of them is True.</summary>
    public bool Has(string type) => this[type]?.IsTrue == true;
}
