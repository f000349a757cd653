using KubeVirtMonitor.Alerts;
using Xunit;

namespace KubeVirtMonitor.Tests.Alerts;

public sealed class AlertThresholdsTests
{
    private static readonly AlertDefinition Count = Of("LowVirtAPICount");
    private static readonly AlertDefinition Pressure = Of("KubeVirtVMGuestMemoryPressure");

    [Fact]
    public void Without_a_word_the_usual_ones_count()
    {
        Assert.Equal(0.75, AlertThresholds.Usual.Of(Count, 0));
        Assert.Equal(TimeSpan.FromMinutes(60), AlertThresholds.Usual.HoldOf(Count));
        Assert.Equal(1048576, AlertThresholds.Usual.Of(Pressure, 2));
    }

    [Fact]
    public void The_name_of_an_alert_is_that_of_its_only_threshold_where_all_versions_have_one()
    {
        AlertThresholds thresholds = new();
        thresholds.Set("guestvcpuqueuehighwarning", 12);
        Assert.Equal(12, thresholds.Of(Of("GuestVCPUQueueHighWarning"), 0));
        Assert.Equal(20, thresholds.Of(Of("GuestVCPUQueueHighCritical"), 0));
    }

    [Fact]
    public void One_of_several_is_named_after_its_alert()
    {
        AlertThresholds thresholds = new();
        thresholds.Set("KubeVirtVMGuestMemoryPressure.Headroom", 0.1);
        Assert.Equal(0.1, thresholds.Of(Pressure, 0));
        Assert.Equal(5, thresholds.Of(Pressure, 1));
        AlertThresholdException error = Assert.Throws<AlertThresholdException>(() => thresholds.Set("KubeVirtVMGuestMemoryPressure", 1));
        Assert.Contains("KubeVirtVMGuestMemoryPressure.Faults", error.Nearest);
    }

    [Fact]
    public void A_pattern_sets_several_and_what_is_set_later_counts()
    {
        AlertThresholds thresholds = new();
        thresholds.Set("*RESTErrorsBurst", 0.5);
        thresholds.Set("VirtApiRESTErrorsBurst.Errors", 0.6);
        Assert.Equal(0.6, thresholds.Of(Of("VirtApiRESTErrorsBurst"), 0));
        Assert.Equal(0.5, thresholds.Of(Of("VirtHandlerRESTErrorsBurst"), 0));
        Assert.Equal(TimeSpan.FromMinutes(5), thresholds.HoldOf(Of("VirtApiRESTErrorsBurst")));
    }

    [Fact]
    public void Hold_times_can_be_set_too()
    {
        AlertThresholds thresholds = new();
        thresholds.Set("VirtAPIDown.HoldSeconds", 60);
        Assert.Equal(TimeSpan.FromSeconds(60), thresholds.HoldOf(Of("VirtAPIDown")));
        Assert.Throws<AlertThresholdException>(() => thresholds.Set("VirtAPIDown.HoldSeconds", -1));
    }

    // In one country 12,5 is twelve and a half, in another 125: neither is taken.
    [Theory]
    [InlineData("12,5", "the threshold 'GuestDiskLatencyHigh.Warning' is not a number: '12,5' has a comma. Write 12.5")]
    [InlineData("1,234,567", "the threshold 'GuestDiskLatencyHigh.Warning' is not a number")]
    [InlineData("ten", "the threshold 'GuestDiskLatencyHigh.Warning' is not a number")]
    [InlineData("", "the threshold 'GuestDiskLatencyHigh.Warning' is not a number")]
    public void A_text_has_to_be_a_number(string text, string message) =>
        Assert.Equal(message, Assert.Throws<AlertThresholdException>(() => new AlertThresholds().Set("GuestDiskLatencyHigh.Warning", text)).Message);

    [Fact]
    public void A_text_is_a_number_in_any_country()
    {
        AlertThresholds thresholds = new();
        thresholds.Set("GuestDiskLatencyHigh.Warning", "12.5");
        Assert.Equal(12.5, thresholds.Of(AlertCatalog.Default.Definitions.First(static one => one is { Name: "GuestDiskLatencyHigh", Severity: AlertSeverity.Warning }), 0));
    }

    [Theory]
    [InlineData("GuestDiskLatencyHigh.Warning", 125, "GuestDiskLatencyHigh.Warning is 125 and GuestDiskLatencyHigh.Critical is 25: a warning above what is critical never comes. Set both")]
    [InlineData("GuestDiskLatencyHigh.Critical", 5, "GuestDiskLatencyHigh.Warning is 10 and GuestDiskLatencyHigh.Critical is 5: a warning above what is critical never comes. Set both")]
    [InlineData("ComponentCertificateExpiry.Warning", -1, "ComponentCertificateExpiry.Warning is -1 and ComponentCertificateExpiry.Critical is 0: a warning below what is critical never comes. Set both")]
    [InlineData("GuestVCPUQueueHighWarning", 21, "GuestVCPUQueueHighWarning.Queue is 21 and GuestVCPUQueueHighCritical.Queue is 20: a warning above what is critical never comes. Set both")]
    [InlineData("GuestDiskLatencyHigh.Warning", 25, null)]
    [InlineData("ComponentCertificateExpiry.Warning", 48, null)]
    public void A_warning_comes_before_what_is_critical(string name, double value, string? message)
    {
        AlertThresholds thresholds = new();
        thresholds.Set(name, value);
        Assert.Equal(message, Record.Exception(thresholds.Verify)?.Message);
    }

    [Fact]
    public void What_is_compared_for_equality_cannot_be_set() => Assert.Throws<AlertThresholdException>(() => new AlertThresholds().Set("NoReadyVirtAPI.Ready", 1));

    [Fact]
    public void A_misspelt_name_has_its_nearest()
    {
        AlertThresholdException error = Assert.Throws<AlertThresholdException>(() => new AlertThresholds().Set("LowVirtApiCounts", 1));
        Assert.Contains("LowVirtAPICount", error.Nearest);
    }

    [Fact]
    public void A_file_is_an_object_of_numbers()
    {
        AlertThresholds thresholds = new();
        thresholds.SetAll("""{"LowVirtAPICount.Share": 0.5, "KubeVirtVMGuestMemoryPressure.Faults": 1e1}"""u8);
        Assert.Equal(0.5, thresholds.Of(Count, 0));
        Assert.Equal(10, thresholds.Of(Pressure, 1));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"LowVirtAPICount.Share\": \"0.5\"}")]
    [InlineData("{\"LowVirtAPICount.Share\": 0.5")]
    [InlineData("LowVirtAPICount=1")]
    public void Anything_else_is_an_error(string json) => Assert.Throws<FormatException>(() => new AlertThresholds().SetAll(System.Text.Encoding.UTF8.GetBytes(json)));

    private static AlertDefinition Of(string name) => AlertCatalog.Default.For(new KubeVirtVersion(1, 9)).First(one => one.Name == name);
}
