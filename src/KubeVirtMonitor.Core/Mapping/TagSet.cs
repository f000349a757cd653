using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Dynamic;
using System.Text;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor;

/// <summary>The tags of a sample: an ordered, read-only dictionary. Keys are compared exactly.</summary>
/// <remarks>The non-generic interface is for scripts, which write <c>$sample.Tags.name</c>.</remarks>
public sealed class TagSet : DynamicObject, IReadOnlyDictionary<string, string>, IDictionary
{
    /// <summary>No tags.</summary>
    internal static readonly TagSet Empty = new([]);

    private static readonly string[] Own = [.. typeof(TagSet).GetMembers().Select(member => member.Name)];

    private readonly KeyValuePair<string, string>[] _tags;

    /// <summary>Wraps tags in their order; of two tags with one key, the first is found by name.</summary>
    internal TagSet(IEnumerable<KeyValuePair<string, string>> tags)
        : this(tags.ToArray())
    {
    }

    internal TagSet(KeyValuePair<string, string>[] tags) => _tags = tags;

    internal TagRules? Rules { get; init; }

    /// <inheritdoc/>
    public int Count => _tags.Length;

    /// <inheritdoc cref="IReadOnlyDictionary{TKey, TValue}.Keys"/>
    public IEnumerable<string> Keys => _tags.Select(tag => tag.Key);

    /// <inheritdoc cref="IReadOnlyDictionary{TKey, TValue}.Values"/>
    public IEnumerable<string> Values => _tags.Select(tag => tag.Value);

    ICollection IDictionary.Keys => _tags.Select(tag => tag.Key).ToArray();

    ICollection IDictionary.Values => _tags.Select(tag => tag.Value).ToArray();

    bool IDictionary.IsFixedSize => true;

    bool IDictionary.IsReadOnly => true;

    bool ICollection.IsSynchronized => true;

    object ICollection.SyncRoot => _tags;

    /// <summary>The value of a tag; null where there is no such tag.</summary>
    public string? this[string key] => TryGetValue(key, out string? value) ? value : null;

    string IReadOnlyDictionary<string, string>.this[string key] => this[key] ?? throw new KeyNotFoundException($"There is no tag '{key}'.");

    object? IDictionary.this[object key]
    {
        get => key is string name && TryGetValue(name, out string? value) ? value : null;
        set => throw ReadOnly();
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => TryGetValue(key, out _);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        foreach (KeyValuePair<string, string> tag in _tags)
        {
            if (string.Equals(tag.Key, key, StringComparison.Ordinal))
            {
                value = tag.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_tags).GetEnumerator();

    internal string ValueAt(int ordinal) => _tags[ordinal].Value;

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    IDictionaryEnumerator IDictionary.GetEnumerator() => new Enumerator(_tags);

    bool IDictionary.Contains(object key) => key is string name && ContainsKey(name);

    void IDictionary.Add(object key, object? value) => throw ReadOnly();

    void IDictionary.Clear() => throw ReadOnly();

    void IDictionary.Remove(object key) => throw ReadOnly();

    void ICollection.CopyTo(Array array, int index)
    {
        foreach (KeyValuePair<string, string> tag in _tags) array.SetValue(new DictionaryEntry(tag.Key, tag.Value), index++);
    }

    /// <summary>The value of a tag for scripts that write <c>$sample.Tags.name</c>: null where there is no such tag, also under <c>Set-StrictMode</c>.</summary>
    /// <param name="binder">What the script asks for.</param>
    /// <param name="result">The value.</param>
    /// <returns>False for what is no tag but a member of the dictionary itself, such as <c>Count</c>.</returns>
    public override bool TryGetMember(GetMemberBinder binder, out object? result)
    {
        bool isTag = TryGetValue(binder.Name, out string? value);
        result = value;
        return isTag || !Array.Exists(Own, member => string.Equals(member, binder.Name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary><c>key=value</c> pairs, separated by a comma and a space.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach (KeyValuePair<string, string> tag in _tags)
        {
            if (text.Length > 0) text.Append(", ");
            text.Append(tag.Key).Append('=').Append(tag.Value);
        }

        return text.ToString();
    }

    private static NotSupportedException ReadOnly() => new("Tags are read-only. Select the values into an object of your own to change them.");

    private sealed class Enumerator(KeyValuePair<string, string>[] tags) : IDictionaryEnumerator
    {
        private int _index = -1;

        public DictionaryEntry Entry => new(tags[_index].Key, tags[_index].Value);

        public object Key => tags[_index].Key;

        public object? Value => tags[_index].Value;

        public object Current => Entry;

        public bool MoveNext() => ++_index < tags.Length;

        public void Reset() => _index = -1;
    }
}
