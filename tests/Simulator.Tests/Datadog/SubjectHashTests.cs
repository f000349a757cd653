using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeVirtMonitor.Simulator.Datadog;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Datadog;

/// <summary>The names that OpenSSL looks for are those that openssl says.</summary>
public sealed class SubjectHashTests
{
    // From openssl 3.0: openssl req -x509 -utf8 -subj ..., openssl x509 -noout -subject_hash.
    [Theory]
    [InlineData("4b55752b", "CN=kubevirt.io")]
    [InlineData("d6ef0969", "CN=kubevirt.io@1709121983")]
    [InlineData("ec156680", "CN=\"  KubeVirt.IO \", O=\"Example  Org\", C=DE")]
    [InlineData("5f1c353c", "CN=Prüfstelle, E=A@B.example, DC=org, DC=example")]
    public void Names_have_the_hash_that_openssl_gave(string hash, string name) => Assert.Equal(hash, SubjectHash.Of(new X500DistinguishedName(name).RawData));

    [Fact]
    public void A_part_with_two_values_counts_as_one() => Assert.Equal("7484b634", SubjectHash.Of(Name([(12, "2.5.4.10", "Zeta"u8.ToArray()), (12, "2.5.4.11", "alpha"u8.ToArray())], [(12, "2.5.4.3", "x"u8.ToArray())])));

    [Fact]
    public async Task The_openssl_of_this_machine_agrees_on_every_kind_of_text()
    {
        Tool.Require("openssl");
        using TempFolder folder = new();
        (int, string, byte[])[][][] names =
        [
            [[(12, "2.5.4.3", "kubevirt.io@1795870000"u8.ToArray())]],
            [[(19, "2.5.4.6", "DE"u8.ToArray())], [(19, "2.5.4.10", " Two  Words "u8.ToArray())]],
            [[(22, "1.2.840.113549.1.9.1", "Mail@Example.ORG"u8.ToArray())]],
            [[(30, "2.5.4.3", Encoding.BigEndianUnicode.GetBytes("Größe A"))]],
            [[(28, "2.5.4.3", new UTF32Encoding(bigEndian: true, byteOrderMark: false).GetBytes("Größe B"))]],
            [[(20, "2.5.4.3", Encoding.Latin1.GetBytes("Größe\tC"))]],
            [[(12, "2.5.4.11", "ÄÖÜ stays\t great"u8.ToArray())]],
            [[(18, "2.5.4.17", "0123 45"u8.ToArray())]],
            [[(12, "2.5.4.11", "b"u8.ToArray()), (12, "2.5.4.10", "A"u8.ToArray())], [(12, "2.5.4.3", "c"u8.ToArray())]],
            [],
        ];
        for (int i = 0; i < names.Length; i++)
        {
            byte[] name = Name(names[i]);
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new(new X500DistinguishedName(name), key, HashAlgorithmName.SHA256);
            using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            string said = await Tool.OutputAsync("openssl", ["x509", "-noout", "-subject_hash", "-in", folder.Write($"{i}.pem", certificate.ExportCertificatePem())]);
            Assert.Equal((i, said.Trim()), (i, SubjectHash.Of(certificate.SubjectName.RawData)));
        }
    }

    private static byte[] Name(params (int Tag, string Oid, byte[] Text)[][] parts)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach ((int, string, byte[])[] part in parts)
            {
                using (writer.PushSetOf())
                {
                    foreach ((int tag, string oid, byte[] text) in part)
                    {
                        using (writer.PushSequence())
                        {
                            writer.WriteObjectIdentifier(oid);
                            writer.WriteEncodedValue([(byte)tag, (byte)text.Length, .. text]);
                        }
                    }
                }
            }
        }

        return writer.Encode();
    }
}
