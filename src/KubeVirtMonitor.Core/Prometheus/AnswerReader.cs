using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Prometheus;

/// <summary>
/// Reads the answer to a query while it arrives: one series at a time, in a buffer of a window and the longest value. What is said of the whole
/// may stand anywhere, before the series (VictoriaMetrics) or after them (Thanos). Of unknown fields, only the balance of brackets is judged.
/// </summary>
internal sealed class AnswerReader : IDisposable
{
    // The longest set of labels, text or remark. Servers limit labels to far less.
    private const int MostValue = 4 << 20;

    // The longest point that comes in another form than servers write it.
    private const int MostPoint = 4096;

    private const int MostNotes = 100;

    // Far beyond any time, and its milliseconds fit.
    private const double MostSeconds = 1e15;

    private const string NoPair = "a point is no pair of time and value";

    private readonly TextPool _texts = new();
    private readonly List<string> _warnings = [];
    private readonly List<string> _infos = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(128 << 10);
    private int _start;
    private int _end;
    private long _dropped;
    private bool _inBrackets;
    private JsonStructure _structure;
    private QueryPoint[] _points = new QueryPoint[64];
    private int _count;
    private long _histogramsOfSeries;
    private Place _place;
    private Place _after;
    private string? _single;

    private enum Place
    {
        /// <summary>Before the object that everything is in.</summary>
        Start,

        /// <summary>Between its fields.</summary>
        Root,

        /// <summary>Between the fields of <c>data</c>.</summary>
        Data,

        /// <summary>At the value of <c>result</c>.</summary>
        Result,

        /// <summary>Between series.</summary>
        Series,

        /// <summary>Between the fields of a series.</summary>
        Field,

        /// <summary>Between the points of a series.</summary>
        Points,

        /// <summary>Between its native histograms.</summary>
        Histograms,

        /// <summary>In a value that nobody wants.</summary>
        Skipping,

        /// <summary>After the object.</summary>
        End,
    }

    /// <summary>What <see cref="Read"/> found.</summary>
    public QuerySeries Series { get; } = new();

    /// <summary><c>success</c> or <c>error</c>; null where the answer did not say so, and is another's.</summary>
    public string? Status { get; private set; }

    /// <summary><c>vector</c>, <c>matrix</c>, <c>scalar</c> or <c>string</c>; null before it is known.</summary>
    public string? ResultType { get; private set; }

    /// <summary>The kind of error, where there is one.</summary>
    public string? ErrorType { get; private set; }

    /// <summary>What went wrong, where something did.</summary>
    public string? Error { get; private set; }

    /// <summary>Whether the server says that parts are missing; null where it does not say.</summary>
    public bool? IsPartial { get; private set; }

    /// <summary>Whether there was a result, of whatever length.</summary>
    public bool HasResult { get; private set; }

    /// <summary>Points that are native histograms.</summary>
    public long Histograms { get; private set; }

    /// <summary>As the server has them.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>As the server has them.</summary>
    public IReadOnlyList<string> Infos => _infos;

    /// <summary>Whether the answer is whole.</summary>
    public bool IsComplete => _place == Place.End;

