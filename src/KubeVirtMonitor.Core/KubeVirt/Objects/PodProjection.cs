using System.Text.Json;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Reads a pod: one of KubeVirt itself, or that of an instance.</summary>
internal struct PodProjection : IObjectProjection
{
    private const string VersionLabel = "app.kubernetes.io/version";

    private string? _node;
    private string? _address;
    private List<PodContainer>? _containers;
    private PodReadiness _readiness;

    public ObjectMeta Meta { readonly get; private set; }

    public string? ServiceAccount { readonly get; private set; }

    public readonly string? Node => string.IsNullOrEmpty(_node) ? null : _node;

    public string? Phase { readonly get; private set; }

    public readonly PodReadiness Readiness => _readiness;

    /// <summary>Reads one pod of KubeVirt itself.</summary>
    /// <returns>The component; null for a pod that has ended, and for one of another label.</returns>
    /// <inheritdoc cref="Read(ReadOnlySpan{byte})"/>
    public static KubeVirtComponent? ReadComponent(ReadOnlySpan<byte> json) => Read(json).ToComponent();

    /// <summary>Reads one pod.</summary>
    /// <param name="json">The pod as UTF-8.</param>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static PodProjection Read(ReadOnlySpan<byte> json) => Read(json, withAnnotations: false);

    /// <summary>Reads one pod with its annotations.</summary>
    /// <inheritdoc cref="Read(ReadOnlySpan{byte})"/>
    public static PodProjection ReadWithAnnotations(ReadOnlySpan<byte> json) => Read(json, withAnnotations: true);

    private static PodProjection Read(ReadOnlySpan<byte> json, bool withAnnotations)
    {
        PodProjection pod = default;
        pod.Meta = ObjectMeta.Read(json, ref pod, withAnnotations);
        return pod;
    }

    /// <summary>A container of its spec; null when it has none of that name.</summary>
    public readonly PodContainer? Container(string name) => _containers?.Find(container => container.Name == name);

    public void ReadSpec(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "spec")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("nodeName"u8)) _node = JsonFields.Text(ref reader, "spec.nodeName");
            else if (key.SequenceEqual("serviceAccountName"u8)) ServiceAccount = JsonFields.Text(ref reader, "spec.serviceAccountName");
            else if (key.SequenceEqual("containers"u8)) ReadContainers(ref reader);
            else reader.Skip();
        }
    }

    private void ReadContainers(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "spec.containers")) return;
        while (JsonFields.NextObject(ref reader, "spec.containers"))
        {
            PodContainer container = new();
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("name"u8)) container.Name = JsonFields.Text(ref reader, "spec.containers.name");
                else if (key.SequenceEqual("image"u8)) container.Image = JsonFields.Text(ref reader, "spec.containers.image");
                else if (key.SequenceEqual("ports"u8)) container.ReadPorts(ref reader);
                else reader.Skip();
            }

            (_containers ??= []).Add(container);
        }
    }

    public void ReadStatus(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("phase"u8)) Phase = JsonFields.Text(ref reader, "status.phase");
            else if (key.SequenceEqual("podIP"u8)) _address = JsonFields.Text(ref reader, "status.podIP");
            else if (key.SequenceEqual("conditions"u8)) _readiness.Conditions = Conditions.Read(ref reader);
            else if (key.SequenceEqual("containerStatuses"u8)) _readiness.ReadContainers(ref reader, "status.containerStatuses");
            else if (key.SequenceEqual("initContainerStatuses"u8)) _readiness.ReadContainers(ref reader, "status.initContainerStatuses");
            else reader.Skip();
        }
    }

    private readonly KubeVirtComponent? ToComponent()
    {
        ObjectMeta meta = Meta;
        // The container with the metrics port, or else the first, is that of the component; others are helpers beside it.
        PodContainer? container = _containers?.Find(static one => one.MetricsPort is not null) ?? _containers?[0];
        if (Phase is "Succeeded" or "Failed" || ComponentFacts.KindOf(meta.Labels.GetValueOrDefault(ComponentFacts.Label)) is not { } kind) return null;
        return new KubeVirtComponent
        {
            Name = meta.Name,
            Namespace = meta.Namespace,
            Component = kind,
            Uid = meta.Uid,
            Node = Node,
            PodIP = string.IsNullOrEmpty(_address) ? null : _address,
            Port = container?.MetricsPort ?? ComponentFacts.UsualPort,
            Ports = container?.Ports ?? [],
            Ready = _readiness.IsReady,
            ReadyNote = _readiness.Note(meta.IsDeleted),
            Version = meta.Labels.GetValueOrDefault(VersionLabel) ?? TagOf(container?.Image),
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

/// <summary>A container of a pod's spec.</summary>
internal sealed class PodContainer
{
    public string? Name { get; set; }

    public string? Image { get; set; }

    /// <summary>Its ports, in the order in which they are written; null when it has none.</summary>
    public List<(string? Name, int Number)>? Ports { get; private set; }

    /// <summary>The highest of its ports; null when it has none.</summary>
    public int? HighestPort => Ports?.Max(static port => port.Number);

    /// <summary>The port by the name that KubeVirt's components give to that of their metrics; null when it has none.</summary>
    public int? MetricsPort { get; private set; }

    public void ReadPorts(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "spec.containers.ports")) return;
        while (JsonFields.NextObject(ref reader, "spec.containers.ports"))
        {
            (string? name, int? port) = (null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, "spec.containers.ports.name");
                else if (key.SequenceEqual("containerPort"u8)) port = JsonFields.Port(ref reader, "spec.containers.ports.containerPort");
                else reader.Skip();
            }

            if (name == ComponentFacts.PortName) MetricsPort = port;
            if (port is { } number) (Ports ??= []).Add((name, number));
        }
    }
}
