using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Exposition;

internal ref partial struct ExpositionReader
{
    private const int ManyChecks = 128;

    // Some milliseconds' work.
    private const int LabelsBetweenLooks = 4096;
    private const int EscapesBetweenLooks = 1 << 16;

    [MethodImpl(HotPath.Compile)]
    private void ReadLabels(int start, bool nameRead)
    {
        int i = start + 1;
        int count = 0;
        int nextLook = Math.Min(_maxLabels, LabelsBetweenLooks);
        ReadOnlySpan<byte> greatest = default;
        bool ascending = true;
        bool asBefore = true;
        while (true)
        {
            if (TryMatchTemplate(count, i, out LabelTemplate.Slot slot))
            {
                ReadOnlySpan<byte> known = _data.Slice(slot.Start, slot.Length - 2);
                ascending = asBefore ? slot.Ascending : ascending && known.SequenceCompareTo(greatest) > 0;
                if (ascending) greatest = known;
                i += slot.Length - 1;
            }
            else
            {
                i = SkipBlanks(i);
                if (At(i) == '}') break;
                if (!TryReadLabelName(ref i, ref nameRead, out Range range)) return;
                ReadOnlySpan<byte> label = _data[range];
                if (label.IsEmpty) continue;
                asBefore = false;
                ascending = ascending && label.SequenceCompareTo(greatest) > 0;
                if (ascending) greatest = label;
                Remember(count, label, i, ascending);
            }

            int close = FindQuote(i + 1);
            if (close < 0)
            {
                Fail(i, "the label value is not closed on its line");
                return;
            }

            if (!IsUtf8(_data[(i + 1)..close]))
            {
                Fail(i, "a label value that is not valid UTF-8");
                return;
            }

            if (++count > nextLook)
            {
                // One more than allowed is enough to know.
                if (count > _maxLabels) break;
                _cancellationToken.ThrowIfCancellationRequested();
                nextLook = (int)Math.Min(_maxLabels, (long)nextLook + LabelsBetweenLooks);
            }

            i = close + 1;
            if (At(i) != ',') i = SkipBlanks(i);
            if (At(i) == ',')
            {
                i++;
            }
            else if (At(i) != '}')
            {
                Fail(i, "expected ',' or '}' after the label value");
                return;
            }
        }

        _labelsStart = start;
        _labelsLength = i + 1 - start;
        if (CheckBlock(start, count, nameRead, ascending)) ReadValue(i + 1);
    }

    private readonly bool TryMatchTemplate(int ordinal, int at, out LabelTemplate.Slot slot)
    {
        slot = ordinal < LabelTemplate.Capacity ? _template[ordinal] : default;
        return slot.Length > 0 && _data[at..].StartsWith(_data.Slice(slot.Start, slot.Length));
    }

    private bool CheckBlock(int start, int count, bool nameRead, bool ascending)
    {
        if (count > _maxLabels) return !Fail(start, $"a series with more than {_maxLabels} labels", DefectCause.TooManyLabels);
        if (!nameRead) return !Fail(start, "a series without a metric name");
        return ascending || !HasRepeatedLabel(Labels, count) || !Fail(start, "a label name occurs twice in one series");
    }

    // Leaves the position at the opening quote of the value; an empty label is a metric's name that stood there instead.
    private bool TryReadLabelName(ref int i, ref bool nameRead, out Range label)
    {
        label = default;
        if (At(i) == '"')
        {
            int end = FindQuote(i + 1);
            if (end < 0) return !Fail(i, "the quote is not closed on its line");
            label = (i + 1)..end;
            if (!IsUtf8(_data[label])) return !Fail(i, "a name that is not valid UTF-8");
            if (end == i + 1) return !Fail(i, "a name must not be empty");
            int next = SkipBlanks(end + 1);
            if (!nameRead && At(next) is (byte)',' or (byte)'}')
            {
                nameRead = true;
                _nameStart = i + 1;
                _nameLength = end - i - 1;
                label = default;
                i = At(next) == ',' ? next + 1 : next;
                return true;
            }

            i = end + 1;
        }
        else
        {
            int length = i < _data.Length ? _data[i..].IndexOfAnyExcept(LabelNameBytes) : 0;
            if (length <= 0 || (uint)(At(i) - '0') <= 9) return !Fail(i, "expected a label name or '}'");
            label = i..(i + length);
            i += length;
        }

        i = SkipBlanks(i);
        if (At(i) != '=') return !Fail(i, "expected '=' after the label name");
        i = SkipBlanks(i + 1);
        return At(i) == '"' || !Fail(i, "expected '\"' at the start of the label value");
    }

    private void Remember(int ordinal, ReadOnlySpan<byte> label, int quote, bool ascending)
    {
        if (ordinal >= LabelTemplate.Capacity) return;
        int start = quote - 1 - label.Length;
        bool isPlain = start >= 0 && _data[quote - 1] == '=' && _data.Slice(start, label.Length) == label;
        _template[ordinal] = isPlain ? new LabelTemplate.Slot(start, label.Length + 2, ascending) : default;
    }

    // One look at the whole block is cheaper than one at each text, where there are many of them.
    private bool IsUtf8(ReadOnlySpan<byte> text)
    {
        if (_isAscii) return true;
        if (++_utf8Checks == ManyChecks) _isAscii = Ascii.IsValid(_data[_lineStart..]);
        return Utf8.IsValid(text);
    }

    [MethodImpl(HotPath.Compile)]
    private readonly int FindQuote(int start)
    {
        int i = start;
        int escapes = 0;
        while (true)
        {
            int stop = _data[i..].IndexOfAny((byte)'"', (byte)'\\', (byte)'\n');
            if (stop < 0) return -1;
            i += stop;
            if (_data[i] == '"') return i;
            if (_data[i] == '\n' || At(i + 1) == '\n') return -1;
            if (++escapes % EscapesBetweenLooks == 0) _cancellationToken.ThrowIfCancellationRequested();
            i += 2;
        }
    }

    // A table of the names met so far, so that the time grows with the number of labels and not with its square.
    private readonly bool HasRepeatedLabel(ReadOnlySpan<byte> block, int count)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(count, 1 << 28) * 2);
        int[]? rented = size > 256 ? ArrayPool<int>.Shared.Rent(size * 2) : null;
        Span<int> slots = (rented ?? stackalloc int[512])[..(size * 2)];
        slots.Clear();
        bool repeated = false;
        LabelReader labels = new(block);
        for (int read = 1; !repeated && labels.Read(); read++)
        {
            if (read % LabelsBetweenLooks == 0) _cancellationToken.ThrowIfCancellationRequested();

            // Seeded by the runtime, so that no endpoint can choose names that collide.
            HashCode hash = default;
            hash.AddBytes(labels.Name);
            int slot = hash.ToHashCode() & (size - 1);
            for (; slots[slot * 2] != 0; slot = (slot + 1) & (size - 1))
            {
                repeated = block.Slice(slots[slot * 2], slots[(slot * 2) + 1]).SequenceEqual(labels.Name);
                if (repeated) break;
            }

            _ = block.Overlaps(labels.Name, out slots[slot * 2]);
            slots[(slot * 2) + 1] = labels.Name.Length;
        }

        if (rented is not null) ArrayPool<int>.Shared.Return(rented);
        return repeated;
    }
}
