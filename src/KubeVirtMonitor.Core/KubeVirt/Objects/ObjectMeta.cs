using System.Buffers.Text;
using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>The metadata of an object, as far as anybody asks for it.</summary>
internal struct ObjectMeta
{
    private ReadOnlyDictionary<string, string>? _labels;

    /// <summary>The name; empty until it is read.</summary>
    public string Name { readonly get; private set; }

    /// <summary>The namespace; empty for what lives in none.</summary>
    public string Namespace { readonly get; private set; }

    public readonly string? Uid => Id.Text;

    /// <summary>The unique id.</summary>
    public ObjectUid Id { readonly get; private set; }

    public DateTimeOffset? Created { readonly get; private set; }

    /// <summary>Whether somebody has deleted it, and it is not gone yet.</summary>
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

    /// <summary>Reads an object.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <param name="projection">Takes what it wants of spec and status.</param>
    /// <param name="withAnnotations">Whether annotations are kept too: some are as large as the object.</param>
    /// <param name="texts">Shares equal texts between objects; null = each is made anew.</param>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    [MethodImpl(HotPath.Compile)]
    public static ObjectMeta Read<T>(ReadOnlySpan<byte> json, ref T projection, bool withAnnotations = false, TextPool? texts = null)
        where T : struct, IObjectProjection
    {
        JsonCursor reader = new(json);
        ObjectMeta meta = new() { Name = "", Namespace = "" };
        if (JsonFields.EnterObject(ref reader, "the object"))
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("metadata"u8)) meta.ReadFields(ref reader, withAnnotations, texts);
                else if (key.SequenceEqual("spec"u8)) projection.ReadSpec(ref reader);
                else if (key.SequenceEqual("status"u8)) projection.ReadStatus(ref reader);
                else reader.Skip();
            }
        }

        return meta.Name.Length == 0 ? throw new FormatException("metadata.name is missing") : meta;
    }

    /// <summary>Reads the metadata of an object alone.</summary>
    /// <inheritdoc cref="Read{T}"/>
    public static ObjectMeta Read(ReadOnlySpan<byte> json, bool withAnnotations = false)
    {
        NoProjection nothing = default;
        return Read(json, ref nothing, withAnnotations);
    }

    [MethodImpl(HotPath.Compile)]
    private void ReadFields(ref JsonCursor reader, bool withAnnotations, TextPool? texts)
    {
        if (!JsonFields.EnterObject(ref reader, "metadata")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("name"u8)) Name = JsonFields.Text(ref reader, "metadata.name", texts) ?? "";
            else if (key.SequenceEqual("namespace"u8)) Namespace = JsonFields.Text(ref reader, "metadata.namespace", texts) ?? "";
            else if (key.SequenceEqual("uid"u8)) Id = ObjectUid.Read(ref reader, "metadata.uid");
            else if (key.SequenceEqual("creationTimestamp"u8)) Created = JsonFields.Time(ref reader, "metadata.creationTimestamp");
            else if (key.SequenceEqual("deletionTimestamp"u8)) IsDeleted = JsonFields.Time(ref reader, "metadata.deletionTimestamp") is not null;
            else if (key.SequenceEqual("labels"u8)) Labels = JsonFields.Map(ref reader, "metadata.labels", texts);
            else if (withAnnotations && key.SequenceEqual("annotations"u8)) Annotations = JsonFields.Map(ref reader, "metadata.annotations");
            else if (key.SequenceEqual("ownerReferences"u8)) ReadOwners(ref reader, texts);
            else reader.Skip();
        }
    }

    [MethodImpl(HotPath.Compile)]
    private void ReadOwners(ref JsonCursor reader, TextPool? texts)
    {
        if (!JsonFields.EnterArray(ref reader, "metadata.ownerReferences")) return;
        while (JsonFields.NextObject(ref reader, "metadata.ownerReferences"))
        {
            (string? kind, string? name, bool? controller) = (null, null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("kind"u8)) kind = JsonFields.Text(ref reader, "metadata.ownerReferences.kind", texts);
                else if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, "metadata.ownerReferences.name", texts);
                else if (key.SequenceEqual("controller"u8)) controller = JsonFields.Flag(ref reader, "metadata.ownerReferences.controller");
                else reader.Skip();
            }

            if (controller == true) (ControllerKind, ControllerName) = (kind, name);
        }
    }

    private readonly struct NoProjection : IObjectProjection
    {
        public void ReadSpec(ref JsonCursor reader) => reader.Skip();

        public void ReadStatus(ref JsonCursor reader) => reader.Skip();
    }
}

/// <summary>What is read of the objects of a kind beside their metadata. Each method reads the value that the reader stands before, or skips it.</summary>
internal interface IObjectProjection
{
    void ReadSpec(ref JsonCursor reader);

    void ReadStatus(ref JsonCursor reader);
}

