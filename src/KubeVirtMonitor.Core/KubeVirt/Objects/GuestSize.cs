using System.Runtime.CompilerServices;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>vCPUs and memory of a guest, out of <c>spec.domain</c> as virt-launcher works them out: what is set, or else what resources request.</summary>
internal struct GuestSize
{
    private long? _sockets;
    private long? _cores;
    private long? _threads;
    private decimal? _cpuRequest;
    private decimal? _cpuLimit;
    private decimal? _guest;
    private decimal? _memoryRequest;
    private decimal? _memoryLimit;

    /// <summary>Sockets times cores times threads, each 1 where it is missing. Without any of them, the limit of CPUs, or else the request, rounded up; 1 without these.</summary>
    public readonly int VCpus => (_sockets ?? 0) == 0 && (_cores ?? 0) == 0 && (_threads ?? 0) == 0
        ? Count((_cpuLimit ?? _cpuRequest) is { } cpus ? Math.Ceiling(cpus) : 1)
        : Count((decimal)Or1(_sockets) * Or1(_cores) * Or1(_threads));

    /// <summary>Bytes: <c>memory.guest</c>, or else the requested memory, or else its limit; null without any.</summary>
    public readonly long? Memory => Quantity.Bytes(_guest ?? _memoryRequest ?? _memoryLimit);

    /// <summary>Reads the spec of an instance alone, for those whose status does not tell: KubeVirt before 1.1, and instances that have not started.</summary>
    /// <param name="json">The instance as UTF-8.</param>
    [MethodImpl(HotPath.Compile)]
    public static GuestSize OfInstance(ReadOnlySpan<byte> json)
    {
        GuestSize size = default;
        JsonCursor reader = new(json);
        if (!reader.EnterObject()) return size;
        while (JsonFields.Find(ref reader, "spec"u8))
        {
            if (!JsonFields.EnterObject(ref reader, "spec")) continue;
            while (JsonFields.Find(ref reader, "domain"u8)) size.Read(ref reader, "spec.domain");
        }

        return size;
    }

    /// <summary>Reads a domain.</summary>
    /// <param name="reader">Stands before it.</param>
    /// <param name="field">Where it is, for errors.</param>
    [MethodImpl(HotPath.Compile)]
    public void Read(ref JsonCursor reader, string field)
    {
        if (!JsonFields.EnterObject(ref reader, field)) return;
        try
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("cpu"u8)) ReadTopology(ref reader, "cpu");
                else if (key.SequenceEqual("memory"u8)) ReadMemory(ref reader);
                else if (key.SequenceEqual("resources"u8)) ReadResources(ref reader);
                else reader.Skip();
            }
        }
        catch (FormatException wrong)
        {
            throw Within(field, wrong);
        }
    }

    /// <summary>Reads sockets, cores and threads.</summary>
    /// <inheritdoc cref="Read"/>
    [MethodImpl(HotPath.Compile)]
    public void ReadTopology(ref JsonCursor reader, string field)
    {
        if (!JsonFields.EnterObject(ref reader, field)) return;
        try
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("sockets"u8)) _sockets = JsonFields.Integer(ref reader, "sockets");
                else if (key.SequenceEqual("cores"u8)) _cores = JsonFields.Integer(ref reader, "cores");
                else if (key.SequenceEqual("threads"u8)) _threads = JsonFields.Integer(ref reader, "threads");
                else reader.Skip();
            }
        }
        catch (FormatException wrong)
        {
            throw Within(field, wrong);
        }
    }

    private void ReadMemory(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "memory")) return;
        while (JsonFields.Find(ref reader, "guest"u8)) _guest = Quantity.Read(ref reader, "memory.guest");
    }

    private void ReadResources(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "resources")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("requests"u8)) (_cpuRequest, _memoryRequest) = ReadAmounts(ref reader, "resources.requests");
            else if (key.SequenceEqual("limits"u8)) (_cpuLimit, _memoryLimit) = ReadAmounts(ref reader, "resources.limits");
            else reader.Skip();
        }
    }

    private static (decimal? Cpu, decimal? Memory) ReadAmounts(ref JsonCursor reader, string field)
    {
        (decimal? cpu, decimal? memory) = (null, null);
        if (!JsonFields.EnterObject(ref reader, field)) return default;
        try
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("cpu"u8)) cpu = Quantity.Read(ref reader, "cpu");
                else if (key.SequenceEqual("memory"u8)) memory = Quantity.Read(ref reader, "memory");
                else reader.Skip();
            }
        }
        catch (FormatException wrong)
        {
            throw Within(field, wrong);
        }

        return (cpu, memory);
    }

    // The message begins with the name of the field, whose path nobody needs before it is wrong.
    private static FormatException Within(string field, FormatException wrong) => new($"{field}.{wrong.Message}", wrong);

    private static long Or1(long? count) => count is null or 0 ? 1 : count.Value;

    private static int Count(decimal cpus) => (int)Math.Clamp(cpus, 0, int.MaxValue);
}
