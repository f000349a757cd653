using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace KubeVirtMonitor;

/// <summary>A KubeVirt version: major, minor and patch. Pre-release and build parts are read and left out of comparisons.</summary>
/// <param name="Major">Major version.</param>
/// <param name="Minor">Minor version.</param>
/// <param name="Patch">Patch version; <see cref="NewestPatch"/> where a text gives only major and minor.</param>
public readonly record struct KubeVirtVersion(int Major, int Minor, int Patch = 0) : IComparable<KubeVirtVersion>
{
    /// <summary>Stands for the newest patch of a minor version: what people mean who write <c>1.2</c>.</summary>
    public const int NewestPatch = int.MaxValue;

    /// <summary>Reads <c>v1.9.0</c>, <c>1.9</c>, <c>1.9.0-rc.1</c>. Development builds such as <c>v0.0.0-master+…</c> say nothing and are refused.</summary>
    /// <param name="text">The text.</param>
    /// <param name="version">The version.</param>
    /// <returns>False when the text is no version of a release.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out KubeVirtVersion version)
    {
        version = default;
        if (string.IsNullOrWhiteSpace(text)) return false;
        ReadOnlySpan<char> rest = text.AsSpan().Trim().TrimStart('v');
        int cut = rest.IndexOfAny('-', '+');
        if (cut >= 0) rest = rest[..cut];
        Span<Range> parts = stackalloc Range[4];
        int count = rest.Split(parts, '.');
        if (count is < 2 or > 3) return false;
        if (!TryPart(rest[parts[0]], out int major) || !TryPart(rest[parts[1]], out int minor)) return false;
        int patch = NewestPatch;
        if (count == 3 && !TryPart(rest[parts[2]], out patch)) return false;
        if (major == 0 && minor == 0) return false;
        version = new KubeVirtVersion(major, minor, patch);
        return true;
    }

    /// <summary>Reads a version, as <see cref="TryParse"/> does. Converters of text find it by its name.</summary>
    /// <exception cref="FormatException">The text is no version.</exception>
    public static KubeVirtVersion Parse(string text) =>
        TryParse(text, out KubeVirtVersion version)
            ? version
            : throw new FormatException($"'{text}' is not a KubeVirt version. Write it like 1.9 or v1.9.0.");

    /// <inheritdoc/>
    public int CompareTo(KubeVirtVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    /// <inheritdoc/>
    public override string ToString() =>
        Patch == NewestPatch
            ? string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}")
            : string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    /// <summary>Orders versions.</summary>
    public static bool operator <(KubeVirtVersion left, KubeVirtVersion right) => left.CompareTo(right) < 0;

    /// <summary>Orders versions.</summary>
    public static bool operator >(KubeVirtVersion left, KubeVirtVersion right) => left.CompareTo(right) > 0;

    /// <summary>Orders versions.</summary>
    public static bool operator <=(KubeVirtVersion left, KubeVirtVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Orders versions.</summary>
    public static bool operator >=(KubeVirtVersion left, KubeVirtVersion right) => left.CompareTo(right) >= 0;

    private static bool TryPart(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
