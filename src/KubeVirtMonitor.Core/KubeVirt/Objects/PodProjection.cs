using System.Text.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Reads a pod: one of KubeVirt itself, or that of an instance.</summary>
internal ref struct PodProjection
{
    private const string VersionLabel = "app.kubernetes.io/version";

    private ObjectMeta _meta;
    private string? _node;
    private string? _image;
    private int? _port;
    private string? _address;
    private PodReadiness _readiness;

    public readonly ObjectMeta Meta => _meta.Checked();

    public readonly string? Node => string.IsNullOrEmpty(_node) ? null : _node;

    public string? Phase { readonly get; private set; }

    public readonly PodReadiness Readiness => _readiness;

    /// <summary>Reads one pod of KubeVirt itself.</summary>
    /// <returns>The component; null for a pod that has ended, and for one of another label.</returns>
    /// <inheritdoc cref="Read"/>
    public static KubeVirtComponent? ReadComponent(ReadOnlySpan<byte> json) => Read(json).ToComponent();

    /// <summary>Reads one pod.</summary>
    /// <param name="json">The pod as UTF-8.</param>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static PodProjection Read(ReadOnlySpan<byte> json)
    {
        JsonCursor reader = new(json);
        PodProjection pod = default;
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

        return pod;
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
            (string? image, int? port) = (null, null);
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

    private static int? MetricsPort(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "spec.containers.ports")) return null;
        int? found = null;
        while (JsonFields.NextObject(ref reader, "spec.containers.ports"))
        {
            (string? name, int? port) = (null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, "spec.containers.ports.name");
                else if (key.SequenceEqual("containerPort"u8)) port = JsonFields.Port(ref reader, "spec.containers.ports.containerPort");
                else reader.Skip();
            }

            if (name == ComponentFacts.PortName) found = port;
        }

        return found;
    }

    private void ReadStatus(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("phase"u8)) Phase = JsonFields.Text(ref reader, "status.phase");
            else if (key.SequenceEqual("podIP"u8)) _address = JsonFields.Text(ref reader, "status.podIP");
            else if (key.SequenceEqual("conditions"u8)) _readiness.Conditions = Conditions.Read(ref reader, withReasons: true);
            else if (key.SequenceEqual("containerStatuses"u8)) _readiness.ReadContainers(ref reader, "status.containerStatuses");
            else if (key.SequenceEqual("initContainerStatuses"u8)) _readiness.ReadContainers(ref reader, "status.initContainerStatuses");
            else reader.Skip();
        }
    }

    private readonly KubeVirtComponent? ToComponent()
    {
        ObjectMeta meta = Meta;
        if (Phase is "Succeeded" or "Failed" || ComponentFacts.KindOf(meta.Labels.GetValueOrDefault(ComponentFacts.Label)) is not { } kind) return null;
        return new KubeVirtComponent
        {
            Name = meta.Name,
            Namespace = meta.Namespace,
            Component = kind,
            Node = Node,
            PodIP = string.IsNullOrEmpty(_address) ? null : _address,
            Port = _port ?? ComponentFacts.UsualPort,
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
