using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Json;

/// <summary>
/// Reads single fields out of one complete JSON value and passes over the rest about ten times faster than a tokenizer: for projections that
/// want a name and a phase out of kilobytes. What is skipped is not validated.
/// </summary>
/// <example><code>
/// JsonCursor vm = new(item);
/// vm.EnterObject();
/// while (vm.NextField(out ReadOnlySpan&lt;byte&gt; name))
/// {
///     if (name.SequenceEqual("kind"u8)) kind = vm.ReadText();
///     else vm.Skip();
/// }
/// </code></example>
internal ref struct JsonCursor
{
    private readonly ReadOnlySpan<byte> _json;
    private int _at;

    /// <summary>Stands before the value.</summary>
    /// <param name="json">One JSON value, UTF-8.</param>
    public JsonCursor(ReadOnlySpan<byte> json)
    {
        _json = json;
    }

    /// <summary>The kind of the value that comes next.</summary>
    /// <exception cref="JsonException">There is none.</exception>
    public JsonValueKind Kind
    {
        [MethodImpl(HotPath.Compile)]
        get => Peek() switch
        {
            (byte)'{' => JsonValueKind.Object,
            (byte)'[' => JsonValueKind.Array,
            (byte)'"' => JsonValueKind.String,
            (byte)'t' => JsonValueKind.True,
            (byte)'f' => JsonValueKind.False,
            (byte)'n' => JsonValueKind.Null,
            (byte)'-' or (>= (byte)'0' and <= (byte)'9') => JsonValueKind.Number,
            _ => throw Bad(),
        };
    }

    /// <summary>Steps into an object.</summary>
    /// <returns>False when the value is no object; it is then skipped.</returns>
    public bool EnterObject() => Enter((byte)'{');

    /// <summary>Steps into an array.</summary>
    /// <returns>False when the value is no array; it is then skipped.</returns>
    public bool EnterArray() => Enter((byte)'[');

    /// <summary>Goes to the next field of the object; its value then has to be read or skipped.</summary>
    /// <param name="name">The name, UTF-8, with escapes as they stand.</param>
    /// <returns>False at the end of the object, which has then been left.</returns>
    [MethodImpl(HotPath.Compile)]
    public bool NextField(out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!Next((byte)'}')) return false;
        name = RawText();
        if (Peek() != ':') throw Bad();
        _at++;
        return true;
    }

    /// <summary>Goes to the next item of the array; it then has to be read or skipped.</summary>
    /// <returns>False at the end of the array, which has then been left.</returns>
    public bool NextItem() => Next((byte)']');

    /// <summary>Reads a text; null when the value is none, which is then skipped.</summary>
    /// <param name="texts">Shares equal texts; null = each is made anew.</param>
    [MethodImpl(HotPath.Compile)]
    public string? ReadText(TextPool? texts = null)
    {
        if (Peek() != '"')
        {
            Skip();
            return null;
        }

        ReadOnlySpan<byte> raw = RawText();
        return raw.Contains((byte)'\\') ? Unescape(raw) : texts?.Get(raw) ?? Encoding.UTF8.GetString(raw);
    }

    /// <summary>Reads a text as it stands, UTF-8 without its quotes, escapes not resolved; empty when the value is no text, which is then skipped.</summary>
    public ReadOnlySpan<byte> ReadRawText()
    {
        if (Peek() == '"') return RawText();
        Skip();
        return default;
    }

    /// <summary>Reads true or false; null when the value is neither, which is then skipped.</summary>
    public bool? ReadFlag()
    {
        ReadOnlySpan<byte> value = ReadRaw();
        return value.SequenceEqual("true"u8) ? true : value.SequenceEqual("false"u8) ? false : null;
    }

    /// <summary>Reads a whole number; null when the value is none, which is then skipped.</summary>
    public long? ReadNumber()
    {
        ReadOnlySpan<byte> value = ReadRaw();
        return Utf8Parser.TryParse(value, out long number, out int length) && length == value.Length ? number : null;
    }

    /// <summary>Reads a time as Kubernetes writes it (RFC 3339); null when the value is none, which is then skipped.</summary>
    [MethodImpl(HotPath.Compile)]
    public DateTimeOffset? ReadTime()
    {
        ReadOnlySpan<byte> value = ReadRaw();
        if (value.Length < 2 || value[0] != '"') return null;
        if (WholeSeconds(value[1..^1]) is { } known) return known;
        Utf8JsonReader reader = new(value);
        return reader.Read() && reader.TryGetDateTimeOffset(out DateTimeOffset time) ? time : null;
    }

    /// <summary>Reads the value as it stands, quotes and brackets included.</summary>
    [MethodImpl(HotPath.Compile)]
    public ReadOnlySpan<byte> ReadRaw()
    {
        Peek();
        int start = _at;
        Skip();
        return _json[start.._at];
    }

    /// <summary>Passes over the value.</summary>
    [MethodImpl(HotPath.Compile)]
    public void Skip()
    {
        switch (Peek())
        {
            case (byte)'{' or (byte)'[':
                JsonStructure structure = default;
                int length = structure.FindEnd(_json[_at..]);
                if (length < 0) throw Bad();
                _at += length;
                break;
            case (byte)'"':
                RawText();
                break;
            default:
                // A number, true, false or null: too short for a search of many bytes at once.
                int start = _at;
                while (_at < _json.Length && _json[_at] is > (byte)' ' and not ((byte)',' or (byte)'}' or (byte)']')) _at++;
                if (_at == start) throw Bad();
                break;
        }
    }

    [MethodImpl(HotPath.Compile)]
    private bool Enter(byte bracket)
    {
        if (Peek() != bracket)
        {
            Skip();
            return false;
        }

        _at++;
        return true;
    }

    [MethodImpl(HotPath.Compile)]
    private bool Next(byte end)
    {
        byte next = Peek();
        if (next == ',')
        {
            _at++;
            next = Peek();
        }

        if (next != end) return true;
        _at++;
        return false;
    }

    [MethodImpl(HotPath.Compile)]
    private ReadOnlySpan<byte> RawText()
    {
        if (Peek() != '"') throw Bad();
        int start = ++_at;
        while (true)
        {
            int found = _json[_at..].IndexOfAny((byte)'"', (byte)'\\');
            if (found < 0) throw Bad();
            _at += found;
            if (_json[_at] == '"') return _json[start.._at++];
            if (_at + 2 > _json.Length) throw Bad();
            _at += 2;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte Peek()
    {
        while (_at < _json.Length)
        {
            byte next = _json[_at];
            if (next > ' ') return next;
            _at++;
        }

        throw Bad();
    }

    // The form of nearly all times, in a fifth of the time that the reader of all forms takes. Null for any other.
    private static DateTimeOffset? WholeSeconds(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> form = "0000-00-00T00:00:00Z"u8;
        if (text.Length != form.Length) return null;
        long digits = 0;
        for (int i = 0; i < form.Length; i++)
        {
            int digit = text[i] - '0';
            if (form[i] != '0' ? text[i] != form[i] : digit is < 0 or > 9) return null;
            if (form[i] == '0') digits = (digits * 10) + digit;
        }

        (long date, long time) = Math.DivRem(digits, 1_000_000);
        (int year, int month, int day) = ((int)(date / 10_000), (int)(date / 100 % 100), (int)(date % 100));
        (int hour, int minute, int second) = ((int)(time / 10_000), (int)(time / 100 % 100), (int)(time % 100));
        return year > 0 && month is > 0 and <= 12 && day > 0 && day <= DateTime.DaysInMonth(year, month) && hour < 24 && minute < 60 && second < 60
            ? new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero)
            : null;
    }

    private static string Unescape(ReadOnlySpan<byte> raw)
    {
        byte[] quoted = [(byte)'"', .. raw, (byte)'"'];
        Utf8JsonReader reader = new(quoted);
        reader.Read();
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("A text holds half of a character.", exception);
        }
    }

    private readonly JsonException Bad() => new($"This is not JSON, at byte {_at}.");
}

/// <summary>Creates an object from one item of a list. Called while the list is still arriving.</summary>
/// <typeparam name="T">The object.</typeparam>
/// <param name="item">The item: one JSON object, UTF-8, valid during the call only. Read it with <see cref="JsonCursor"/>.</param>
internal delegate T JsonProjection<out T>(ReadOnlySpan<byte> item);
