using System.IO.Enumeration;

namespace KubeVirtMonitor.Simulator;

/// <summary>A load of machines.</summary>
/// <param name="Machine">A name such as <c>vm-00003</c> or <c>ns3/vm-00003</c>; <c>*</c> and <c>?</c> stand for any letters.</param>
/// <param name="Load">What they do.</param>
public sealed record KnownLoad(string Machine, MachineLoad Load)
{
    /// <summary>Reads a text such as <c>vm-00003:cpu=1.5,ready=0.06</c>.</summary>
    /// <exception cref="FormatException">It cannot be read.</exception>
    public static KnownLoad Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? new KnownLoad(text[..colon], MachineLoad.Parse(text[(colon + 1)..]))
            : throw new FormatException($"'{text}' names no machine. Write it like vm-00003:cpu=1.5,ready=0.06.");
    }

    /// <summary>Whether a name stands for many machines.</summary>
    internal static bool IsPattern(string machine) => machine.AsSpan().IndexOfAny('*', '?') >= 0;

    /// <summary>The running machines of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal static IReadOnlyList<SimulatedVmi> Matches(IReadOnlyList<SimulatedVmi> vmis, string machine)
    {
        SimulatedVmi[] found = [.. vmis.Where(vmi => vmi.Phase == "Running" && (Matches(machine, vmi.Name) || Matches(machine, $"{vmi.Namespace}/{vmi.Name}")))];
        if (found.Length > 0) return found;
        SimulatedVmi[] running = [.. vmis.Where(static vmi => vmi.Phase == "Running")];
        string there = running.Length == 0 ? "No machine runs." : $"There are {running[0].Namespace}/{running[0].Name} to {running[^1].Namespace}/{running[^1].Name}.";
        throw new ArgumentException($"There is no running machine '{machine}'. {there}");
    }

    private static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
