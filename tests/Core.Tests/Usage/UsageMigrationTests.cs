using System.Globalization;
using System.Text;
using KubeVirtMonitor.Display;
using Xunit;

namespace KubeVirtMonitor.Tests.Usage;

public sealed class UsageMigrationTests
{
    private const double GiB = 1 << 30;

    [Fact]
    public void A_migration_that_converges_has_a_time_that_is_left()
    {
        // 3 of 4 GiB are left; 400 MiB/s are moved and 100 MiB/s changed: 3072 MiB at 300 MiB/s.
        KubeVirtUsage usage = new Looks().Scrape(0, At(0, GiB, 3 * GiB, 4 * GiB, 400 * GiB / 1024, 100 * GiB / 1024)).One();
        Assert.Equal((25d, 3 * GiB, GiB), (usage.MigrationPercent, usage.MigrationRemaining, usage.MigrationProcessed));
        Assert.Equal((true, TimeSpan.FromSeconds(10.24)), (usage.MigrationConverges, usage.MigrationTimeLeft));
        Assert.Equal("10.2 s", UsageText.Migration(usage, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_migration_of_memory_that_changes_as_fast_as_it_is_moved_does_not_converge()
    {
        KubeVirtUsage usage = new Looks().Scrape(0, At(0, GiB, 3 * GiB, 4 * GiB, 1e8, 1e8)).One();
        Assert.Equal((false, (TimeSpan?)null, "does not converge"), (usage.MigrationConverges, usage.MigrationTimeLeft, UsageText.Migration(usage)));
    }

    [Fact]
    public void Without_a_total_the_parts_tell_how_far_it_is() =>
        Assert.Equal(25, new Looks().Scrape(0, At(0, GiB, 3 * GiB, double.NaN, 1e8, 0)).One().MigrationPercent);

    [Fact]
    public void Nothing_is_left_at_the_end()
    {
        KubeVirtUsage usage = new Looks().Scrape(0, At(0, 4 * GiB, 0, 4 * GiB, 1e8, 2e8)).One();
        Assert.Equal((100d, true, TimeSpan.Zero), (usage.MigrationPercent, usage.MigrationConverges, usage.MigrationTimeLeft));
    }

    [Fact]
    public void Of_several_measurements_the_newest_counts_in_whatever_order_they_are()
    {
        string text = At(-5, 2 * GiB, 2 * GiB, 4 * GiB, 1e8, 0) + At(-15, 0, 4 * GiB, 4 * GiB, 1e8, 0) + At(-1, 3 * GiB, GiB, 4 * GiB, 1e8, 0) + At(-10, GiB, 3 * GiB, 4 * GiB, 1e8, 0);
        Assert.Equal(75, new Looks().Scrape(0, InFamilies(text)).One().MigrationPercent);
    }

    [Fact]
    public void Measurements_stay_after_the_end_and_are_let_go_when_none_is_newer()
    {
        Looks looks = new Looks().Scrape(0, At(-1, 3 * GiB, GiB, 4 * GiB, 1e8, 0)).Turned();
        Assert.Null(looks.Scrape(15, At(-1, 3 * GiB, GiB, 4 * GiB, 1e8, 0)).One().MigrationPercent);
        // Without a look before, their age tells.
        Assert.Null(new Looks().Scrape(15, At(-1, 3 * GiB, GiB, 4 * GiB, 1e8, 0)).One().MigrationPercent);
        Assert.NotNull(new Looks().Scrape(13, At(-1, 3 * GiB, GiB, 4 * GiB, 1e8, 0)).One().MigrationPercent);
    }

    [Fact]
    public void Clocks_that_differ_hide_no_migration_that_goes_on()
    {
        // The node's clock is two minutes behind.
        Looks looks = new Looks().Scrape(0, At(-120, GiB, 3 * GiB, 4 * GiB, 1e8, 0)).Turned();
        Assert.Equal(50, looks.Scrape(15, At(-105, 2 * GiB, 2 * GiB, 4 * GiB, 1e8, 0)).One().MigrationPercent);
    }

    [Fact]
    public void Clocks_that_differ_and_short_intervals_neither()
    {
        // The node's clock is a minute behind; measurements come every 5 s, and so do looks.
        Looks looks = new Looks().Scrape(0, At(-60, GiB, 3 * GiB, 4 * GiB, 1e8, 0)).Turned();
        Assert.Equal(50, looks.Scrape(5, At(-55, 2 * GiB, 2 * GiB, 4 * GiB, 1e8, 0)).One().MigrationPercent);
        // The next measurement is late, and then there is no other.
        Assert.Equal(50, looks.Scrape(10, At(-55, 2 * GiB, 2 * GiB, 4 * GiB, 1e8, 0)).One().MigrationPercent);
        Assert.Equal(50, looks.Scrape(15, At(-55, 2 * GiB, 2 * GiB, 4 * GiB, 1e8, 0)).One().MigrationPercent);
        Assert.Null(looks.Scrape(20, At(-55, 2 * GiB, 2 * GiB, 4 * GiB, 1e8, 0)).One().MigrationPercent);
    }

    [Fact]
    public void Before_1_4_measurements_have_no_time_and_are_of_this_moment() =>
        Assert.Equal((50d, 1e8), (Old().MigrationPercent!.Value, Old().MigrationBytesPerSecond!.Value));

    // 1.2 gives the rate of memory under the name of the disks'.
    private static KubeVirtUsage Old() => new Looks().Scrape(0, """
        kubevirt_vmi_migration_data_processed_bytes{web} 2e9
        kubevirt_vmi_migration_data_remaining_bytes{web} 2e9
        kubevirt_vmi_migration_disk_transfer_rate_bytes{web} 1e8

        """, version: "1.2.2").One();

    private static string At(double seconds, double processed, double remaining, double total, double rate, double dirty)
    {
        long time = Looks.Start.AddSeconds(seconds).ToUnixTimeMilliseconds();
        StringBuilder text = new();
        void Add(string family, double value)
        {
            if (!double.IsNaN(value)) text.Append(CultureInfo.InvariantCulture, $"kubevirt_vmi_migration_{family}{{node=\"alpha\",namespace=\"shop\",name=\"web\"}} {value:R} {time}\n");
        }

        Add("data_processed_bytes", processed);
        Add("data_remaining_bytes", remaining);
        Add("data_bytes_total", total);
        Add("memory_transfer_rate_bytes", rate);
        Add("dirty_memory_rate_bytes", dirty);
        return text.ToString();
    }

    // The lines of a family stand together.
    private static string InFamilies(string text) => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).GroupBy(line => line[..line.IndexOf('{', StringComparison.Ordinal)]).SelectMany(family => family).Select(line => line + "\n"));
}
