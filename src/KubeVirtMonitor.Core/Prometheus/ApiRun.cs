using System.Buffers;
using System.Net;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Prometheus;

/// <summary>One request to the API of a server while it is running.</summary>
/// <param name="target">The address that is asked.</param>
/// <param name="content">What is asked for.</param>
/// <param name="options">How the server is reached.</param>
/// <param name="deadline">The time there is.</param>
/// <param name="cancellationToken">The user's own token.</param>
internal abstract class ApiRun(ScrapeTarget target, RequestContent content, ScrapeOptions options, Deadline deadline, CancellationToken cancellationToken)
    : BodyRun(target, options, deadline, cancellationToken), IBodySink
{
    public override RequestContent Content => content;

    /// <summary>Whether the answer is one of VictoriaMetrics, as its headers have it.</summary>
    public bool IsVictoriaMetrics { get; protected set; }

    public override void Begin(HttpResponseMessage response) => IsVictoriaMetrics = response.Headers.Contains("X-Server-Hostname");

    public override async Task ReadAsync(Stream stream, bool gzip, string? contentType, long? length, bool isFramed)
    {
        CheckLength(gzip, length);
        try
        {
            await PumpAsync(stream, gzip, contentType, length, this).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            throw Bad(e);
        }

        if (Progress.BodyBytes == 0) throw new ScrapeException(ScrapeError.NotQueryAnswer, Target.Name, "the server responded with 200 and an empty body");
        Complete();
    }

    public override ScrapeException Refusal(HttpAnswer answer, byte[] body, bool isCut) => QueryFailures.From(Target.Name, answer, body, isCut, Foreign);

    public abstract void Dispose();

    public abstract Memory<byte> GetMemory(int sizeHint);

    public abstract void Advance(int count);

    public abstract ValueTask FlushAsync(bool isEnd, Deadline deadline, CancellationToken cancellationToken);

    int IBodySink.Begin(Span<byte> start, BodyDescription body) => QueryFailures.Begin(start, body, Target.Uri!, Foreign);

    /// <summary>Judges the answer when all of it came.</summary>
    protected abstract void Complete();

    /// <summary>The error of an answer that is no JSON, or not as an answer should be.</summary>
    protected ScrapeException Bad(JsonException e) => new(ScrapeError.NotQueryAnswer, Target.Name, $"the answer cannot be read: {Foreign.Line(e.Message).TrimEnd('.')}; the series before that are complete", e);
}

/// <summary>One request with a query while it is running.</summary>
/// <param name="target">The address of the query.</param>
/// <param name="content">What is asked for.</param>
/// <param name="options">How the server is reached.</param>
/// <param name="receive">Takes each series.</param>
/// <param name="deadline">The time there is.</param>
/// <param name="cancellationToken">The user's own token.</param>
internal sealed class QueryRun(
    ScrapeTarget target,
    RequestContent content,
    ScrapeOptions options,
    Func<QuerySeries, ValueTask> receive,
    Deadline deadline,
    CancellationToken cancellationToken) : ApiRun(target, content, options, deadline, cancellationToken)
{
    private readonly AnswerReader _reader = new();
    private long _series;
    private long _points;

    /// <summary>What the receiver of the series threw; null = nothing.</summary>
    public ExceptionDispatchInfo? ReceiverFailure { get; private set; }

    /// <summary>How it went.</summary>
    public QueryOutcome ToOutcome() => new()
    {
        ResultType = _reader.ResultType ?? "vector",
        Series = _series,
        Points = _points,
        Histograms = _reader.Histograms,
        // Thanos and Prometheus say of what is missing only what kept it from coming; their remarks about the expression begin alike.
        IsPartial = _reader.IsPartial == true || _reader.Warnings.Any(static warning => !warning.StartsWith("PromQL ", StringComparison.Ordinal)),
        Warnings = [.. _reader.Warnings.Select(Shown)],
        Infos = [.. _reader.Infos.Select(Shown)],
    };

    public override Memory<byte> GetMemory(int sizeHint) => _reader.GetMemory(sizeHint);

    public override void Advance(int count) => _reader.Advance(count);

    public override ValueTask FlushAsync(bool isEnd, Deadline deadline, CancellationToken cancellationToken)
    {
        while (_reader.Read())
        {
            ValueTask received = Receive();
            if (received.IsCompletedSuccessfully) received.GetAwaiter().GetResult();
            else return FlushSlowlyAsync(received);
        }

        return ValueTask.CompletedTask;
    }

    public override void Dispose() => _reader.Dispose();

    protected override void Complete()
    {
        if (_reader.Status == "error") throw QueryFailures.Of(Target.Name, HttpStatusCode.OK, _reader.ErrorType, _reader.Error, Foreign);
        if (!_reader.IsComplete) throw HttpFailures.Truncated(Target.Name, Progress.BodyBytes);
        if (_reader.Status is null || !_reader.HasResult) throw new ScrapeException(ScrapeError.NotQueryAnswer, Target.Name, "JSON came, but no answer to a query");

        // Only its cluster says so, always.
        IsVictoriaMetrics |= _reader.IsPartial is not null;
    }

    private async ValueTask FlushSlowlyAsync(ValueTask received)
    {
        while (true)
        {
            Deadline.Pause();
            try
            {
                await received.ConfigureAwait(false);
            }
            catch (Exception e)
            {
                ReceiverFailure = ExceptionDispatchInfo.Capture(e);
                throw;
            }

            Deadline.Resume();
            do
            {
                if (!_reader.Read()) return;
                received = Receive();
            }
            while (received.IsCompletedSuccessfully);
        }
    }

    private ValueTask Receive()
    {
        _series++;
        _points += _reader.Series.Points.Length;
        try
        {
            return receive(_reader.Series);
        }
        catch (Exception e)
        {
            ReceiverFailure = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }

    private string Shown(string note) => Foreign.Line(note, 1000);
}

/// <summary>One request for a small document of a server while it is running, such as its alerts.</summary>
/// <param name="target">The address.</param>
/// <param name="content">What is asked for.</param>
/// <param name="options">How the server is reached.</param>
/// <param name="deadline">The time there is.</param>
/// <param name="cancellationToken">The user's own token.</param>
internal sealed class DocumentRun(ScrapeTarget target, RequestContent content, ScrapeOptions options, Deadline deadline, CancellationToken cancellationToken)
    : ApiRun(target, content, options, deadline, cancellationToken)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>The value of <c>data</c>.</summary>
    public JsonNode? Data { get; private set; }

    public override Memory<byte> GetMemory(int sizeHint) => _bytes.GetMemory(sizeHint);

    public override void Advance(int count) => _bytes.Advance(count);

    public override ValueTask FlushAsync(bool isEnd, Deadline deadline, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public override void Dispose()
    {
    }

    protected override void Complete()
    {
        JsonNode? document;
        try
        {
            document = JsonText.Parse(_bytes.WrittenSpan);
        }
        catch (JsonException e)
        {
            throw Bad(e);
        }

        string? status = JsonText.Of(JsonText.At(document, "status"));
        if (status == "error") throw QueryFailures.Of(Target.Name, HttpStatusCode.OK, JsonText.Of(JsonText.At(document, "errorType")), JsonText.Of(JsonText.At(document, "error")), Foreign);
        if (status is null) throw new ScrapeException(ScrapeError.NotQueryAnswer, Target.Name, "JSON came, but no answer of Prometheus' API");
        Data = JsonText.At(document, "data");
    }
}