    /// <summary>Room for the next bytes.</summary>
    /// <param name="sizeHint">Bytes that are likely to come at once.</param>
    public Memory<byte> GetMemory(int sizeHint)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _dropped += _start;
            _end -= _start;
            _start = 0;
        }

        if (_buffer.Length - _end < sizeHint)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_end + sizeHint, _buffer.Length * 2));
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Says how many bytes were put there.</summary>
    public void Advance(int count) => _end += count;

    /// <summary>Goes to the next whole series that has points.</summary>
    /// <returns>False where more bytes are needed, or the answer is complete.</returns>
    /// <exception cref="JsonException">This is no JSON, or no answer.</exception>
    public bool Read()
    {
        while (true)
        {
            Step step = _place switch
            {
                Place.Points => ReadPoints(),
                Place.Series => ReadSeries(),
                Place.Field => ReadField(),
                Place.Histograms => ReadHistograms(),
                Place.Skipping => Skip(),
                Place.Result => ReadResult(),
                Place.Data => ReadData(),
                Place.Root => ReadRoot(),
                Place.Start => ReadStart(),
                _ => ReadEnd(),
            };
            if (step == Step.Starved)
            {
                if (_end - _start > MostValue) throw Bad("a value is too long");
                return false;
            }

            if (step == Step.Found) return true;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }

    private enum Step
    {
        /// <summary>Goes on.</summary>
        On,

        /// <summary>More bytes are needed.</summary>
        Starved,

        /// <summary>A series is whole.</summary>
        Found,
    }

    private Step ReadStart()
    {
        if (Peek() is not { } next) return Step.Starved;
        if (next != '{') throw Bad("no object begins");
        _start++;
        _place = Place.Root;
        return Step.On;
    }

    private Step ReadEnd() => Peek() is null ? Step.Starved : throw Bad("something follows the answer");

    private Step ReadRoot()
    {
        Step step = Name(Place.End, out ReadOnlySpan<byte> name, out int length);
        if (name.IsEmpty) return step;
        if (name.SequenceEqual("data"u8)) return Enter(length, (byte)'{', Place.Data);
        if (name.SequenceEqual("status"u8)) return Text(length, text => Status = text);
        if (name.SequenceEqual("errorType"u8)) return Text(length, text => ErrorType = text);
        if (name.SequenceEqual("error"u8)) return Text(length, text => Error = text);
        if (name.SequenceEqual("warnings"u8)) return Notes(length, _warnings);
        if (name.SequenceEqual("infos"u8)) return Notes(length, _infos);
        if (!name.SequenceEqual("isPartial"u8)) return BeginSkip(length);
        if (Whole(length) is not { IsEmpty: false } value) return Step.Starved;
        IsPartial = (IsPartial ?? false) || value.SequenceEqual("true"u8);
        return Step.On;
    }

    private Step ReadData()
    {
        Step step = Name(Place.Root, out ReadOnlySpan<byte> name, out int length);
        if (name.IsEmpty)
        {
            if (step != Step.On || _place != Place.Root || _single is null) return step;
            return Single();
        }

        if (name.SequenceEqual("resultType"u8)) return Text(length, text => ResultType = text);
        if (!name.SequenceEqual("result"u8)) return BeginSkip(length);
        _start += length;
        HasResult = true;
        _place = Place.Result;
        return Step.On;
    }

    private Step ReadResult()
    {
        if (Peek() is not { } next) return Step.Starved;
        if (next != '[')
        {
            _after = Place.Data;
            return BeginSkip(0);
        }

        int at = Past(_start + 1);
        if (at == _end) return Step.Starved;
        if (_buffer[at] is (byte)'{' or (byte)']')
        {
            _start++;
            _place = Place.Series;
            return Step.On;
        }

        // A scalar or a text: which one is known for certain only when all of data was read.
        if (Whole(0) is not { IsEmpty: false } value) return Step.Starved;
        JsonCursor pair = new(value);
        _count = 0;
        pair.EnterArray();
        long time = pair.NextItem() ? Milliseconds(pair.ReadRaw(), _start - value.Length) : 0;
        _single = pair.NextItem() ? pair.ReadText() : null;
        if (_single is null) throw Bad(NoPair, _start - value.Length);
        Add(new QueryPoint(time, NumberOf(System.Text.Encoding.UTF8.GetBytes(_single), out double number) ? number : double.NaN));
        _place = Place.Data;
        return Step.On;
    }

    private Step Single()
    {
        Series.Labels.Clear();
        Series.Points = _points.AsMemory(0, 1);
        Series.Text = ResultType == "string" ? _single : null;
        if (ResultType != "string" && !NumberOf(System.Text.Encoding.UTF8.GetBytes(_single!), out _)) throw Bad("a value is no number");
        _single = null;
        return Step.Found;
    }

    private Step ReadSeries()
    {
        if (Peek() is not { } next) return Step.Starved;
        _start++;
        switch (next)
        {
            case (byte)',':
                return Step.On;
            case (byte)']':
                _place = Place.Data;
                return Step.On;
            case (byte)'{':
                Series.Labels.Clear();
                Series.Text = null;
                _count = 0;
                _histogramsOfSeries = 0;
                _place = Place.Field;
                return Step.On;
            default:
                throw Bad("a series is no object", _start - 1);
        }
    }

    private Step ReadField()
    {
        Step step = Name(Place.Series, out ReadOnlySpan<byte> name, out int length);
        if (name.IsEmpty)
        {
            if (step != Step.On || _place != Place.Series) return step;
            Histograms += _histogramsOfSeries;
            if (_count == 0) return Step.On;
            Series.Points = _points.AsMemory(0, _count);
            return Step.Found;
        }

        if (name.SequenceEqual("values"u8)) return Enter(length, (byte)'[', Place.Points);
        if (name.SequenceEqual("histograms"u8)) return Enter(length, (byte)'[', Place.Histograms);
        if (name.SequenceEqual("metric"u8)) return Labels(length);
        if (name.SequenceEqual("value"u8))
        {
            if (Whole(length) is not { IsEmpty: false } pair) return Step.Starved;
            Add(PointOf(pair, _start - pair.Length));
            return Step.On;
        }

        if (name.SequenceEqual("histogram"u8)) _histogramsOfSeries = 1;
        return BeginSkip(length);
    }

    private Step Labels(int length)
    {
        if (Whole(length) is not { IsEmpty: false } value) return Step.Starved;
        JsonCursor labels = new(value);
        Series.Labels.Clear();
        if (!labels.EnterObject()) return Step.On;
        while (labels.NextField(out ReadOnlySpan<byte> name))
        {
            string label = name.Contains((byte)'\\') ? new JsonCursor([(byte)'"', .. name, (byte)'"']).ReadText()! : _texts.Get(name);
            Series.Labels.Add(new(label, labels.ReadText(_texts) ?? ""));
        }

        return Step.On;
    }

    [MethodImpl(HotPath.Compile)]
    private Step ReadPoints()
    {
        ReadOnlySpan<byte> text = _buffer.AsSpan(_start, _end - _start);
        int at = 0;
        while ((uint)at < (uint)text.Length)
        {
            byte next = text[at];
            if (next == '[')
            {
                int length = PointReader.Read(text[at..], out QueryPoint point);
                if (length == 0)
                {
                    length = text[at..].IndexOf((byte)']') + 1;
                    if (length == 0 && text.Length - at > MostPoint) throw Bad(NoPair, _start + at);
                    if (length == 0) break;
                    _start += at;
                    at = 0;
                    text = text[^(_end - _start)..];
                    point = PointOf(text[..length], _start);
                }

                Add(point);
                at += length;
            }
            else if (next == ']')
            {
                _start += at + 1;
                _place = Place.Field;
                return Step.On;
            }
            else if (next is (byte)',' or <= (byte)' ')
            {
                at++;
            }
            else
            {
                throw Bad(NoPair, _start + at);
            }
        }

        _start += at;
        return Step.Starved;
    }

    private Step ReadHistograms()
    {
        if (Peek() is not { } next) return Step.Starved;
        if (next is (byte)',' or (byte)']')
        {
            _start++;
            if (next == ']') _place = Place.Field;
            return Step.On;
        }

        _histogramsOfSeries++;
        _after = Place.Histograms;
        return BeginSkip(0);
    }

    // The name of the next field, and how far its value is from here; empty at the end of the object, or where more is needed.
    private Step Name(Place outside, out ReadOnlySpan<byte> name, out int length)
    {
        name = default;
        length = 0;
        if (Peek() is not { } next) return Step.Starved;
        if (next == ',')
        {
            _start++;
            if (Peek() is not { } follows) return Step.Starved;
            next = follows;
        }

        if (next == '}')
        {
            _start++;
            _place = outside;
            return Step.On;
        }

        if (next != '"') throw Bad("a field has no name");
        int end = EndOfText(_start);
        if (end < 0) return Step.Starved;
        int at = Past(end);
        if (at == _end) return Step.Starved;
        if (_buffer[at] != ':') throw Bad("a field has no value");
        length = at + 1 - _start;
        ReadOnlySpan<byte> found = _buffer.AsSpan(_start + 1, end - _start - 2);
        // Of no name there is no field that anybody wants.
        name = found.IsEmpty ? "-"u8 : found;
        return Step.On;
    }

    private Step Enter(int length, byte bracket, Place inside)
    {
        int at = Past(_start + length);
        if (at == _end) return Step.Starved;
        if (_buffer[at] != bracket) return BeginSkip(length);
        _start = at + 1;
        _place = inside;
        return Step.On;
    }

    private Step Text(int length, Action<string?> take)
    {
        if (Whole(length) is not { IsEmpty: false } value) return Step.Starved;
        take(new JsonCursor(value).ReadText());
        return Step.On;
    }

    private Step Notes(int length, List<string> notes)
    {
        if (Whole(length) is not { IsEmpty: false } value) return Step.Starved;
        JsonCursor list = new(value);
        if (!list.EnterArray()) return Step.On;
        while (list.NextItem())
        {
            if (list.ReadText() is { Length: > 0 } note && notes.Count < MostNotes && !notes.Contains(note)) notes.Add(note);
        }

        return Step.On;
    }

    private Step BeginSkip(int length)
    {
        if (_place != Place.Skipping && _place is not (Place.Histograms or Place.Result)) _after = _place;
        _start += length;
        _structure = default;
        _inBrackets = false;
        _place = Place.Skipping;
        return Step.On;
    }

    private Step Skip()
    {
        // Brackets that were begun go on wherever they are.
        if (!_inBrackets)
        {
            if (Peek() is not { } next) return Step.Starved;
            if (next is not ((byte)'{' or (byte)'['))
            {
                if (Whole(0).IsEmpty) return Step.Starved;
                _place = _after;
                return Step.On;
            }

            _inBrackets = true;
        }

        int length = _structure.FindEnd(_buffer.AsSpan(_start, _end - _start));
        _start = length < 0 ? _end : _start + length;
        if (length < 0) return Step.Starved;
        _inBrackets = false;
        _place = _after;
        return Step.On;
    }

    // The value that begins after so many bytes, which are then passed over with it; empty where it is not whole yet.
    private ReadOnlySpan<byte> Whole(int length)
    {
        int from = Past(_start + length);
        if (from == _end) return default;
        int end;
        switch (_buffer[from])
        {
            case (byte)'{' or (byte)'[':
                JsonStructure structure = default;
                int found = structure.FindEnd(_buffer.AsSpan(from, _end - from));
                end = found < 0 ? -1 : from + found;
                break;
            case (byte)'"':
                end = EndOfText(from);
                break;
            default:
                end = from;
                while (end < _end && _buffer[end] is > (byte)' ' and not ((byte)',' or (byte)'}' or (byte)']')) end++;
                if (end == from) throw Bad("a value is missing");
                // It may go on.
                if (end == _end) end = -1;
                break;
        }

        if (end < 0) return default;
        _start = end;
        return _buffer.AsSpan(from, end - from);
    }

    // After the closing quote; -1 where it did not come yet.
    private int EndOfText(int from)
    {
        for (int at = from + 1; at < _end;)
        {
            int found = _buffer.AsSpan(at, _end - at).IndexOfAny((byte)'"', (byte)'\\');
            if (found < 0) return -1;
            at += found;
            if (_buffer[at] == '"') return at + 1;
            at += 2;
        }

        return -1;
    }

    // The next byte that is no white space, whose place is then the start; null where more are needed.
    private byte? Peek()
    {
        _start = Past(_start);
        return _start < _end ? _buffer[_start] : null;
    }

    private int Past(int at)
    {
        while (at < _end && _buffer[at] <= ' ') at++;
        return at;
    }

    private void Add(QueryPoint point)
    {
        if (_count == _points.Length) Array.Resize(ref _points, _count * 2);
        _points[_count++] = point;
    }

    private QueryPoint PointOf(ReadOnlySpan<byte> pair, int at)
    {
        JsonCursor cursor = new(pair);
        if (cursor.EnterArray() && cursor.NextItem())
        {
            long time = Milliseconds(cursor.ReadRaw(), at);
            if (cursor.NextItem())
            {
                // A server that writes a number as one is understood too.
                bool isText = cursor.Kind == JsonValueKind.String;
                ReadOnlySpan<byte> value = cursor.ReadRaw();
                if (isText) value = value.Contains((byte)'\\') ? System.Text.Encoding.UTF8.GetBytes(new JsonCursor(value).ReadText()!) : value[1..^1];
                if (NumberOf(value, out double number)) return new QueryPoint(time, number);
            }
        }

        throw Bad(NoPair, at);
    }

    private long Milliseconds(ReadOnlySpan<byte> seconds, int at)
    {
        if (!NumberOf(seconds, out double value) || !(Math.Abs(value) < MostSeconds)) throw Bad("a time is no number", at);
        return (long)Math.Round(value * 1000);
    }

    private static bool NumberOf(ReadOnlySpan<byte> text, out double value)
    {
        int length = Exposition.NumberReader.Read(text, out value);
        return length > 0 && length == text.Length;
    }

    private JsonException Bad(string what) => Bad(what, _start);

    private JsonException Bad(string what, int at) => new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{what} at byte {_dropped + at:N0}"));
}
