using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace KubeVirtMonitor.Catalog;

/// <summary>A hash table from names in UTF-8 to what each component means by them; a look-up allocates nothing.</summary>
internal sealed class SampleNameTable
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    // The names of all data files need about 900 slots; a table of twice that never grows while it is filled.
    private Record?[] _slots = new Record?[2048];
    private int _count;

    /// <summary>Number of names.</summary>
    public int Count => _count;

    /// <summary>What is known of a name, or null.</summary>
    public Record? Find(ReadOnlySpan<byte> name)
    {
        uint hash = Hash(name);
        Record?[] slots = _slots;
        for (int i = (int)hash & (slots.Length - 1); slots[i] is { } record; i = (i + 1) & (slots.Length - 1))
        {
            if (record.Hash == hash && name.SequenceEqual(record.Name)) return record;
        }

        return null;
    }

    /// <summary>What is known of a name, noted now where it is new.</summary>
    public Record GetOrAdd(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (Find(bytes) is { } known) return known;
        if (_count * 2 >= _slots.Length) Grow();
        Record record = new(bytes, Hash(bytes));
        Put(record);
        _count++;
        return record;
    }

    private void Grow()
    {
        Record?[] old = _slots;
        _slots = new Record?[old.Length * 2];
        foreach (Record? record in old)
        {
            if (record is not null) Put(record);
        }
    }

    private void Put(Record record)
    {
        int i = (int)record.Hash & (_slots.Length - 1);
        while (_slots[i] is not null) i = (i + 1) & (_slots.Length - 1);
        _slots[i] = record;
    }

    private static uint Hash(ReadOnlySpan<byte> name)
    {
        ulong hash = (ulong)name.Length * Multiplier;
        while (name.Length >= sizeof(ulong))
        {
            hash = Mix(hash, MemoryMarshal.Read<ulong>(name));
            name = name[sizeof(ulong)..];
        }

        ulong tail = 0;
        foreach (byte b in name) tail = (tail << 8) | b;
        hash = Mix(hash, tail);
        return (uint)(hash >> 32);
    }

    private static ulong Mix(ulong hash, ulong block) => BitOperations.RotateLeft((hash ^ block) * Multiplier, 29);

    /// <summary>A name, and its meaning on each component.</summary>
    internal sealed class Record(byte[] name, uint hash)
    {
        private readonly CatalogEntry?[] _entries = new CatalogEntry?[4];

        public byte[] Name { get; } = name;

        public uint Hash { get; } = hash;

        /// <summary>A bit for each component that serves the name, as a sample or as a family.</summary>
        public uint Components { get; private set; }

        /// <summary>The meaning of the sample on a component, or null.</summary>
        public CatalogEntry? this[ComponentKind component] => (uint)component < (uint)_entries.Length ? _entries[(int)component] : null;

        /// <summary>Notes that a component serves the name.</summary>
        public void Serve(ComponentKind component) => Components |= 1u << (int)component;

        /// <summary>Notes what the sample means on a component, in front of what it meant in older versions.</summary>
        public void Set(ComponentKind component, CatalogEntry entry)
        {
            Serve(component);
            ref CatalogEntry? known = ref _entries[(int)component];
            if (known is null || entry.Raw[0].Until is null)
            {
                entry.Alternative = known;
                known = entry;
            }
            else
            {
                entry.Alternative = known.Alternative;
                known.Alternative = entry;
            }
        }

        /// <summary>Notes what the sample means on a component, unless something is known already.</summary>
        public void SetWhereUnknown(ComponentKind component, CatalogEntry entry)
        {
            if (_entries[(int)component] is not null) return;
            Serve(component);
            _entries[(int)component] = entry;
        }
    }
}
