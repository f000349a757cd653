using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Authorities as a directory in which OpenSSL finds each by the hash of its name, as <c>openssl rehash</c> makes one.</summary>
/// <remarks>
/// A directory is looked into at every handshake. A single file with all of them is read once: since base 37.16 the Agent's checks keep it until they are
/// scheduled again, and would not see KubeVirt's next authority.
/// </remarks>
internal static class AuthorityFiles
{
    // Texts of these kinds are compared without regard to case and spaces (OpenSSL, crypto/x509/x_name.c, ASN1_MASK_CANON; of those, .NET has no reader for UniversalString).
    private static readonly UniversalTagNumber[] Texts =
    [
        UniversalTagNumber.UTF8String, UniversalTagNumber.BMPString, UniversalTagNumber.PrintableString, UniversalTagNumber.T61String, UniversalTagNumber.IA5String,
        UniversalTagNumber.VisibleString,
    ];

    /// <summary>The files: names such as <c>d688ba0f.0</c>, and PEM texts. The number counts those of one hash, in the order of the collection.</summary>
    public static SortedDictionary<string, string> Of(X509Certificate2Collection authorities)
    {
        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (X509Certificate2 authority in authorities)
        {
            string hash = HashOf(authority.SubjectName);
            int number = 0;
            while (files.ContainsKey(Name(hash, number))) number++;
            files[Name(hash, number)] = authority.ExportCertificatePem() + "\n";
        }

        return files;
    }

    /// <summary>The hash that <c>openssl x509 -subject_hash</c> prints: eight hexadecimal digits.</summary>
    public static string HashOf(X500DistinguishedName name)
    {
        AsnReader parts = new AsnReader(name.RawData, AsnEncodingRules.BER).ReadSequence();
        using MemoryStream canonical = new();
        // The sets stand one after the other, without the sequence around them.
        while (parts.HasData)
        {
            AsnWriter writer = new(AsnEncodingRules.DER);
            AsnReader set = parts.ReadSetOf(skipSortOrderValidation: true);
            using (writer.PushSetOf())
            {
                while (set.HasData)
                {
                    AsnReader attribute = set.ReadSequence();
                    using (writer.PushSequence())
                    {
                        writer.WriteObjectIdentifier(attribute.ReadObjectIdentifier());
                        Asn1Tag tag = attribute.PeekTag();
                        if (tag.TagClass == TagClass.Universal && Array.IndexOf(Texts, (UniversalTagNumber)tag.TagValue) >= 0) writer.WriteCharacterString(UniversalTagNumber.UTF8String, Canonical(attribute));
                        else writer.WriteEncodedValue(attribute.ReadEncodedValue().Span);
                    }
                }
            }

            canonical.Write(writer.Encode());
        }

        // The name of a file, and no seal.
#pragma warning disable CA5350
        byte[] digest = SHA1.HashData(canonical.ToArray());
#pragma warning restore CA5350
        return BinaryPrimitives.ReadUInt32LittleEndian(digest).ToString("x8", CultureInfo.InvariantCulture);
    }

    private static string Name(string hash, int number) => string.Create(CultureInfo.InvariantCulture, $"{hash}.{number}");

    // Spaces at both ends go, several become one, and the letters of ASCII become small.
    private static string Canonical(AsnReader attribute)
    {
        StringBuilder text = new();
        foreach (char letter in attribute.ReadCharacterString((UniversalTagNumber)attribute.PeekTag().TagValue))
        {
            bool isSpace = letter is ' ' or (>= '\t' and <= '\r');
            if (!isSpace) text.Append(char.IsAsciiLetterUpper(letter) ? char.ToLowerInvariant(letter) : letter);
            else if (text.Length > 0 && text[^1] != ' ') text.Append(' ');
        }

        return text.ToString().TrimEnd(' ');
    }
}
