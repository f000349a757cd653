using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Mapping;

/// <summary>The distinct label blocks of one target, kept as bytes until someone asks for tags.</summary>
internal sealed class LabelTable
{
    private const int SizeOfTags = 512;

    private readonly object _lock = new();
    private TagSet?[] _tags = [];
    private TagBuilder? _builder;
    private int _made;
    private ulong[] _nextBuckets = [];

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

    /// <summary>Whether a block is known to be the bucket after the block before it: of the same series, with a larger bound that is finite and not negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNextBucket(int block) => (uint)(block >> 6) < (uint)_nextBuckets.Length && ((_nextBuckets[block >> 6] >> block) & 1) != 0;

    /// <summary>Remembers that a block is the bucket after the block before it.</summary>
    public void SetNextBucket(int block)
    {
        if (block >> 6 >= _nextBuckets.Length) Array.Resize(ref _nextBuckets, (Math.Max(Blocks.Count, block + 1) >> 6) + 1);
        _nextBuckets[block >> 6] |= 1UL << block;
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

/// <summary>
/// Distinct byte blocks, numbered in the order in which they came. Blocks lie in slabs, one after the other, so that
/// whoever meets them again in that order reads memory forward and needs neither hash nor object per block.
/// </summary>
internal sealed class ByteTable
{
    private const int FirstSlab = 4096;
    private const int LargestSlab = 1 << 20;
    private const int Growth = 2;

    // Random per process, so that no endpoint can choose labels that collide.
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64();

    private readonly List<byte[]> _slabs = [];
    private Entry[] _entries = new Entry[64];
    private int[] _slots = new int[128];
    private int _free;
    private int _used;

    /// <summary>Number of blocks.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes held.</summary>
    public long Size { get; private set; } = (64 * Unsafe.SizeOf<Entry>()) + (128 * sizeof(int));

    /// <summary>A block by its number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Get(int index)
    {
        ref Entry entry = ref _entries[index];
        return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(entry.Slab), entry.Offset), entry.Length);
    }

    /// <summary>The number of a block, or -1.</summary>
    public int Find(ReadOnlySpan<byte> block) => Probe(block, Hash(block), out _);

    /// <summary>The number of a block, which is added where it is new.</summary>
    public int FindOrAdd(ReadOnlySpan<byte> block, out bool added)
    {
        uint hash = Hash(block);
        int index = Probe(block, hash, out int slot);
        added = index < 0;
        return added ? Add(block, hash, slot) : index;
    }

    /// <summary>Forgets all blocks, and keeps the room of the last slab for others.</summary>
    public void Clear()
    {
        if (Count == 0) return;
        Array.Clear(_entries, 0, Count);
        Array.Clear(_slots);
        for (int i = 0; i < _slabs.Count - 1; i++) Size -= _slabs[i].Length;
        _slabs.RemoveRange(0, _slabs.Count - 1);
        Count = _used = 0;
        _free = _slabs[0].Length;
    }

    private int Probe(ReadOnlySpan<byte> block, uint hash, out int slot)
    {
        int mask = _slots.Length - 1;
        slot = (int)hash & mask;
        while (_slots[slot] != 0)
        {
            int index = _slots[slot] - 1;
            if (_entries[index].Hash == hash && Get(index).SequenceEqual(block)) return index;
            slot = (slot + 1) & mask;
        }

        return -1;
    }

    private int Add(ReadOnlySpan<byte> block, uint hash, int slot)
    {
        if (_slabs.Count == 0 || _free < block.Length) AddSlab(block.Length);
        byte[] slab = _slabs[^1];
        block.CopyTo(slab.AsSpan(_used));
        int index = Count;
        if (index == _entries.Length)
        {
            // Samples read their labels on other threads; they see the old array or the new one, and either holds their entry.
            Entry[] larger = new Entry[_entries.Length * Growth];
            _entries.CopyTo(larger, 0);
            Size += (long)(larger.Length - _entries.Length) * Unsafe.SizeOf<Entry>();
            Volatile.Write(ref _entries, larger);
        }

        _entries[index] = new Entry(slab, _used, block.Length, hash);
        _used += block.Length;
        _free -= block.Length;
        _slots[slot] = ++Count;
        if (Count * Growth > _slots.Length) Rehash();
        return index;
    }

    private void AddSlab(int atLeast)
    {
        int size = _slabs.Count == 0 ? FirstSlab : Math.Min(_slabs[^1].Length * Growth, LargestSlab);
        size = Math.Max(size, atLeast);
        _slabs.Add(GC.AllocateUninitializedArray<byte>(size));
        _used = 0;
        _free = size;
        Size += size;
    }

    private void Rehash()
    {
        int[] slots = new int[_slots.Length * Growth];
        int mask = slots.Length - 1;
        for (int index = 0; index < Count; index++)
        {
            int slot = (int)_entries[index].Hash & mask;
            while (slots[slot] != 0) slot = (slot + 1) & mask;
            slots[slot] = index + 1;
        }

        Size += (long)(slots.Length - _slots.Length) * sizeof(int);
        _slots = slots;
    }

    // Sixteen bytes a step, folded by a 128-bit product, as wyhash does (https://github.com/wangyi-fudan/wyhash).
    [MethodImpl(HotPath.Compile)]
    private static uint Hash(ReadOnlySpan<byte> block)
    {
        ulong hash = Seed ^ (ulong)block.Length;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        int i = 0;
        for (; i + 1 < words.Length; i += 2) hash = Fold(words[i] ^ 0xa0761d6478bd642fUL, words[i + 1] ^ hash);
        ulong tail = 0;
        foreach (byte value in block[(i * sizeof(ulong))..]) tail = (tail << 8 | value) ^ (tail >> 56) * 0xe7037ed1a0b428dbUL;
        hash = Fold(tail ^ 0x8ebc6af09c88c6e3UL, hash ^ 0xe7037ed1a0b428dbUL);
        return (uint)(hash ^ (hash >> 32));
    }

    private static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }

    private readonly record struct Entry(byte[] Slab, int Offset, int Length, uint Hash);
}
