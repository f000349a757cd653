using System.Buffers;
using System.Text;
using System.Text.Json;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// Reads one page of a list item by item while it arrives. Holds a window of the text, at least as large as the item in it, and never the page.
/// The list's metadata may stand before the items (as Go's own types write it) or behind them (as custom resources do).
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
    private bool _isInItems;
    private bool _hasBegun;

    /// <summary>The token of the next page; null when this was the last. Known once the page has been read to its end.</summary>
    public string? Continue { get; private set; }

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
        while (true)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
            int end = first == '"' ? TextEnd(rest) : rest.IndexOfAny(Ends);
            if (end > 0) return end;
            if (end == 0) throw NoList();
            await FillAsync().ConfigureAwait(false);
        }
    }

    private static int TextEnd(ReadOnlySpan<byte> text)
    {
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '"') return i + 1;
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
        MakeRoom();
        int count = await answer.ReadAsync(_buffer.AsMemory(_end)).ConfigureAwait(false);
        if (count == 0)
        {
            throw _hasBegun
                ? new KubernetesException(KubernetesError.ConnectionFailed, "the list ended in the middle: the connection was cut", "Try again; if it goes on, look for a proxy that cuts long answers.") { IsBreak = true }
                : NoList();
        }

        _end += count;
    }

    private void MakeRoom()
    {
        int held = _end - _start;
        if (held > mostPerItem) throw new KubernetesException(KubernetesError.BadAnswer, $"an item of the list is larger than {mostPerItem / 1024} KiB", "No API server holds objects of that size: check the address.");
        if (_buffer.Length - _end >= _buffer.Length / 4) return;
        byte[] target = held > _buffer.Length / 2 ? ArrayPool<byte>.Shared.Rent(_buffer.Length * 2) : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, held);
        if (!ReferenceEquals(target, _buffer)) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = target;
        _start = 0;
        _end = held;
    }

    private static KubernetesException NoList(Exception? inner = null) =>
        new(KubernetesError.BadAnswer, "the answer is no list of the Kubernetes API", "Check the address in the kubeconfig: something else than an API server may be answering.", inner);
}
