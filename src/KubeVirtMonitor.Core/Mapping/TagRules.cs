using System.Text;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>How labels become tags on one target: renames, and the tags the target itself adds.</summary>
internal sealed class TagRules
{
    private static readonly KeyValuePair<string, string> UpperBound = new("le", "upper_bound");

    private readonly KeyValuePair<string, string>[] _renames;

    private TagRules(KeyValuePair<string, string>[] renames, KeyValuePair<string, string>[] extra, bool dropAbsent)
    {
        _renames = renames;
        Extra = extra;
        DropAbsent = dropAbsent;
        TargetTags = new TagSet(extra) { Rules = this };
    }

    /// <summary>Tags that follow those of the series.</summary>
    public KeyValuePair<string, string>[] Extra { get; }

    /// <summary>The tags of a series without labels.</summary>
    public TagSet TargetTags { get; }

    /// <summary>Whether <c>&lt;none&gt;</c> and empty values are left out, as KubeVirt before 1.6 and since 1.6 write what is absent.</summary>
    public bool DropAbsent { get; }

    /// <summary>The rules for a component, by the renames of its Agent check.</summary>
    public static TagRules For(ComponentKind? component, TargetInfo target, bool raw)
    {
        List<KeyValuePair<string, string>> extra = [];
        if (!raw)
        {
            if (target.Endpoint is { } endpoint) extra.Add(new("endpoint", endpoint));
            if (target.PodName is { } pod) extra.Add(new("pod_name", pod));
            if (target.KubeNamespace is { } ns) extra.Add(new("kube_namespace", ns));
        }

        foreach (KeyValuePair<string, string> tag in target.AddTags)
        {
            extra.RemoveAll(other => other.Key == tag.Key);
            extra.Add(tag);
        }

        KeyValuePair<string, string>[] renames = raw ? [] : [UpperBound, .. AgentMapping.RenamesOf(component)];
        return new TagRules(renames, [.. extra], !raw);
    }

    /// <summary>The tag name for a label name.</summary>
    public string Rename(string label)
    {
        foreach (KeyValuePair<string, string> rename in _renames)
        {
            if (rename.Key == label) return rename.Value;
        }

        return label;
    }

    /// <summary>Whether a tag of the target takes the place of a series' tag of that name.</summary>
    public bool IsReplaced(string tag)
    {
        foreach (KeyValuePair<string, string> extra in Extra)
        {
            if (extra.Key == tag) return true;
        }

        return false;
    }

    /// <summary>Whether both make the same tags, so that tags made for one serve the other.</summary>
    public bool MakesSameTags(TagRules other) =>
        DropAbsent == other.DropAbsent && _renames.AsSpan().SequenceEqual(other._renames) && Extra.AsSpan().SequenceEqual(other.Extra);
}

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

    // A target has a few dozen label names at most; with more, each is made again, rather than all of them searched for each label.
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
