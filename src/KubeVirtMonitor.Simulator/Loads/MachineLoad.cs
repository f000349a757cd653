using System.Collections.Frozen;
using System.Globalization;

namespace KubeVirtMonitor.Simulator;

/// <summary>
/// What a machine is known to do, so that its usage can be worked out by hand: texts such as <c>cpu=1.5,ready=0.06,read=200,read-latency=8ms</c>.
/// What is not given stays as it is by default. <see cref="Keys"/> lists what can be given.
/// </summary>
public sealed class MachineLoad
{
    private const decimal Thousand = 1000m;

    private readonly FrozenDictionary<string, decimal> _values;

    private MachineLoad(IEnumerable<KeyValuePair<string, decimal>> values) => _values = values.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>How the value of a key is written.</summary>
    internal enum Form
    {
        Number,
        Share,
        Size,
        Duration,
        Flag,
    }

    /// <summary>Nothing is given.</summary>
    public static MachineLoad None { get; } = new([]);

    /// <summary>What can be given, how it is written, and what it means.</summary>
    public static IReadOnlyList<(string Name, string Example, string Description)> Keys { get; } =
        [.. Table.Select(static key => (key.Name, key.Example, key.Description))];

    /// <summary>Whether nothing is given.</summary>
    public bool IsNone => _values.Count == 0;

    /// <summary>The names that are given, such as <c>cpu</c>, <c>ready.1</c>, <c>rootdisk.read</c>.</summary>
    internal IEnumerable<string> Given => _values.Keys;

    internal static (string Name, Form Form, string Example, string Description, string? Part)[] Table =>
    [
        ("cpu", Form.Number, "1.5", "CPUs that the QEMU process uses, in cores; by default the sum of run", null),
        ("system", Form.Number, "0.3", "cores of these in system mode, the rest is user mode; by default four tenths of cpu", null),
        ("run", Form.Share, "0.7", "share of the time that each virtual CPU runs; run.0 for one of them; by default cpu spread over all of them", "vcpu"),
        ("ready", Form.Share, "0.06", "share of the time that each virtual CPU waits for a physical one (delay); ready.0 for one of them", "vcpu"),
        ("wait", Form.Share, "0.06", "the same as the kernel's wait_sum tells it; by default as ready", "vcpu"),
        ("memory", Form.Size, "1.5GiB", "memory that the guest uses: available minus usable", null),
        ("available", Form.Size, "3GiB", "memory that the guest sees", null),
        ("unused", Form.Size, "512MiB", "memory that the guest does not use at all; with memory by default half of what is usable", null),
        ("cached", Form.Size, "512MiB", "memory that the guest uses as a cache; with memory by default half of what is usable", null),
        ("resident", Form.Size, "3.2GiB", "resident memory of the QEMU process", null),
        ("balloon-size", Form.Size, "2GiB", "size of the balloon: both actual_balloon and domain", null),
        ("swap-in", Form.Size, "4KiB", "bytes that the guest reads from swap, per second", null),
        ("swap-out", Form.Size, "8KiB", "bytes that the guest writes to swap, per second", null),
        ("major-faults", Form.Number, "5", "page faults that need the disk, per second", null),
        ("minor-faults", Form.Number, "500", "page faults that do not need the disk, per second", null),
        ("read", Form.Number, "200", "reads per second of the disk rootdisk; cloudinitdisk.read for another one", "drive"),
        ("write", Form.Number, "100", "writes per second, likewise", "drive"),
        ("flush", Form.Number, "10", "flushes per second, likewise", "drive"),
        ("read-latency", Form.Duration, "8ms", "mean time of a read (1ms)", "drive"),
        ("write-latency", Form.Duration, "2.5ms", "mean time of a write (1ms)", "drive"),
        ("flush-latency", Form.Duration, "20ms", "mean time of a flush (1ms)", "drive"),
        ("read-size", Form.Size, "64KiB", "bytes of each read (4KiB)", "drive"),
        ("write-size", Form.Size, "16KiB", "bytes of each write (4KiB)", "drive"),
        ("rx", Form.Size, "10MB", "bytes received per second", null),
        ("tx", Form.Size, "2MB", "bytes sent per second", null),
        ("rx-packets", Form.Number, "1000", "packets received per second", null),
        ("tx-packets", Form.Number, "800", "packets sent per second", null),
        ("rx-errors", Form.Number, "2", "broken packets received per second", null),
        ("tx-errors", Form.Number, "2", "packets per second that could not be sent", null),
        ("rx-drops", Form.Number, "2", "received packets dropped per second", null),
        ("tx-drops", Form.Number, "2", "packets dropped per second before they are sent", null),
        ("load", Form.Number, "2.5", "load of the guest over one minute", null),
        ("load5", Form.Number, "2", "load of the guest over five minutes", null),
        ("load15", Form.Number, "1.5", "load of the guest over fifteen minutes", null),
        ("fs-used", Form.Size, "12GiB", "bytes used on the largest file system (/ or C:)", null),
        ("dirty", Form.Size, "20MiB", "memory that the guest changes per second", null),
        ("agent", Form.Flag, "no", "whether the guest agent answers: without it there are no file systems and no load", null),
        ("balloon", Form.Flag, "no", "whether there are balloon statistics: without them there are no available, usable, unused, cached, swap and faults", null),
    ];

