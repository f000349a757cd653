using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.TestKit;

/// <summary>Usage with figures that a test names; all others are not known.</summary>
internal static class Usages
{
    /// <summary>When a look ends: 2026-11-28 14:03:05 UTC.</summary>
    public static readonly DateTimeOffset Noon = new(2026, 11, 28, 14, 3, 5, TimeSpan.Zero);

    /// <summary>A machine, by its namespace/name.</summary>
    public static KubeVirtUsage Vm(string place, string? node, params (UsageFigure Figure, double Value)[] figures)
    {
        UsageSums sums = new();
        foreach ((UsageFigure figure, double value) in figures) sums.Set(figure, value);
        string[] names = place.Split('/');
        return new KubeVirtUsage(sums) { Namespace = names[0], Vmi = names[1], Node = node, Timestamp = Noon, Interval = TimeSpan.FromSeconds(10), Refreshed = true };
    }

    /// <summary>A machine of one virtual CPU that uses a part of it, in percent.</summary>
    public static KubeVirtUsage Cpu(string place, double percent, string? node = "node1") => Vm(place, node, (UsageFigure.VCpus, 1), (UsageFigure.VCpusWithUsage, 1), (UsageFigure.CpuUsage, percent / 100), (UsageFigure.CpuOfVCpus, percent / 100));

    /// <summary>A look at machines.</summary>
    public static ScreenLook Look(long number, params KubeVirtUsage[] machines) => new() { Number = number, Time = Noon, Interval = TimeSpan.FromSeconds(10), Machines = machines, Source = "prod, KubeVirt v1.9.0" };

    /// <summary>A key that stands for a character.</summary>
    public static ConsoleKeyInfo Key(char character) => new(character, character switch { ' ' => ConsoleKey.Spacebar, >= 'a' and <= 'z' => (ConsoleKey)(character - 'a' + 'A'), _ => ConsoleKey.None }, char.IsUpper(character), alt: false, control: false);

    /// <summary>A key without a character.</summary>
    public static ConsoleKeyInfo Key(ConsoleKey key) => new('\0', key, shift: false, alt: false, control: false);
}
