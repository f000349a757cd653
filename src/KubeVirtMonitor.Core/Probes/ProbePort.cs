using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace KubeVirtMonitor;

/// <summary>The port of a probe: a number, or the name of a port that an interface of the machine declares.</summary>
public sealed record ProbePort
{
    /// <summary>A port by its number.</summary>
    /// <param name="number">The number; 1 to 65535 are valid, and others can be held, because a manifest may say so.</param>
    public ProbePort(int number) => Number = number;

    /// <summary>A port by its name, or by a number as text.</summary>
    /// <param name="text">The name, or decimal digits.</param>
    public ProbePort(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)) Number = number;
        else Name = text;
    }

    /// <summary>The number; null for a named port.</summary>
    public int? Number { get; }

    /// <summary>The name; null for a number.</summary>
    public string? Name { get; }

    /// <summary>A port by its number.</summary>
    /// <param name="number">The number.</param>
    [SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "The constructor is the alternate.")]
    public static implicit operator ProbePort(int number) => new(number);

    /// <summary>A port by its name or number.</summary>
    /// <param name="text">The text.</param>
    [SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "The constructor is the alternate.")]
    public static implicit operator ProbePort(string text) => new(text);

    /// <summary>The name, or the number in decimal digits.</summary>
    public override string ToString() => Name ?? Number!.Value.ToString(CultureInfo.InvariantCulture);
}
