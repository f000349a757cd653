using System.Text.Json;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Reads a pod of KubeVirt.</summary>
internal ref struct ComponentProjection
{
    private const string VersionLabel = "app.kubernetes.io/version";

    private ObjectMeta _meta;
    private string? _node;
    private string? _image;
    private long? _port;
    private string? _phase;
    private string? _address;
    private PodReadiness _readiness;

    /// <summary>Reads one pod.</summary>
    /// <param name="json">The pod as UTF-8.</param>
    /// <returns>The component; null for a pod that has ended, and for one of another label.</returns>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static KubeVirtComponent? Read(ReadOnlySpan<byte> json)
    {
        JsonCursor reader = new(json);
        ComponentProjection pod = default;
        if (JsonFields.EnterObject(ref reader, "the object"))
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("metadata"u8)) pod._meta = ObjectMeta.Read(ref reader);
                else if (key.SequenceEqual("spec"u8)) pod.ReadSpec(ref reader);
                else if (key.SequenceEqual("status"u8)) pod.ReadStatus(ref reader);
                else reader.Skip();
            }
        }

        return pod.ToComponent();
    }

    private void ReadSpec(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "spec")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("nodeName"u8)) _node = JsonFields.Text(ref reader, "spec.nodeName");
            else if (key.SequenceEqual("containers"u8)) ReadContainers(ref reader);
            else reader.Skip();
        }
    }

    private void ReadContainers(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "spec.containers")) return;
        while (JsonFields.NextObject(ref reader, "spec.containers"))
        {
            (string? image, long? port) = (null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("image"u8)) image = JsonFields.Text(ref reader, "spec.containers.image");
                else if (key.SequenceEqual("ports"u8)) port = MetricsPort(ref reader);
                else reader.Skip();
            }

            // The image with the metrics port, or else the first, is that of the component; others are helpers beside it.
            if (port is not null || _image is null) _image = image;
            _port ??= port;
        }
    }

    private static long? MetricsPort(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "spec.containers.ports")) return null;
        long? found = null;
        while (JsonFields.NextObject(ref reader, "spec.containers.ports"))
        {
            (string? name, long? port) = (null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, "spec.containers.ports.name");
                else if (key.SequenceEqual("containerPort"u8)) port = JsonFields.Whole(ref reader, "spec.containers.ports.containerPort");
                else reader.Skip();
            }

            if (name == ComponentFacts.PortName) found = port;
        }

        return found is null or (> 0 and <= ushort.MaxValue) ? found : throw JsonFields.Wrong("spec.containers.ports.containerPort", "a port number");
    }

    private void ReadStatus(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("phase"u8)) _phase = JsonFields.Text(ref reader, "status.phase");
            else if (key.SequenceEqual("podIP"u8)) _address = JsonFields.Text(ref reader, "status.podIP");
            else if (key.SequenceEqual("conditions"u8)) _readiness.ReadConditions(ref reader);
            else if (key.SequenceEqual("containerStatuses"u8)) _readiness.ReadContainers(ref reader, "status.containerStatuses");
            else if (key.SequenceEqual("initContainerStatuses"u8)) _readiness.ReadContainers(ref reader, "status.initContainerStatuses");
            else reader.Skip();
        }
    }

    private readonly KubeVirtComponent? ToComponent()
    {
        ObjectMeta meta = _meta.Checked();
        if (_phase is "Succeeded" or "Failed" || ComponentFacts.KindOf(meta.Labels.GetValueOrDefault(ComponentFacts.Label)) is not { } kind) return null;
        return new KubeVirtComponent
        {
            Name = meta.Name,
            Namespace = meta.Namespace,
            Component = kind,
            Node = string.IsNullOrEmpty(_node) ? null : _node,
            PodIP = string.IsNullOrEmpty(_address) ? null : _address,
            Port = (int)(_port ?? ComponentFacts.UsualPort),
            Ready = _readiness.IsReady,
            ReadyNote = _readiness.Note(meta.IsDeleted),
            Version = meta.Labels.GetValueOrDefault(VersionLabel) ?? TagOf(_image),
        };
    }

    // registry.example:5000/kubevirt/virt-api:v1.9.0@sha256:...; a digest alone tells no version.
    private static string? TagOf(string? image)
    {
        if (image is null) return null;
        string named = image.Split('@')[0];
        string last = named[(named.LastIndexOf('/') + 1)..];
        int colon = last.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || colon == last.Length - 1 ? null : last[(colon + 1)..];
    }
}
