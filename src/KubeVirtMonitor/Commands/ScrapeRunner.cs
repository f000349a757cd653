using System.Management.Automation;
using System.Runtime.ExceptionServices;
using KubeVirtMonitor.Display;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Commands;

/// <summary>Runs the scrapes of a cmdlet and writes their results, on the pipeline's thread.</summary>
internal sealed class ScrapeRunner
{
    private readonly ScrapeCommand _command;
    private readonly MetricScraper _scraper;
    private ExceptionDispatchInfo? _refused;

    private ScrapeRunner(ScrapeCommand command, MetricScraper scraper)
    {
        _command = command;
        _scraper = scraper;
    }

    /// <summary>Prepares the scrapes; a parameter that cannot be used ends the cmdlet.</summary>
    public static ScrapeRunner Create(ScrapeCommand command)
    {
        try
        {
            return new ScrapeRunner(command, new MetricScraper(command.CreateOptions(), command.CreateMapping()));
        }
        catch (ScrapeException e)
        {
            command.ThrowTerminatingError(ErrorRecords.Failed(e));
        }
        catch (WildcardPatternException e)
        {
            command.ThrowTerminatingError(ErrorRecords.BadPattern(e));
        }

        throw new InvalidOperationException("Unreachable: a terminating error was thrown.");
    }

    /// <summary>Scrapes a file or content at hand, on this thread: its samples are written as they are read.</summary>
    public void Scrape(ScrapeTarget target)
    {
        try
        {
            Report(_scraper.ScrapeAsync(target, Write, _command.CancelToken).GetAwaiter().GetResult());
        }
        catch (OperationCanceledException) when (_command.CancelToken.IsCancellationRequested)
        {
            // What made the pipeline refuse the sample (Select-Object -First, an error action) is what it has to see again.
            _refused?.Throw();
        }
    }

    /// <summary>Scrapes endpoints, several at a time: samples of one are written while others are still answering.</summary>
    public void ScrapeInParallel(IEnumerable<ScrapeTarget> targets) => Take(new FanOut(_scraper).Run(targets, _command.CancelToken));

    /// <summary>Writes what comes of scrapes that go on side by side.</summary>
    public void Take(IEnumerable<FanOutItem> items)
    {
        try
        {
            foreach (FanOutItem item in items)
            {
                foreach (MetricSample sample in item.Samples.Span) _command.TakeSample(sample);
                if (item.Result is { } result) Report(result);
            }
        }
        catch (OperationCanceledException) when (_command.CancelToken.IsCancellationRequested)
        {
            // Ctrl+C: there is nothing more to write.
        }
    }

    private ValueTask Write(SampleBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            foreach (MetricSample sample in batch.Span) _command.TakeSample(sample);
        }
        catch (Exception e)
        {
            _refused = ExceptionDispatchInfo.Capture(e);
            _command.Cancel();
            throw;
        }
        finally
        {
            batch.Return();
        }

        return ValueTask.CompletedTask;
    }

    private void Report(ScrapeResult result)
    {
        if (result.Error?.Cause != ScrapeError.NotExposition) ReportDefects(result);
        if (result.Error is { } error) _command.Fail(ErrorRecords.Failed(error));
        foreach (string warning in result.Warnings) _command.Warn(warning);
        _command.TakeResult(result);
        _command.WriteVerbose(ResultText.Of(result));
    }

    private void ReportDefects(ScrapeResult result)
    {
        foreach (ExpositionDefect defect in result.Defects) _command.TakeDefect(ErrorRecords.Defect(result.Target.Name, defect));
        long defects = result.Summary?.Defects ?? 0;
        if (defects > result.Defects.Count) _command.TakeDefect(ErrorRecords.MoreDefects(result.Target.Name, result.Defects.Count, defects));
    }
}
