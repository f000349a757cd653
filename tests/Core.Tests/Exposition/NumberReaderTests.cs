using System.Globalization;
using System.Text;
using CsCheck;
using KubeVirtMonitor.Exposition;
using Xunit;

namespace KubeVirtMonitor.Tests.Exposition;

public class NumberReaderTests
{
    [Theory]
    [InlineData("0", 0d)]
    [InlineData("-0", -0d)]
    [InlineData("42", 42d)]
    [InlineData("+7", 7d)]
    [InlineData("-12.5", -12.5)]
    [InlineData("3.221225472e+09", 3221225472d)]
    [InlineData("4.9735e-05", 0.000049735)]
    [InlineData("1.8446744073709552e+19", 18446744073709552000d)]
    [InlineData("1722514702.4544632", 1722514702.4544632)]
    [InlineData("1.7976931348623157e308", double.MaxValue)]
    [InlineData("4.9406564584124654e-324", double.Epsilon)]
    [InlineData("1e-400", 0d)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5d)]
    [InlineData("123456789012345678901234567890", 1.2345678901234568e29)]
    [InlineData("+Inf", double.PositiveInfinity)]
    [InlineData("-Inf", double.NegativeInfinity)]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("NaN", double.NaN)]
    [InlineData("nan", double.NaN)]
    public void Reads_what_Go_writes(string text, double expected)
    {
        int length = NumberReader.Read(Encoding.ASCII.GetBytes(text + " 17"), out double value);

        Assert.Equal(text.Length, length);
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("e5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("0x1p4")]
    [InlineData("1_000")]
    [InlineData("1,5")]
    [InlineData("12abc")]
    [InlineData("1.2.3")]
    [InlineData("infinite")]
    [InlineData("(1)")]
    [InlineData("1e400")]
    [InlineData("-1e999")]
    [InlineData("1.7976931348623159e308")]
    [InlineData("+NaN")]
    [InlineData("-nan")]
    public void Refuses_what_is_no_number(string text)
    {
        Assert.Equal(0, NumberReader.Read(Encoding.ASCII.GetBytes(text), out _));
    }

    [Fact]
    public void Agrees_with_the_runtime_on_any_double() =>
        Gen.Select(Gen.Double.Where(double.IsFinite), Gen.OneOf("R", "E5", "F3")).Sample(
            (number, format) =>
            {
                string text = number.ToString(format, CultureInfo.InvariantCulture);
                double expected = double.Parse(text, CultureInfo.InvariantCulture);

                int length = NumberReader.Read(Encoding.ASCII.GetBytes(text), out double value);

                Assert.Equal(text.Length, length);
                Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(value));
            },
            iter: 200_000);

    [Theory]
    // Between two doubles, where the even one counts, and next to it.
    [InlineData("9007199254740993", 9007199254740992d)]
    [InlineData("9007199254740995", 9007199254740996d)]
    [InlineData("900719925474099.25", 900719925474099.25)]
    [InlineData("9007199254740993.0001", 9007199254740994d)]
    [InlineData("0.12345678901234567", 0.12345678901234567)]
    [InlineData("1234567890123456789e-27", 1.234567890123456789e-9)]
    [InlineData("9999999999999999999", 1e19)]
    public void Rounds_numbers_with_more_digits_than_a_double_holds(string text, double expected)
    {
        Assert.Equal(text.Length, NumberReader.Read(Encoding.ASCII.GetBytes(text), out double value));
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(value));
    }

    [Fact]
    public void Many_digits_and_powers_are_read_as_the_platform_reads_them() =>
        Gen.Select(Gen.Frequency((3, Gen.ULong[1UL << 50, 9_999_999_999_999_999_999]), (2, Gen.ULong[(1UL << 53) - 4, (1UL << 54) + 4]), (1, Gen.ULong[1, 999])), Gen.Int[-30, 25]).Sample(
            (mantissa, exponent) =>
            {
                string text = string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{exponent}");
                Assert.Equal(text.Length, NumberReader.Read(Encoding.ASCII.GetBytes(text), out double value));
                Assert.Equal(BitConverter.DoubleToInt64Bits(double.Parse(text, CultureInfo.InvariantCulture)), BitConverter.DoubleToInt64Bits(value));
            },
            iter: 200_000);
}
