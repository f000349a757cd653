using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Json;

/// <summary>
/// Shares equal texts between the objects of one list: namespaces, nodes, phases and labels are the same thousands of times. Of a fixed size; of two texts that fall
/// on the same place, the later one stays. Not thread-safe.
/// </summary>
internal sealed class TextPool
{
    private const int PlaceBits = 12;

    // What is longer is hardly ever the same twice.
    private const int Longest = 200;

    private readonly string?[] _texts = new string?[1 << PlaceBits];

    /// <summary>The text of bytes without escapes.</summary>
    /// <param name="utf8">UTF-8.</param>
    [MethodImpl(HotPath.Compile)]
    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > Longest) return Encoding.UTF8.GetString(utf8);
        ref string? place = ref _texts[PlaceOf(utf8)];
        // Only what is ASCII throughout is equal; other texts are made anew.
        return place is { } known && Ascii.Equals(utf8, known) ? known : place = Encoding.UTF8.GetString(utf8);
    }

    // Of beginning, end and length: what differs in the middle alone shares a place and is made anew, no more.
    [MethodImpl(HotPath.Compile)]
    private static int PlaceOf(ReadOnlySpan<byte> utf8)
    {
        (ulong first, ulong last) = (0, 0);
        if (utf8.Length >= sizeof(ulong))
        {
            first = BinaryPrimitives.ReadUInt64LittleEndian(utf8);
            last = BinaryPrimitives.ReadUInt64LittleEndian(utf8[^sizeof(ulong)..]);
        }
        else
        {
            foreach (byte one in utf8) first = (first << 8) | one;
        }

        ulong mixed = ((first * 0x9E37_79B9_7F4A_7C15) ^ last ^ (ulong)utf8.Length) * 0xC2B2_AE3D_27D4_EB4F;
        return (int)(mixed >> (64 - PlaceBits));
    }
}
