using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using System.Text.Json;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Reads a VirtualMachine of <c>kubevirt.io/v1</c>.</summary>
internal struct VmProjection : IObjectProjection
{
    private readonly ListSharing? _sharing;
    private GuestSize _size;
    private string? _runStrategy;
    private bool? _running;
    private string? _instanceType;
    private string? _instanceTypeKind;
    private string? _revision;
    private string? _preference;
    private string? _status;
    private long? _startFailures;
    private Conditions _conditions;
    private ReadOnlyDictionary<string, string>? _templateLabels;

    private VmProjection(ListSharing? sharing) => _sharing = sharing;

    /// <summary>Reads one object.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <param name="session">The session that read it.</param>
    /// <param name="sharing">The list it is of; null = it is of none.</param>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static KubeVirtVM Read(ReadOnlySpan<byte> json, KubeVirtSession? session = null, ListSharing? sharing = null)
    {
        VmProjection vm = new(sharing);
        return vm.ToVM(ObjectMeta.Read(json, ref vm, withAnnotations: false, sharing?.Texts), session);
    }

    [MethodImpl(HotPath.Compile)]
    public void ReadSpec(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "spec")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("runStrategy"u8)) _runStrategy = JsonFields.Text(ref reader, "spec.runStrategy", _sharing?.Texts);
            else if (key.SequenceEqual("running"u8)) _running = JsonFields.Flag(ref reader, "spec.running");
            else if (key.SequenceEqual("instancetype"u8)) ReadInstanceType(ref reader);
            else if (key.SequenceEqual("preference"u8)) ReadPreference(ref reader);
            else if (key.SequenceEqual("template"u8)) ReadTemplate(ref reader);
            else reader.Skip();
        }
    }

    [MethodImpl(HotPath.Compile)]
    private void ReadTemplate(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "spec.template")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("metadata"u8))
            {
                if (!JsonFields.EnterObject(ref reader, "spec.template.metadata")) continue;
                while (JsonFields.Find(ref reader, "labels"u8)) _templateLabels = JsonFields.Map(ref reader, "spec.template.metadata.labels", _sharing?.Texts);
            }
            else if (!key.SequenceEqual("spec"u8)) reader.Skip();
            else if (JsonFields.EnterObject(ref reader, "spec.template.spec"))
            {
                while (JsonFields.Find(ref reader, "domain"u8)) _size.Read(ref reader, "spec.template.spec.domain");
            }
        }
    }

    [MethodImpl(HotPath.Compile)]
    public void ReadStatus(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("printableStatus"u8)) _status = JsonFields.Text(ref reader, "status.printableStatus", _sharing?.Texts);
            else if (key.SequenceEqual("conditions"u8)) _conditions = Conditions.Read(ref reader, _sharing);
            else if (key.SequenceEqual("instancetypeRef"u8)) ReadRevision(ref reader);
            else if (!key.SequenceEqual("startFailure"u8)) reader.Skip();
            else if (JsonFields.EnterObject(ref reader, "status.startFailure"))
            {
                while (JsonFields.Find(ref reader, "consecutiveFailCount"u8)) _startFailures = JsonFields.Integer(ref reader, "status.startFailure.consecutiveFailCount");
            }
        }
    }

    private void ReadInstanceType(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "spec.instancetype")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("name"u8)) _instanceType = JsonFields.Text(ref reader, "spec.instancetype.name", _sharing?.Texts);
            else if (key.SequenceEqual("kind"u8)) _instanceTypeKind = JsonFields.Text(ref reader, "spec.instancetype.kind", _sharing?.Texts);
            else if (key.SequenceEqual("revisionName"u8)) _revision = JsonFields.Text(ref reader, "spec.instancetype.revisionName");
            else reader.Skip();
        }
    }

    private void ReadRevision(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status.instancetypeRef")) return;
        while (JsonFields.Find(ref reader, "controllerRevisionRef"u8))
        {
            if (!JsonFields.EnterObject(ref reader, "status.instancetypeRef.controllerRevisionRef")) continue;
            while (JsonFields.Find(ref reader, "name"u8)) _revision = JsonFields.Text(ref reader, "status.instancetypeRef.controllerRevisionRef.name");
        }
    }

    private void ReadPreference(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "spec.preference")) return;
        while (JsonFields.Find(ref reader, "name"u8)) _preference = JsonFields.Text(ref reader, "spec.preference.name", _sharing?.Texts);
    }

    private readonly KubeVirtVM ToVM(in ObjectMeta meta, KubeVirtSession? session) => new()
    {
        Session = session,
        Name = meta.Name,
        Namespace = meta.Namespace,
        Id = meta.Id,
        Created = meta.Created,
        Labels = meta.Labels,
        TemplateLabels = _templateLabels ?? JsonFields.NoMap,
        Status = _status,
        Ready = _conditions.Has("Ready"),
        RestartRequired = _conditions.Has("RestartRequired"),
        RunStrategy = _runStrategy ?? _running switch { true => "Always", false => "Halted", null => null },
        InstanceType = _instanceType,
        Sizing = _instanceType is null ? null : new InstanceTypeReference(meta.Namespace, _instanceType, _instanceTypeKind, _revision),
        Preference = _preference,
        StartFailures = _startFailures ?? 0,
        VCpus = _instanceType is null ? _size.VCpus : null,
        Memory = _instanceType is null ? _size.Memory : null,
        MigrationProblem = Problems.HasInstance(_conditions) ? Problems.OneLine(_conditions.WhyNot("LiveMigratable", true)) : null,
        Problem = Problems.OneLine(Problems.OfMachine(_status, _startFailures ?? 0, _conditions)),
    };
}