    /// <summary>A value, or null when it is not given.</summary>
    internal decimal? this[string name] => _values.TryGetValue(name, out decimal value) ? value : null;

    /// <summary>Reads a text such as <c>cpu=1.5,ready=0.06</c>.</summary>
    /// <exception cref="FormatException">It cannot be read; the message says what can be given.</exception>
    public static MachineLoad Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Dictionary<string, decimal> values = new(StringComparer.Ordinal);
        foreach (string pair in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new FormatException($"'{pair}' is no part of a load. Write it like cpu=1.5,ready=0.06. {Possible}");
            string name = pair[..equals];
            if (!values.TryAdd(name, Value(name, pair[(equals + 1)..], pair))) throw new FormatException($"'{name}' is given twice.");
        }

        return new MachineLoad(values);
    }

    /// <summary>This load, and what another one gives over it.</summary>
    public MachineLoad With(MachineLoad other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.IsNone ? this : new MachineLoad(_values.Where(pair => !other._values.ContainsKey(pair.Key)).Concat(other._values));
    }

    /// <summary>The load as it can be read again.</summary>
    public override string ToString() => string.Join(',', _values.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}={Text(pair.Key, pair.Value)}"));

    /// <summary>Reads a size such as <c>1000</c>, <c>64KiB</c>, <c>1.5GiB</c>, <c>10MB</c> (millions).</summary>
    /// <exception cref="FormatException">It is none.</exception>
    internal static decimal Size(string text)
    {
        foreach ((string unit, decimal factor) in new[] { ("KiB", 1024m), ("MiB", 1048576m), ("GiB", 1073741824m), ("TiB", 1099511627776m), ("kB", Thousand), ("KB", Thousand), ("MB", 1000000m), ("GB", 1000000000m), ("B", 1m) })
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) && Plain(text[..^unit.Length]) is { } number) return number * factor;
        }

        return Plain(text) ?? throw new FormatException($"'{text}' is not a size. Write it like 1000, 64KiB, 1.5GiB or 10MB.");
    }

    /// <summary>The value of each virtual CPU, or of one of them where it has its own.</summary>
    internal decimal? Vcpu(string name, int id) => this[string.Create(CultureInfo.InvariantCulture, $"{name}.{id}")] ?? this[name];

    /// <summary>The value of a drive; a name without a drive means the root disk.</summary>
    internal decimal? Drive(string name, string drive) => this[$"{drive}.{name}"] ?? (drive == SimulatedVmi.RootDisk ? this[name] : null);

    /// <summary>The share of the time that a virtual CPU runs.</summary>
    internal decimal? Run(int id, int cpus) => Vcpu("run", id) ?? (this["cpu"] is { } cpu ? Math.Min(1 - (Vcpu("ready", id) ?? 0), cpu / cpus) : null);

    /// <summary>The cores that the process uses.</summary>
    internal decimal? Cpu(int cpus) => this["cpu"] ?? (Enumerable.Range(0, cpus).All(id => Vcpu("run", id) is not null) ? Enumerable.Range(0, cpus).Sum(id => Vcpu("run", id)) : null);

    /// <summary>Looks whether a machine can have this load.</summary>
    /// <param name="vmi">The machine.</param>
    /// <param name="literal">Whether it was named; what one of many machines has no series for is left out, what one that was named has none for is a mistake.</param>
    /// <exception cref="FormatException">It cannot.</exception>
    internal void Check(SimulatedVmi vmi, bool literal)
    {
        foreach (string name in _values.Keys)
        {
            if (Split(name) is not { Part: { } part, Kind: { } kind }) continue;
            if (kind == "vcpu" && int.Parse(part, CultureInfo.InvariantCulture) >= vmi.Cpus) throw new FormatException($"'{name}': {vmi.Name} has {vmi.Cpus} virtual CPUs, from 0 to {vmi.Cpus - 1}.");
            if (kind == "drive" && !vmi.Drives.Contains(part)) throw new FormatException($"'{name}': {vmi.Name} has no disk '{part}'. It has: {string.Join(", ", vmi.Drives)}.");
        }

        decimal sum = 0;
        for (int id = 0; id < vmi.Cpus; id++)
        {
            decimal run = Vcpu("run", id) ?? 0;
            sum += run;
            if (run + (Vcpu("ready", id) ?? 0) > 1) throw new FormatException($"run and ready of a virtual CPU are more than 1 together; {vmi.Name} cannot run and wait at the same time.");
        }

        if (this["cpu"] is { } cpu && cpu < sum) throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"cpu={cpu} is less than the {sum} that the virtual CPUs of {vmi.Name} run together."));
        if (this["system"] is { } system && system > (Cpu(vmi.Cpus) ?? decimal.MaxValue)) throw new FormatException("system is a part of cpu, and cannot be more than it.");
        if (this["memory"] is { } memory && memory > (this["available"] ?? vmi.AvailableBytes))
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"memory={memory} is more than the {this["available"] ?? vmi.AvailableBytes} bytes that {vmi.Name} has available."));
        if (!literal) return;
        foreach (string name in _values.Keys)
        {
            string? missing = name switch
            {
                "memory" or "available" or "unused" or "cached" or "swap-in" or "swap-out" or "major-faults" or "minor-faults" when !vmi.HasBalloon => "no balloon statistics; add balloon=yes",
                "load" or "load5" or "load15" or "fs-used" when !vmi.AgentConnected => "no guest agent; add agent=yes",
                "load" or "load5" or "load15" or "cached" when vmi.Windows => "Windows, which does not tell it",
                _ => null,
            };
            if (missing is not null) throw new FormatException($"'{name}': {vmi.Name} has {missing}.");
        }
    }

    private static string Text(string name, decimal value) => Split(name)?.Form switch
    {
        Form.Flag => value == 1 ? "yes" : "no",
        Form.Duration => string.Create(CultureInfo.InvariantCulture, $"{value / 1_000_000:0.######}ms"),
        _ => value.ToString("0.############", CultureInfo.InvariantCulture),
    };

    private static string Possible => $"What can be given: {string.Join(", ", Table.Select(static key => key.Name))}; run, ready and wait also for one virtual CPU (run.0), and what belongs to a disk also for another disk than rootdisk (cloudinitdisk.read).";

    private static (string? Part, string? Kind, Form Form)? Split(string name)
    {
        foreach ((string known, Form form, _, _, string? kind) in Table)
        {
            if (name == known) return (null, kind, form);
            if (kind == "vcpu" && name.StartsWith(known + ".", StringComparison.Ordinal) && int.TryParse(name.AsSpan(known.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)) return (name[(known.Length + 1)..], kind, form);
            if (kind == "drive" && name.EndsWith("." + known, StringComparison.Ordinal)) return (name[..^(known.Length + 1)], kind, form);
        }

        return null;
    }

    private static decimal Value(string name, string text, string pair)
    {
        if (Split(name) is not { } key) throw new FormatException($"'{name}' is not known. {Possible}");
        decimal value = key.Form switch
        {
            Form.Flag => text switch { "yes" or "true" => 1, "no" or "false" => 0, _ => throw new FormatException($"'{pair}': write yes or no.") },
            Form.Size => Size(text),
            Form.Duration => Duration(text, pair),
            _ when text.EndsWith('%') => (Plain(text[..^1]) ?? throw Wrong()) / 100,
            _ => Plain(text) ?? throw Wrong(),
        };
        return key.Form == Form.Share && value > 1 ? throw new FormatException($"'{pair}': a share is from 0 to 1, or a percentage such as 6%.") : value;

        FormatException Wrong() => new($"'{pair}': '{text}' is not a number such as {Table.First(entry => name.Contains(entry.Name, StringComparison.Ordinal)).Example}.");
    }

    /// <summary>A duration in nanoseconds.</summary>
    private static decimal Duration(string text, string pair)
    {
        foreach ((string unit, decimal nanoseconds) in new[] { ("ms", 1_000_000m), ("us", 1000m), ("ns", 1m), ("s", 1_000_000_000m) })
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) && Plain(text[..^unit.Length]) is { } number) return number * nanoseconds;
        }

        throw new FormatException($"'{pair}': '{text}' is not a duration such as 8ms, 250us or 0.5s.");
    }

    private static decimal? Plain(string text) => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number) ? number : null;
}
