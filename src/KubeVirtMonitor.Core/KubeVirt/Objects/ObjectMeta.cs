using System.Collections.ObjectModel;

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

    /// <summary>Reads the object under <c>metadata</c>.</summary>
    /// <param name="reader">Stands before it.</param>
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
