using System.Buffers;
using System.Collections;
using System.Collections.ObjectModel;

namespace KubeVirtMonitor.Text;

/// <summary>Texts by name in their order, such as labels, in a sixth of the memory of a hash table. Shows itself as <c>app=web, tier=db</c>.</summary>
internal sealed class TextMap : ReadOnlyDictionary<string, string>
{
    private TextMap(Pairs pairs)
        : base(pairs)
    {
    }

    public static new TextMap Empty { get; } = new(new Pairs([]));

    public override string ToString() => string.Join(", ", this.Select(static pair => $"{pair.Key}={pair.Value}"));

    /// <summary>Collects the entries of one map. Of a name that comes twice, the last value counts.</summary>
    internal ref struct Builder
    {
        private string[]? _rented;
        private int _length;

        public void Add(string name, string value)
        {
            for (int i = 0; i < _length; i += 2)
            {
                if (_rented![i] != name) continue;
                _rented[i + 1] = value;
                return;
            }

            if (_rented is null || _length == _rented.Length) Grow();
            _rented![_length++] = name;
            _rented[_length++] = value;
        }

        /// <summary>The map; the builder is empty after it.</summary>
        public TextMap Build()
        {
            if (_rented is null) return Empty;
            TextMap map = new(new Pairs(_rented.AsSpan(0, _length).ToArray()));
            ArrayPool<string>.Shared.Return(_rented, clearArray: true);
            (_rented, _length) = (null, 0);
            return map;
        }

        private void Grow()
        {
            string[] larger = ArrayPool<string>.Shared.Rent(Math.Max(32, _length * 2));
            if (_rented is not null)
            {
                _rented.AsSpan(0, _length).CopyTo(larger);
                ArrayPool<string>.Shared.Return(_rented, clearArray: true);
            }

            _rented = larger;
        }
    }

    // Names and values in turns.
    private sealed class Pairs(string[] texts) : IDictionary<string, string>
    {
        public int Count => texts.Length / 2;

        public bool IsReadOnly => true;

        public ICollection<string> Keys => [.. this.Select(static pair => pair.Key)];

        public ICollection<string> Values => [.. this.Select(static pair => pair.Value)];

        public string this[string key]
        {
            get => TryGetValue(key, out string? value) ? value : throw new KeyNotFoundException($"There is no '{key}'.");
            set => throw new NotSupportedException();
        }

        public bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out string value)
        {
            ArgumentNullException.ThrowIfNull(key);
            for (int i = 0; i < texts.Length; i += 2)
            {
                if (texts[i] != key) continue;
                value = texts[i + 1];
                return true;
            }

            value = null;
            return false;
        }

        public bool ContainsKey(string key) => TryGetValue(key, out _);

        public bool Contains(KeyValuePair<string, string> item) => TryGetValue(item.Key, out string? value) && value == item.Value;

        public void CopyTo(KeyValuePair<string, string>[] array, int arrayIndex)
        {
            foreach (KeyValuePair<string, string> pair in this) array[arrayIndex++] = pair;
        }

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
        {
            for (int i = 0; i < texts.Length; i += 2) yield return new(texts[i], texts[i + 1]);
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public void Add(string key, string value) => throw new NotSupportedException();

        public void Add(KeyValuePair<string, string> item) => throw new NotSupportedException();

        public bool Remove(string key) => throw new NotSupportedException();

        public bool Remove(KeyValuePair<string, string> item) => throw new NotSupportedException();

        public void Clear() => throw new NotSupportedException();
    }
}
