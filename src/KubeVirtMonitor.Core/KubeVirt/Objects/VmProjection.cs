using System.Collections.ObjectModel;
using System.Text.Json;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Reads a VirtualMachine of <c>kubevirt.io/v1</c>.</summary>
internal struct VmProjection : IObjectProjection
{
    private string? _runStrategy;
    private bool? _running;
    private string? _instanceType;
    private string? _preference;
    private string? _status;
    private long? _startFailures;
    private Conditions _conditions;
    private ReadOnlyDictionary<string, string>? _templateLabels;

    /// <summary>Reads one object.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static KubeVirtVM Read(ReadOnlySpan<byte> json)
    {
        VmProjection vm = default;
        return vm.ToVM(ObjectMeta.Read(json, ref vm));
    }

    public void ReadSpec(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "spec")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("runStrategy"u8)) _runStrategy = JsonFields.Text(ref reader, "spec.runStrategy");
            else if (key.SequenceEqual("running"u8)) _running = JsonFields.Flag(ref reader, "spec.running");
            else if (key.SequenceEqual("instancetype"u8)) _instanceType = NameIn(ref reader, "spec.instancetype");
            else if (key.SequenceEqual("preference"u8)) _preference = NameIn(ref reader, "spec.preference");
            else if (key.SequenceEqual("template"u8)) ReadTemplate(ref reader);
            else reader.Skip();
        }
    }

    private void ReadTemplate(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "spec.template")) return;
        while (JsonFields.Find(ref reader, "metadata"u8))
        {
            if (!JsonFields.EnterObject(ref reader, "spec.template.metadata")) continue;
            while (JsonFields.Find(ref reader, "labels"u8)) _templateLabels = JsonFields.Map(ref reader, "spec.template.metadata.labels");
        }
    }

    public void ReadStatus(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("printableStatus"u8)) _status = JsonFields.Text(ref reader, "status.printableStatus");
            else if (key.SequenceEqual("conditions"u8)) _conditions = Conditions.Read(ref reader);
            else if (!key.SequenceEqual("startFailure"u8)) reader.Skip();
            else if (JsonFields.EnterObject(ref reader, "status.startFailure"))
            {
                while (JsonFields.Find(ref reader, "consecutiveFailCount"u8)) _startFailures = JsonFields.Integer(ref reader, "status.startFailure.consecutiveFailCount");
            }
        }
    }

    private static string? NameIn(ref JsonCursor reader, string field)
    {
        if (!JsonFields.EnterObject(ref reader, field)) return null;
        string? name = null;
        while (JsonFields.Find(ref reader, "name"u8)) name = JsonFields.Text(ref reader, field + ".name");
        return name;
    }

    private readonly KubeVirtVM ToVM(in ObjectMeta meta) => new()
    {
        Name = meta.Name,
        Namespace = meta.Namespace,
        Uid = meta.Uid,
        Created = meta.Created,
        Labels = meta.Labels,
        TemplateLabels = _templateLabels ?? JsonFields.NoMap,
        Status = _status,
        Ready = _conditions.Has("Ready"),
        RestartRequired = _conditions.Has("RestartRequired"),
        RunStrategy = _runStrategy ?? _running switch { true => "Always", false => "Halted", null => null },
        InstanceType = _instanceType,
        Preference = _preference,
        StartFailures = _startFailures ?? 0,
    };
}
