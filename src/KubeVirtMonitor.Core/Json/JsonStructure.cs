using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Json;

/// <summary>
/// Finds where a JSON object or array ends, without reading what is in it: 64 bytes at a time, as bit masks of quotes, backslashes and brackets.
/// Goes on where it stopped when more bytes arrive. Only the balance of brackets is judged; the contents are judged by whoever reads them.
/// </summary>
internal struct JsonStructure
{
    private const int Block = 64;

    private int _depth;
    private ulong _inString;
    private ulong _escaped;

    /// <summary>Looks for the bracket that closes the first one seen since the state was new.</summary>
    /// <param name="bytes">The bytes that follow those of the call before.</param>
    /// <returns>The index after the closing bracket; -1 when it is not among these bytes, which are then all taken.</returns>
    [MethodImpl(HotPath.Compile)]
    public int FindEnd(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        for (; at + Block <= bytes.Length; at += Block)
        {
            int end = Take(ref Unsafe.Add(ref start, at));
            if (end >= 0) return at + end;
        }

        return TakeRest(bytes[at..]) is >= 0 and int found ? at + found : -1;
    }

    [MethodImpl(HotPath.Compile)]
    private int TakeRest(ReadOnlySpan<byte> rest)
    {
        bool isEscaping = _escaped != 0;
        bool isInString = _inString != 0;
        for (int i = 0; i < rest.Length; i++)
        {
            byte b = rest[i];
            if (isEscaping) isEscaping = false;
            else if (b == '\\') isEscaping = true;
            else if (b == '"') isInString = !isInString;
            else if (isInString) continue;
            else if (b is (byte)'{' or (byte)'[') _depth++;
            else if (b is (byte)'}' or (byte)']' && --_depth == 0)
            {
                _escaped = 0;
                _inString = 0;
                return i + 1;
            }
        }

        _escaped = isEscaping ? 1UL : 0;
        _inString = isInString ? ulong.MaxValue : 0;
        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Take(ref byte block)
    {
        Masks(ref block, out ulong quotes, out ulong backslashes, out ulong open, out ulong close);
        ulong escaped = Escaped(backslashes);
        ulong inString = PrefixXor(quotes & ~escaped) ^ _inString;
        _inString = (ulong)((long)inString >> 63);
        open &= ~inString;
        close &= ~inString;
        int closing = BitOperations.PopCount(close);
        if (closing < _depth)
        {
            // Not even without the opening ones could this block reach the end.
            _depth += BitOperations.PopCount(open) - closing;
            return -1;
        }

        return Walk(open, close);
    }

    [MethodImpl(HotPath.Compile)]
    private int Walk(ulong open, ulong close)
    {
        ulong either = open | close;
        while (either != 0)
        {
            ulong bit = either & (~either + 1);
            if ((open & bit) != 0) _depth++;
            else if (--_depth == 0)
            {
                int end = BitOperations.TrailingZeroCount(bit) + 1;
                _inString = 0;
                _escaped = 0;
                return end;
            }

            either &= either - 1;
        }

        return -1;
    }

    // Which bytes a backslash before them escapes: those after an odd run of backslashes. The carry of the addition
    // walks along each run (the method of Langdale and Lemire's simdjson).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Escaped(ulong backslashes)
    {
        if (backslashes == 0)
        {
            ulong first = _escaped;
            _escaped = 0;
            return first;
        }

        const ulong Even = 0x5555_5555_5555_5555;
        backslashes &= ~_escaped;
        ulong follows = (backslashes << 1) | _escaped;
        ulong oddStarts = backslashes & ~Even & ~follows;
        ulong sum = unchecked(oddStarts + backslashes);
        _escaped = sum < oddStarts ? 1UL : 0;
        return (Even ^ (sum << 1)) & follows;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong PrefixXor(ulong bits)
    {
        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        return bits ^ (bits << 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Masks(ref byte block, out ulong quotes, out ulong backslashes, out ulong open, out ulong close)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<byte> low = Vector256.LoadUnsafe(ref block);
            Vector256<byte> high = Vector256.LoadUnsafe(ref block, 32);
            quotes = Mask(low, high, (byte)'"');
            backslashes = Mask(low, high, (byte)'\\');
            // Braces and brackets differ in this one bit only.
            Vector256<byte> fold = Vector256.Create((byte)0x20);
            open = Mask(low | fold, high | fold, (byte)'{');
            close = Mask(low | fold, high | fold, (byte)'}');
            return;
        }

        quotes = backslashes = open = close = 0;
        Vector128<byte> bit = Vector128.Create((byte)0x20);
        for (int i = 0; i < Block; i += 16)
        {
            Vector128<byte> bytes = Vector128.LoadUnsafe(ref block, (nuint)i);
            quotes |= (ulong)Vector128.Equals(bytes, Vector128.Create((byte)'"')).ExtractMostSignificantBits() << i;
            backslashes |= (ulong)Vector128.Equals(bytes, Vector128.Create((byte)'\\')).ExtractMostSignificantBits() << i;
            open |= (ulong)Vector128.Equals(bytes | bit, Vector128.Create((byte)'{')).ExtractMostSignificantBits() << i;
            close |= (ulong)Vector128.Equals(bytes | bit, Vector128.Create((byte)'}')).ExtractMostSignificantBits() << i;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mask(Vector256<byte> low, Vector256<byte> high, byte value) =>
        Vector256.Equals(low, Vector256.Create(value)).ExtractMostSignificantBits()
        | ((ulong)Vector256.Equals(high, Vector256.Create(value)).ExtractMostSignificantBits() << 32);
}
