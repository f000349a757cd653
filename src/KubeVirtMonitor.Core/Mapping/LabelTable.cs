namespace KubeVirtMonitor.Mapping;

/// <summary>The distinct label blocks of one target, kept as bytes until someone asks for tags.</summary>
internal sealed class LabelTable
{
    private const int SizeOfTags = 512;

    private readonly object _lock = new();
    private TagSet?[] _tags = [];
    private TagBuilder? _builder;
    private int _made;

    /// <summary>The blocks, with their braces.</summary>
    public ByteTable Blocks { get; } = new();

    /// <summary>Bytes held, about.</summary>
    public long Size => Blocks.Size + (Volatile.Read(ref _made) * (long)SizeOfTags);

    /// <summary>The tags of a block under the rules of a target.</summary>
    public TagSet GetTags(int index, TagRules rules)
    {
        TagSet?[] tags = Volatile.Read(ref _tags);
        if (index < tags.Length && Volatile.Read(ref tags[index]) is { } known && known.Rules == rules) return known;
        lock (_lock)
        {
            if (index >= _tags.Length)
            {
                TagSet?[] larger = new TagSet?[Math.Max(index + 1, Math.Max(_tags.Length * 2, 16))];
                _tags.CopyTo(larger, 0);
                Volatile.Write(ref _tags, larger);
            }

            if (_builder?.Rules != rules) _builder = new TagBuilder(rules);
            if (_tags[index] is null) _made++;
            TagSet made = _builder.Build(Blocks.Get(index));
            Volatile.Write(ref _tags[index], made);
            return made;
        }
    }

    /// <summary>Lets go of the tags that were made; they are made again for whoever asks again.</summary>
    public void ForgetTags()
    {
        lock (_lock)
        {
            Volatile.Write(ref _tags, []);
            _builder = null;
            _made = 0;
        }
    }
}
