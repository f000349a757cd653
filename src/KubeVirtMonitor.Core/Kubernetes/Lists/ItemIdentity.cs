using System.Buffers.Text;
using System.Security.Cryptography;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>The uids of the items that have been given out, so that none comes twice when a list has to be begun again.</summary>
internal sealed class ItemIdentity
{
    private readonly HashSet<Guid> _seen = [];

    /// <summary>Notes an item.</summary>
    /// <returns>False when the item has been seen. Items without uid always count as new.</returns>
    public bool Add(ReadOnlySpan<byte> item)
    {
        ReadOnlySpan<byte> uid = FindUid(item);
        return uid.IsEmpty || _seen.Add(ToGuid(uid));
    }

    private static ReadOnlySpan<byte> FindUid(ReadOnlySpan<byte> item)
    {
        JsonCursor cursor = new(item);
        if (!cursor.EnterObject()) return default;
        while (cursor.NextField(out ReadOnlySpan<byte> name))
        {
            if (!name.SequenceEqual("metadata"u8))
            {
                cursor.Skip();
                continue;
            }

            if (!cursor.EnterObject()) return default;
            while (cursor.NextField(out ReadOnlySpan<byte> field))
            {
                if (field.SequenceEqual("uid"u8)) return cursor.ReadRawText();
                cursor.Skip();
            }

            return default;
        }

        return default;
    }

    // Uids are UUIDs, but nothing guarantees it (mirror pods have hashes).
    private static Guid ToGuid(ReadOnlySpan<byte> uid)
    {
        if (Utf8Parser.TryParse(uid, out Guid guid, out int length, 'D') && length == uid.Length) return guid;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(uid, hash);
        return new Guid(hash[..16]);
    }
}