/// <summary>A unique id, in a quarter of the memory of its text.</summary>
internal readonly struct ObjectUid
{
    private readonly Guid _id;
    private readonly string? _other;

    private ObjectUid(Guid id, string? other) => (_id, _other) = (id, other);

    /// <summary>As the object has it; null when it has none.</summary>
    public string? Text => _other ?? (_id == Guid.Empty ? null : _id.ToString());

    public static ObjectUid Of(string? text) => new(Guid.Empty, text);

    public static ObjectUid Read(ref JsonCursor reader, string field)
    {
        JsonCursor ahead = reader;
        ReadOnlySpan<byte> raw = ahead.ReadRawText();
        if (raw.Length != 36 || !Utf8Parser.TryParse(raw, out Guid id, out int length) || length != 36 || raw.IndexOfAnyInRange((byte)'A', (byte)'F') >= 0 || id == Guid.Empty)
            return Of(JsonFields.Text(ref reader, field));
        reader = ahead;
        return new(id, null);
    }
}

/// <summary>A time, or none, in a third of the memory.</summary>
internal readonly struct ObjectTime(DateTimeOffset? time)
{
    // One more than the ticks: an object to which nobody gave a time has 0.
    private readonly long _next = time?.UtcTicks + 1 ?? 0;

    public DateTimeOffset? Value => _next == 0 ? null : new DateTimeOffset(_next - 1, TimeSpan.Zero);
}

/// <summary>A condition of an object.</summary>
/// <param name="IsTrue">True or False as the object says it; null when it says Unknown or nothing.</param>
/// <param name="Reason">The reason in one word.</param>
/// <param name="Message">The reason in words.</param>
/// <param name="Since">When it came to this status; null when it does not tell, or nobody asked.</param>
internal readonly record struct Condition(bool? IsTrue, string? Reason = null, string? Message = null, DateTimeOffset? Since = null)
{
    /// <summary>Reason and message in one line; empty where there is neither.</summary>
    public string Why => JsonFields.Joined(Reason, Message);
}

/// <summary>The conditions of an object by type.</summary>
internal readonly struct Conditions
{
    private readonly List<(string Type, Condition Condition)>? _all;

    private Conditions(List<(string, Condition)> all) => _all = all;

    /// <summary>Reads the array under <c>status.conditions</c>, with reasons, messages and times.</summary>
    /// <param name="reader">Stands before it.</param>
    public static Conditions Read(ref JsonCursor reader) => Read(ref reader, [], withTimes: true, null);

    /// <summary>Reads them for the moment, without times: a list of thousands does with one buffer.</summary>
    /// <param name="reader">Stands before them.</param>
    /// <param name="sharing">The list that the object is of; null = it is of none.</param>
    public static Conditions Read(ref JsonCursor reader, ListSharing? sharing)
    {
        sharing?.Conditions.Clear();
        return Read(ref reader, sharing?.Conditions ?? [], withTimes: false, sharing?.Texts);
    }

    [MethodImpl(HotPath.Compile)]
    private static Conditions Read(ref JsonCursor reader, List<(string, Condition)> all, bool withTimes, TextPool? texts)
    {
        if (!JsonFields.EnterArray(ref reader, "status.conditions")) return default;
        while (JsonFields.NextObject(ref reader, "status.conditions"))
        {
            (string? type, bool? isTrue, string? reason, string? message, DateTimeOffset? since) = (null, null, null, null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("type"u8)) type = JsonFields.Text(ref reader, "status.conditions.type", texts);
                else if (key.SequenceEqual("status"u8)) isTrue = JsonFields.Text(ref reader, "status.conditions.status", texts) switch { "True" => true, "False" => false, _ => null };
                else if (key.SequenceEqual("reason"u8)) reason = JsonFields.Text(ref reader, "status.conditions.reason", texts);
                else if (key.SequenceEqual("message"u8)) message = JsonFields.Text(ref reader, "status.conditions.message", texts);
                else if (withTimes && key.SequenceEqual("lastTransitionTime"u8)) since = JsonFields.Time(ref reader, "status.conditions.lastTransitionTime");
                else reader.Skip();
            }

            if (type is not null) all.Add((type, new Condition(isTrue, reason, message, since)));
        }

        return new(all);
    }

    /// <summary>One of them; null when the object does not have it.</summary>
    public Condition? this[string type]
    {
        [MethodImpl(HotPath.Compile)]
        get
        {
            if (_all is null) return null;
            foreach (ref readonly (string Type, Condition Condition) one in CollectionsMarshal.AsSpan(_all))
            {
                if (one.Type == type) return one.Condition;
            }

            return null;
        }
    }

    /// <summary>Whether one of them is True.</summary>
    public bool Has(string type) => this[type]?.IsTrue == true;

    /// <summary>Why one of them is not as it should be; null where it is, and where the object does not have it.</summary>
    /// <param name="expected">What it should be.</param>
    public string? WhyNot(string type, bool expected) => this[type] is { IsTrue: { } value } condition && value != expected ? condition.Why is { Length: > 0 } why ? why : type : null;
}

/// <summary>What the objects of one list share while it is read: equal texts, and a buffer.</summary>
internal sealed class ListSharing
{
    public TextPool Texts { get; } = new();

    /// <summary>Holds the conditions of one object while it is read.</summary>
    public List<(string Type, Condition Condition)> Conditions { get; } = [];
}
