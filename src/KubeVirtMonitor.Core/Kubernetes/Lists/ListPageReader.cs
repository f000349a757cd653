using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// Reads one page of a list item by item while it arrives. Holds a window of the text, at least as large as the item in it, and never the page.
/// The list's metadata may stand before the items (as Go's own types write it) or after them (as custom resources do).
/// </summary>
internal sealed class ListPageReader(AnswerReader answer, int mostPerItem = ListPageReader.MaximumItem) : IDisposable
{
    /// <summary>The largest item that is read, in bytes. The API server takes no object above about 3 MiB.</summary>
    public const int MaximumItem = 16 * 1024 * 1024;

    private const int FirstWindow = 128 * 1024;

    private static readonly SearchValues<byte> Ends = SearchValues.Create(",}] \t\r\n"u8);

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstWindow);
    private int _start;
    private int _end;
    private int _itemLength;
    private long _sinceItem;
    private bool _isInItems;
    private bool _hasBegun;

    /// <summary>The token of the next page; null when this was the last. Known once the page has been read to its end.</summary>
    public string? Continue { get; private set; }

    /// <summary>How many objects the pages after this one hold; null where the server does not say, as with a selector. Known with <see cref="Continue"/>.</summary>
    public long? Remaining { get; private set; }

    /// <summary>The item; valid until the next call of <see cref="NextAsync"/>.</summary>
    public ReadOnlySpan<byte> Current => _buffer.AsSpan(_start, _itemLength);

    /// <summary>Goes to the next item.</summary>
    /// <returns>False at the end of the page.</returns>
    /// <exception cref="KubernetesException">The page was cut off, or is no list.</exception>
    public async ValueTask<bool> NextAsync()
    {
        _start += _itemLength;
        _itemLength = 0;
        while (true)
        {
            if (_isInItems)
            {
                byte next = await PeekAsync(skipCommas: true).ConfigureAwait(false);
                if (next != ']')
                {
                    _itemLength = await MeasureAsync(next).ConfigureAwait(false);
                    _sinceItem = 0;
                    return true;
                }

                _start++;
                _isInItems = false;
            }
            else if (!await NextFieldAsync().ConfigureAwait(false))
            {
                return false;
            }
        }
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    private async ValueTask<bool> NextFieldAsync()
    {
        if (!_hasBegun)
        {
            if (await PeekAsync(skipCommas: false).ConfigureAwait(false) != '{') throw NoList();
            _start++;
            _hasBegun = true;
        }

        byte next = await PeekAsync(skipCommas: true).ConfigureAwait(false);
        if (next == '}') return false;
        if (next != '"') throw NoList();
        string name = Encoding.UTF8.GetString(await TakeValueAsync().ConfigureAwait(false) is { Length: >= 2 } quoted ? quoted.AsSpan()[1..^1] : default);
        if (await PeekAsync(skipCommas: false).ConfigureAwait(false) != ':') throw NoList();
        _start++;
        byte first = await PeekAsync(skipCommas: false).ConfigureAwait(false);
        if (name == "items" && first == '[')
        {
            _start++;
            _isInItems = true;
            return true;
        }

        byte[] value = await TakeValueAsync().ConfigureAwait(false);
        if (name == "metadata") ReadMetadata(value);
        if (name == "kind" && !value.AsSpan().EndsWith("List\""u8)) throw NoList();
        return true;
    }

    private void ReadMetadata(ReadOnlySpan<byte> metadata)
    {
        try
        {
            JsonCursor cursor = new(metadata);
            if (!cursor.EnterObject()) return;
            while (cursor.NextField(out ReadOnlySpan<byte> name))
            {
                if (name.SequenceEqual("continue"u8)) Continue = cursor.ReadText() is { Length: > 0 } token ? token : null;
                else if (name.SequenceEqual("remainingItemCount"u8)) Remaining = cursor.ReadNumber() is > 0 and long count ? count : null;
                else cursor.Skip();
            }
        }
        catch (JsonException exception)
        {
            throw NoList(exception);
        }
    }

    // A small value of the envelope, copied out.
    private async ValueTask<byte[]> TakeValueAsync()
    {
        int length = await MeasureAsync(await PeekAsync(skipCommas: false).ConfigureAwait(false)).ConfigureAwait(false);
        byte[] value = _buffer.AsSpan(_start, length).ToArray();
        _start += length;
        return value;
    }

    /// <summary>Brings the whole value at the start of the window into it.</summary>
    private async ValueTask<int> MeasureAsync(byte first)
    {
        if (first is not ((byte)'{' or (byte)'[')) return await MeasureScalarAsync(first).ConfigureAwait(false);
        JsonStructure structure = default;
        int scanned = 0;
        while (true)
        {
            int end = structure.FindEnd(_buffer.AsSpan(_start + scanned, _end - _start - scanned));
            if (end >= 0) return scanned + end;
            scanned = _end - _start;
            await FillAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<int> MeasureScalarAsync(byte first)
    {
        int scanned = first == '"' ? 1 : 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
            int end = first == '"' ? TextEnd(rest, ref scanned) : NumberEnd(rest, ref scanned);
            if (end > 0) return end;
            if (end == 0) throw NoList();
            await FillAsync().ConfigureAwait(false);
        }
    }

    // Both go on where the bytes before have ended, or a long value would be scanned again with each piece of it.
    private static int NumberEnd(ReadOnlySpan<byte> value, ref int scanned)
    {
        int end = value[scanned..].IndexOfAny(Ends);
        if (end >= 0) return scanned + end;
        scanned = value.Length;
        return -1;
    }

    private static int TextEnd(ReadOnlySpan<byte> text, ref int scanned)
    {
        while (scanned < text.Length)
        {
            int found = text[scanned..].IndexOfAny((byte)'"', (byte)'\\');
            if (found < 0)
            {
                scanned = text.Length;
                break;
            }

            scanned += found;
            if (text[scanned] == '"') return scanned + 1;
            // What a backslash at the end escapes has not come yet.
            if (scanned + 1 == text.Length) break;
            scanned += 2;
        }

        return -1;
    }

    private async ValueTask<byte> PeekAsync(bool skipCommas)
    {
        while (true)
        {
            for (; _start < _end; _start++)
            {
                byte next = _buffer[_start];
                if (next > ' ' && (next != ',' || !skipCommas)) return next;
            }

            await FillAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask FillAsync()
    {
        if (_sinceItem > mostPerItem) throw TooLong();
        MakeRoom();
        int count = await answer.ReadAsync(_buffer.AsMemory(_end)).ConfigureAwait(false);
        if (count == 0)
        {
            throw _hasBegun
                ? new KubernetesException(KubernetesError.ConnectionFailed, "the list is incomplete: the connection was closed", "Try again. If the problem persists, look for a proxy that truncates long responses.") { IsBreak = true }
                : NoList();
        }

        _end += count;
        _sinceItem += count;
    }

    private void MakeRoom()
    {
        int held = _end - _start;
        if (_buffer.Length - _end >= _buffer.Length / 4) return;
        byte[] target = held > _buffer.Length / 2 ? ArrayPool<byte>.Shared.Rent(_buffer.Length * 2) : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, held);
        if (!ReferenceEquals(target, _buffer)) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = target;
        _start = 0;
        _end = held;
    }

    // Blanks, a value without an end, fields without an end: whatever it is, there is no item in it.
    private KubernetesException TooLong() => new(
        KubernetesError.BadAnswer,
        $"an item of the list is larger than {mostPerItem / 1024} KiB",
        "No API server stores objects of that size: check the address.");

    private static KubernetesException NoList(Exception? inner = null) =>
        new(KubernetesError.BadAnswer, "the answer is not a list of the Kubernetes API", "Check the address in the kubeconfig: it may not be an API server.", inner);
}

/// <summary>The uids of the items that have been given out, so that none comes twice when a list has to be begun again.</summary>
internal sealed class ItemIdentity
{
    private readonly HashSet<Guid> _seen = [];

    /// <summary>Notes an item.</summary>
    /// <returns>False when the item has been seen. Items without uid always count as new.</returns>
    public bool Add(ReadOnlySpan<byte> item)
    {
        ReadOnlySpan<byte> uid = FindUid(item);
        return uid.IsEmpty || _seen.Add(ToGuid(uid));
    }

    [MethodImpl(HotPath.Compile)]
    private static ReadOnlySpan<byte> FindUid(ReadOnlySpan<byte> item)
    {
        JsonCursor cursor = new(item);
        if (!cursor.EnterObject()) return default;
        while (cursor.NextField(out ReadOnlySpan<byte> name))
        {
            if (!name.SequenceEqual("metadata"u8))
            {
                cursor.Skip();
                continue;
            }

            if (!cursor.EnterObject()) return default;
            while (cursor.NextField(out ReadOnlySpan<byte> field))
            {
                if (field.SequenceEqual("uid"u8)) return cursor.ReadRawText();
                cursor.Skip();
            }

            return default;
        }

        return default;
    }

    // Uids are UUIDs, but nothing guarantees it (mirror pods have hashes).
    private static Guid ToGuid(ReadOnlySpan<byte> uid)
    {
        if (Utf8Parser.TryParse(uid, out Guid guid, out int length, 'D') && length == uid.Length) return guid;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(uid, hash);
        return new Guid(hash[..16]);
    }
}
