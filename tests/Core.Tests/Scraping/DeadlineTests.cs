using KubeVirtMonitor.Scraping;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public class DeadlineTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void It_is_over_when_its_time_is()
    {
        using Deadline deadline = new(TimeSpan.FromSeconds(10), _time, CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(deadline.IsOver);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(deadline.IsOver);
        Assert.True(deadline.Token.IsCancellationRequested);
    }

    [Fact]
    public void Time_that_the_consumer_takes_does_not_count()
    {
        using Deadline deadline = new(TimeSpan.FromSeconds(10), _time, CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(6));
        deadline.Pause();
        _time.Advance(TimeSpan.FromHours(1));
        deadline.Resume();
        Assert.True(deadline.Allows(TimeSpan.FromSeconds(3.9)));
        Assert.False(deadline.Allows(TimeSpan.FromSeconds(4)));
        _time.Advance(TimeSpan.FromSeconds(3.9));
        Assert.False(deadline.IsOver);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(deadline.IsOver);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Without_a_limit_it_is_never_over(int milliseconds)
    {
        using Deadline deadline = new(TimeSpan.FromMilliseconds(milliseconds), _time, CancellationToken.None);
        deadline.Pause();
        deadline.Resume();
        _time.Advance(TimeSpan.FromDays(400));
        Assert.False(deadline.IsOver);
        Assert.True(deadline.Allows(TimeSpan.FromDays(400)));
    }

    [Fact]
    public void The_user_who_cancels_is_told_from_the_time_that_is_over()
    {
        using CancellationTokenSource user = new();
        using Deadline deadline = new(TimeSpan.FromSeconds(10), _time, user.Token);
        user.Cancel();
        Assert.True(deadline.Token.IsCancellationRequested);
        Assert.False(deadline.IsOver);
    }
}
