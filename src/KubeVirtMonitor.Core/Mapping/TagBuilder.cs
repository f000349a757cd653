using System.Text;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>Makes tags from label blocks. One builder shares the strings that its blocks have in common. Not for two threads at once.</summary>
internal sealed class TagBuilder(TagRules rules)
{
    private readonly List<KeyValuePair<byte[], string?>> _keys = [];
    private readonly List<KeyValuePair<string, string>> _tags = [];
    private TagSet _previous = TagSet.Empty;

    /// <summary>The rules by which labels become tags.</summary>
    public TagRules Rules { get; } = rules;

    /// <summary>The tags of a checked block.</summary>
    public TagSet Build(ReadOnlySpan<byte> block)
    {
        _tags.Clear();
        LabelReader labels = new(block);
        while (labels.Read())
        {
            if (Rules.DropAbsent && (labels.Value.IsEmpty || labels.Value.SequenceEqual("<none>"u8))) continue;
            if (KeyOf(labels.Name) is { } key) _tags.Add(new(key, ValueOf(labels.Value, _tags.Count)));
        }

        _tags.AddRange(Rules.Extra);
        return _previous = new TagSet([.. _tags]) { Rules = Rules };
    }

    // A target has a few dozen label names at most; with more, each is made anew, rather than all of them searched for each label.
    private const int MostKeys = 256;

    // Null where a tag of the target takes its place.
    private string? KeyOf(ReadOnlySpan<byte> label)
    {
        foreach (KeyValuePair<byte[], string?> known in _keys)
        {
            if (label.SequenceEqual(known.Key)) return known.Value;
        }

        string key = Rules.Rename(LabelText.Unescape(label));
        string? tag = Rules.IsReplaced(key) ? null : key;
        if (_keys.Count < MostKeys) _keys.Add(new(label.ToArray(), tag));
        return tag;
    }

    // Neighbours mostly share their node, namespace or drive.
    private string ValueOf(ReadOnlySpan<byte> value, int ordinal)
    {
        if (ordinal < _previous.Count && _previous.ValueAt(ordinal) is var before && Ascii.Equals(value, before)) return before;
        return LabelText.Unescape(value);
    }
}
