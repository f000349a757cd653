using System.Collections.ObjectModel;
using System.Text.Json;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>The metadata of an object, as far as anybody asks for it.</summary>
internal struct ObjectMeta
{
    private ReadOnlyDictionary<string, string>? _labels;

    /// <summary>The name; empty until it is read.</summary>
    public string Name { readonly get; private set; }

    /// <summary>The namespace; empty for what lives in none.</summary>
    public string Namespace { readonly get; private set; }

    public string? Uid { readonly get; private set; }

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
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static ObjectMeta Read<T>(ReadOnlySpan<byte> json, ref T projection, bool withAnnotations = false)
        where T : struct, IObjectProjection
    {
        JsonCursor reader = new(json);
        ObjectMeta meta = new() { Name = "", Namespace = "" };
        if (JsonFields.EnterObject(ref reader, "the object"))
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("metadata"u8)) meta.ReadFields(ref reader, withAnnotations);
                else if (key.SequenceEqual("spec"u8)) projection.ReadSpec(ref reader);
                else if (key.SequenceEqual("status"u8)) projection.ReadStatus(ref reader);
                else reader.Skip();
            }
        }

        return meta.Name.Length == 0 ? throw new FormatException("metadata.name is missing") : meta;
    }

    /// <summary>Reads the metadata of an object alone.</summary>
    /// <inheritdoc cref="Read{T}"/>
    public static ObjectMeta Read(ReadOnlySpan<byte> json)
    {
        NoProjection nothing = default;
        return Read(json, ref nothing);
    }

    private void ReadFields(ref JsonCursor reader, bool withAnnotations)
    {
        if (!JsonFields.EnterObject(ref reader, "metadata")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("name"u8)) Name = JsonFields.Text(ref reader, "metadata.name") ?? "";
            else if (key.SequenceEqual("namespace"u8)) Namespace = JsonFields.Text(ref reader, "metadata.namespace") ?? "";
            else if (key.SequenceEqual("uid"u8)) Uid = JsonFields.Text(ref reader, "metadata.uid");
            else if (key.SequenceEqual("creationTimestamp"u8)) Created = JsonFields.Time(ref reader, "metadata.creationTimestamp");
            else if (key.SequenceEqual("deletionTimestamp"u8)) IsDeleted = JsonFields.Time(ref reader, "metadata.deletionTimestamp") is not null;
            else if (key.SequenceEqual("labels"u8)) Labels = JsonFields.Map(ref reader, "metadata.labels");
            else if (withAnnotations && key.SequenceEqual("annotations"u8)) Annotations = JsonFields.Map(ref reader, "metadata.annotations");
            else if (key.SequenceEqual("ownerReferences"u8)) ReadOwners(ref reader);
            else reader.Skip();
        }
    }

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

/// <summary>A condition of an object.</summary>
/// <param name="IsTrue">True or False as the object says it; null when it says Unknown or nothing.</param>
/// <param name="Reason">The reason in one word.</param>
/// <param name="Message">The reason in words.</param>
/// <param name="Since">When it came to this status; null when it does not tell.</param>
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
    /// <param name="reader">Stands before it.</param>
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
