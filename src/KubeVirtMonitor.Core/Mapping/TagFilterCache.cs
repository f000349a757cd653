namespace KubeVirtMonitor.Mapping;

/// <summary>Asks a tag filter once per distinct label block and remembers the answer for the scrape.</summary>
internal sealed class TagFilterCache(Func<TagSet, bool> filter, LabelTable labels, TagRules rules)
{
    private const byte Keep = 1;
    private const byte Drop = 2;

    // Apart from the table's own tags, so that a filter over many machines leaves nothing behind.
    private readonly TagBuilder _builder = new(rules);
    private readonly byte[] _noLabels = new byte[1];
    private byte[] _answers = new byte[256];

    /// <summary>Whether samples of the block are kept.</summary>
    public bool Keeps(int block)
    {
        ref byte answer = ref _noLabels[0];
        if (block >= 0)
        {
            if (block >= _answers.Length) Array.Resize(ref _answers, Math.Max(labels.Blocks.Count, block + 1) * 2);
            answer = ref _answers[block];
        }

        if (answer == 0)
        {
            answer = filter(_builder.Build(block < 0 ? default : labels.Blocks.Get(block))) ? Keep : Drop;
        }

        return answer == Keep;
    }
}
