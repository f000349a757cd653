using System.Text;
using CsCheck;
using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

/// <summary>The expected texts were printed by Go's strconv.FormatFloat(f, 'g', -1, 64).</summary>
public class GoNumberTests
{
    [Theory]
    [InlineData(0d, "0")]
    [InlineData(1d, "1")]
    [InlineData(-1d, "-1")]
    [InlineData(21d, "21")]
    [InlineData(123456d, "123456")]
    [InlineData(999999d, "999999")]
    [InlineData(1000000d, "1e+06")]
    [InlineData(1234567d, "1.234567e+06")]
    [InlineData(12345678.5, "1.23456785e+07")]
    [InlineData(1000000.5, "1.0000005e+06")]
    [InlineData(2147483648d, "2.147483648e+09")]
    [InlineData(123456789012345678d, "1.2345678901234568e+17")]
    [InlineData(1e20, "1e+20")]
    [InlineData(1e21, "1e+21")]
    [InlineData(1e100, "1e+100")]
    [InlineData(-2.5e-300, "-2.5e-300")]
    [InlineData(18446744073709551615d, "1.8446744073709552e+19")]
    [InlineData(9223372036854775807d, "9.223372036854776e+18")]
    [InlineData(0.1, "0.1")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00012345, "0.00012345")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(9.999999999999999e-06, "9.999999999999999e-06")]
    [InlineData(1.5e-7, "1.5e-07")]
    [InlineData(785.954038778, "785.954038778")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Doubles_are_written_as_Go_writes_them(double value, string expected) => Assert.Equal(expected, GoNumber.ToString(value));

    [Theory]
    [InlineData(0, 9, "0")]
    [InlineData(5, 0, "5")]
    [InlineData(-5, 1, "-0.5")]
    [InlineData(1000, 3, "1")]
    [InlineData(1000000, 0, "1e+06")]
    [InlineData(1234500, 3, "1234.5")]
    [InlineData(785954038778, 9, "785.954038778")]
    [InlineData(100000, 9, "0.0001")]
    [InlineData(10000, 9, "1e-05")]
    [InlineData(49735, 9, "4.9735e-05")]
    [InlineData(179521240520, 2, "1.7952124052e+09")]
    [InlineData(999999999999999, 0, "9.99999999999999e+14")]
    [InlineData(1234567890123456789, 9, "1.2345678901234567e+09")]
    public void Scaled_integers_are_written_as_Go_writes_their_quotient(long unscaled, int decimals, string expected)
    {
        byte[] buffer = new byte[GoNumber.MaxLength];
        int length = GoNumber.Write(unscaled, decimals, buffer);
        Assert.Equal(expected, Encoding.ASCII.GetString(buffer, 0, length));
    }

    [Fact]
    public void Scaled_integers_and_doubles_agree() =>
        Gen.Select(Gen.Int[1, 48].SelectMany(bits => Gen.Long[0, (1L << bits) - 1]), Gen.Int[0, 9]).Sample(
            (unscaled, decimals) =>
            {
                byte[] buffer = new byte[GoNumber.MaxLength];
                int length = GoNumber.Write(unscaled, decimals, buffer);
                Assert.Equal(GoNumber.ToString(unscaled / Math.Pow(10, decimals)), Encoding.ASCII.GetString(buffer, 0, length));
            },
            iter: 20_000);
}
