using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>An instance that is scheduled, and what became of its runs.</summary>
/// <param name="found">What asks for it.</param>
/// <param name="check">The check.</param>
/// <param name="release">The version of the Agent.</param>
internal sealed class ScheduledCheck(FoundCheck found, IAgentCheck check, AgentRelease release)
{
    private readonly double[] _times = new double[32];
    private bool _isGone;

    public FoundCheck Found { get; } = found;

    /// <summary>The last run, which may go on.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Whether its pod is gone, which ends the connection that a run waits for: it would keep a worker from the checks of other pods.</summary>
    public bool IsGone { get => Volatile.Read(ref _isGone); set => Volatile.Write(ref _isGone, value); }

    /// <summary>The pause between two runs.</summary>
    public TimeSpan Interval { get; } = TimeSpan.FromSeconds(
        double.TryParse((found.Instance["min_collection_interval"] ?? found.Init?["min_collection_interval"])?.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds > 0 ? seconds : 15);

    /// <summary>When a run that goes on began.</summary>
    public DateTimeOffset? Since { get; private set; }

    public long Runs { get; private set; }

    public long Failures { get; private set; }

    public long WarningCount { get; private set; }

    public DateTimeOffset Last { get; private set; }

    public DateTimeOffset? LastSuccess { get; private set; }

    /// <summary>What the last run sent.</summary>
    public Submission? Sent { get; private set; }

    public string Error { get; private set; } = "";

    /// <summary>What the last run that sent something sent: a run without samples leaves the number.</summary>
    public int Samples { get; private set; }

    public long TotalSamples { get; private set; }

    public long TotalServiceChecks { get; private set; }

    public long TotalHistogramBuckets { get; private set; }

    /// <summary>What it says about the other side.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Starts a run where the last one is longer ago than a pause; a run that goes on stays the only one.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="pause">The pause.</param>
    /// <param name="workers">Who runs checks: with none that is free a run waits, and has not begun.</param>
    /// <param name="hold">What a run waits for before it does anything.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <returns>The run that goes on, if there is one.</returns>
    public Task RunWhenDue(TimeProvider time, TimeSpan pause, SemaphoreSlim workers, Func<CancellationToken, Task> hold, CancellationToken cancellation)
    {
        if (!Running.IsCompleted || (Runs > 0 && time.GetUtcNow() - Last < pause)) return Running;
        return Running = Task.Run(() => RunAsync(time, workers, hold, cancellation), cancellation);
    }

    private async Task RunAsync(TimeProvider time, SemaphoreSlim workers, Func<CancellationToken, Task> hold, CancellationToken cancellation)
    {
        try
        {
            await workers.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            Since = time.GetUtcNow();
            await RunAsync(time, hold, cancellation);
        }
        finally
        {
            Since = null;
            workers.Release();
        }
    }

    private async Task RunAsync(TimeProvider time, Func<CancellationToken, Task> hold, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        Submission submission = check.Begin();
        string error = "";
        try
        {
            await hold(cancellation);
            await check.RunAsync(submission, cancellation);
        }
        catch (CheckFailure failure)
        {
            error = failure.Report(Found.Check, release.WritesCompactly);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        catch (Exception defect)
        {
            // A defect of the simulator: said in the place where a test looks for failures.
            error = new CheckFailure("SystemError", $"simulator: {defect}").Report(Found.Check, release.WritesCompactly);
        }

        Runs++;
        Last = time.GetUtcNow();
        Sent = submission;
        Error = error;
        if (error.Length > 0) Failures++;
        else LastSuccess = Last;
        WarningCount += submission.Warnings.Count;
        if (submission.Samples > 0) Samples = submission.Samples;
        TotalSamples += submission.Samples;
        TotalServiceChecks += submission.ServiceChecks;
        TotalHistogramBuckets += submission.HistogramBuckets;
        foreach ((string name, string value) in submission.Metadata) Metadata[name] = value;
        _times[(Runs - 1) % 32] = Math.Ceiling(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>What the status of the Agent says about it; null as long as no run has ended.</summary>
    public JsonObject? ToJson() => Sent is not { } sent ? null : new JsonObject
    {
        ["AverageExecutionTime"] = (long)_times.Where(static one => one > 0).DefaultIfEmpty().Average(),
        ["Cancelling"] = false,
        ["CheckConfigSource"] = "container:" + Found.Container,
        ["CheckID"] = Found.Id,
        ["CheckLoader"] = "python",
        ["CheckName"] = Found.Check,
        ["CheckVersion"] = release.Wheel(Found.Check),
        ["Events"] = 0,
        ["ExecutionTimes"] = new JsonArray([.. _times.Select(static one => JsonValue.Create((long)one))]),
        ["HistogramBuckets"] = sent.HistogramBuckets,
        [nameof(Interval)] = Interval.Ticks * 100,
        ["LastDelay"] = 0,
        ["LastError"] = Error,
        ["LastExecutionTime"] = (long)_times[(Runs - 1) % 32],
        ["LastSuccessDate"] = LastSuccess?.ToUnixTimeSeconds() ?? 0,
        ["LastWarnings"] = new JsonArray([.. sent.Warnings.Select(static one => JsonValue.Create(one))]),
        ["LongRunning"] = false,
        ["MetricSamples"] = Samples,
        ["ServiceChecks"] = sent.ServiceChecks,
        ["TotalErrors"] = Failures,
        ["TotalEvents"] = 0,
        [nameof(TotalHistogramBuckets)] = TotalHistogramBuckets,
        ["TotalMetricSamples"] = TotalSamples,
        ["TotalRuns"] = Runs,
        [nameof(TotalServiceChecks)] = TotalServiceChecks,
        ["TotalWarnings"] = WarningCount,
        ["UpdateTimestamp"] = Last.ToUnixTimeSeconds(),
    };
}
