using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>
/// The name under which OpenSSL looks for an authority in a directory: eight hexadecimal digits that follow from the subject, then a number. As X509_NAME_hash of OpenSSL 1.0 and
/// later defines it: the first four bytes, the lowest first, of the SHA-1 of the canonical name. That is the DER of each part of the name, one after the other and without the
/// sequence around them, with each text, other than a NumericString, as a UTF8String in small ASCII letters, without space at its ends, and with one space where there were several.
/// </summary>
internal static class SubjectHash
{
    private static readonly int[] Texts = [12, 19, 20, 22, 26, 28, 30];

    /// <summary>The eight digits of a name in DER.</summary>
    public static string Of(ReadOnlySpan<byte> name)
    {
#pragma warning disable CA5350 // The definition has SHA-1; nothing is protected by it.
        byte[] hash = SHA1.HashData(Canonical(name));
#pragma warning restore CA5350
        return $"{hash[3]:x2}{hash[2]:x2}{hash[1]:x2}{hash[0]:x2}";
    }

    /// <summary>Whether two names are the same to OpenSSL.</summary>
    public static bool Same(X500DistinguishedName left, X500DistinguishedName right) => Canonical(left.RawData).AsSpan().SequenceEqual(Canonical(right.RawData));

    private static byte[] Canonical(ReadOnlySpan<byte> name)
    {
        List<byte> all = [];
        AsnReader parts = new AsnReader(name.ToArray(), AsnEncodingRules.BER).ReadSequence();
        while (parts.HasData)
        {
            AsnReader part = parts.ReadSetOf();
            AsnWriter made = new(AsnEncodingRules.DER);
            using (made.PushSetOf())
            {
                while (part.HasData)
                {
                    AsnReader attribute = part.ReadSequence();
                    using (made.PushSequence())
                    {
                        made.WriteObjectIdentifier(attribute.ReadObjectIdentifier());
                        Asn1Tag tag = attribute.PeekTag();
                        ReadOnlyMemory<byte> whole = attribute.ReadEncodedValue();
                        if (tag.TagClass == TagClass.Universal && Texts.Contains(tag.TagValue)) made.WriteCharacterString(UniversalTagNumber.UTF8String, Plain(Read(whole.Span, tag.TagValue)));
                        else made.WriteEncodedValue(whole.Span);
                    }
                }
            }

            all.AddRange(made.Encode());
        }

        return [.. all];
    }

    private static string Read(ReadOnlySpan<byte> value, int tag)
    {
        AsnDecoder.ReadEncodedValue(value, AsnEncodingRules.BER, out int start, out int length, out _);
        ReadOnlySpan<byte> bytes = value.Slice(start, length);
        return tag switch
        {
            12 => Encoding.UTF8.GetString(bytes),
            28 => new UTF32Encoding(bigEndian: true, byteOrderMark: false).GetString(bytes),
            30 => Encoding.BigEndianUnicode.GetString(bytes),
            _ => Encoding.Latin1.GetString(bytes),
        };
    }

    private static string Plain(string text)
    {
        StringBuilder plain = new(text.Length);
        foreach (char letter in text.Trim(' ', '\t', '\n', '\v', '\f', '\r'))
        {
            bool space = letter is ' ' or (>= '\t' and <= '\r');
            if (space && plain[^1] == ' ') continue;
            plain.Append(space ? ' ' : letter is >= 'A' and <= 'Z' ? (char)(letter | 0x20) : letter);
        }

        return plain.ToString();
    }
}
