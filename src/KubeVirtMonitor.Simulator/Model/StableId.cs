using System.Security.Cryptography;
using System.Text;

namespace KubeVirtMonitor.Simulator;

/// <summary>Uids and name suffixes that are the same in every run with the same seed.</summary>
internal static class StableId
{
    private const string SuffixLetters = "bcdfghjklmnpqrstvwxz2456789";

    public static Guid Uid(int seed, string kind, string name)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{kind}/{name}"), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x40);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>A suffix of letters and digits as Kubernetes generates them.</summary>
    public static string Suffix(int seed, string kind, string name, int length = 5)
    {
        Guid uid = Uid(seed, kind, name);
        Span<byte> bytes = stackalloc byte[16];
        uid.TryWriteBytes(bytes, bigEndian: true, out _);
        char[] letters = new char[length];
        for (int i = 0; i < length; i++) letters[i] = SuffixLetters[bytes[i] % SuffixLetters.Length];
        return new string(letters);
    }
}
