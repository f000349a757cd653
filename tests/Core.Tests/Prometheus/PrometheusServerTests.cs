using System.Globalization;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Scraping;
using Xunit;
using Server = KubeVirtMonitor.Prometheus.PrometheusServer;

namespace KubeVirtMonitor.Tests.Prometheus;

/// <summary>What is asked, and what becomes of what comes back.</summary>
public sealed class PrometheusServerTests
{
    private const string One = """{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1700000000,"1"]}]}}""";

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Reply Json(string body) => Reply.Text(body) with { ContentType = "application/json" };

    private static Reply Json(int status, string body) => Reply.Error(status, "Error", body) with { ContentType = "application/json" };

    [Fact]
    public async Task A_query_is_posted_as_a_form_with_the_headers_of_its_server()
    {
        await using LoopbackServer server = new(_ => Json(One));
        ScrapeOptions options = new() { Token = "secret-token-0123456789", Headers = [new("X-Scope-OrgID", "a|b")] };

        Asked asked = await Asked.FromAsync(server.Uri("/prometheus/"), new Query { Expression = "sum by (a) (x{b=~\"c|d&\"})", Time = Start.AddMilliseconds(5) }, options, Stop);

        Assert.Equal(["{a=\"b\"} 1@1700000000"], asked.Series);
        Assert.Equal(new QueryOutcome { ResultType = "vector", Series = 1, Points = 1 } with { Warnings = asked.Outcome!.Warnings, Infos = asked.Outcome.Infos }, asked.Outcome);
        Assert.Empty(asked.Outcome.Warnings);
        ReceivedRequest request = Assert.Single(server.Requests);
        Assert.Equal(("POST", "/prometheus/api/v1/query"), (request.Method, request.Path));
        Assert.Equal("application/x-www-form-urlencoded", request["Content-Type"]);
        Assert.Equal("application/json", request["Accept"]);
        Assert.Equal("Bearer secret-token-0123456789", request["Authorization"]);
        Assert.Equal("a|b", request["X-Scope-OrgID"]);
        Assert.Equal("gzip", request["Accept-Encoding"]);
        Assert.Equal(("sum by (a) (x{b=~\"c|d&\"})", "1700000000.005"), (Assert.Single(request.Parameters["query"]), Assert.Single(request.Parameters["time"])));
        // VictoriaMetrics would move the times, and hold back the last half minute.
        Assert.Equal(("1", "1ms"), (Assert.Single(request.Parameters["nocache"]), Assert.Single(request.Parameters["latency_offset"])));
    }

    [Theory]
    [InlineData("", "/api/v1/query")]
    [InlineData("/", "/api/v1/query")]
    [InlineData("/prometheus", "/prometheus/api/v1/query")]
    [InlineData("/select/0/prometheus/", "/select/0/prometheus/api/v1/query")]
    [InlineData("/p/api/v1", "/p/api/v1/query")]
    [InlineData("/api/v1/query", "/api/v1/query")]
    [InlineData("/api/v1/query_range", "/api/v1/query")]
    [InlineData("/graph", "/api/v1/query")]
    [InlineData("/x?dedup=false&extra_label=a%3Db", "/x/api/v1/query?dedup=false&extra_label=a%3Db")]
    public async Task The_API_is_found_below_the_address(string given, string asked)
    {
        await using LoopbackServer server = new(_ => Json(One));
        await Asked.FromAsync(server.Uri(given), new Query { Expression = "x" }, cancellationToken: Stop);
        Assert.Equal(asked, Assert.Single(server.Requests).Path);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(405)]
    [InlineData(501)]
    public async Task Where_POST_is_refused_GET_is_used_from_then_on(int status)
    {
        await using LoopbackServer server = new(request => request.Method == "POST" ? Reply.Error(status, "No", "only GET") : Json(One));
        using TransportPool pool = new();
        Server asked = new(server.Uri("/?x=y"), new ScrapeOptions(), pool: pool);
        Query query = new() { Expression = "up{a=\"ä+&\"}" };

        Assert.Equal(["{a=\"b\"} 1@1700000000"], (await Asked.FromAsync(asked, query, Stop)).Series);
        Assert.Equal(["{a=\"b\"} 1@1700000000"], (await Asked.FromAsync(asked, query, Stop)).Series);

        Assert.Equal(["POST", "GET", "GET"], server.Requests.Select(static request => request.Method));
        ReceivedRequest last = server.Requests.Last();
        Assert.Equal(("up{a=\"ä+&\"}", "y"), (Assert.Single(last.Parameters["query"]), Assert.Single(last.Parameters["x"])));
    }

    [Fact]
    public async Task An_expression_too_long_for_an_address_is_not_asked_by_GET()
    {
        await using LoopbackServer server = new(static _ => Reply.Error(405, "Method Not Allowed", "only GET"));
        Asked asked = await Asked.FromAsync(server.Uri("/"), new Query { Expression = $"up{{a=\"{new string('x', 8000)}\"}}" }, cancellationToken: Stop);
        Assert.Equal("the server answered 405 Method Not Allowed: only GET", asked.Error!.What);
        Assert.Equal("POST", Assert.Single(server.Requests).Method);
    }

    [Fact]
    public async Task A_range_is_asked_in_parts_on_one_grid()
    {
        await using LoopbackServer server = new(static request => Json($$"""{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[{{request.Parameters["start"].Single()}},"1"],[{{request.Parameters["end"].Single()}},"2"]]}]},"warnings":["w","{{request.Parameters["start"].Single()}}"],"infos":["i"]}"""));

        // 25,000 steps and a bit: 25,001 points.
        Asked asked = await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x", Range = new(Start, Start.AddSeconds((25_000 * 15) + 7), TimeSpan.FromSeconds(15)) }, cancellationToken: Stop);

        Assert.Equal(
            ["1700000000 1700164985 15", "1700165000 1700329985 15", "1700330000 1700375007 15"],
            server.Requests.Select(static request => $"{request.Parameters["start"].Single()} {request.Parameters["end"].Single()} {request.Parameters["step"].Single()}"));
        Assert.Equal(3, asked.Series.Count);
        Assert.Equal(("matrix", 3, 6, true), (asked.Outcome!.ResultType, asked.Outcome.Series, asked.Outcome.Points, asked.Outcome.IsPartial));
        Assert.Equal(["w", "1700000000", "1700165000", "1700330000"], asked.Outcome.Warnings);
        Assert.Equal(["i"], asked.Outcome.Infos);
    }

    [Theory]
    [InlineData(11_000, 1)]
    [InlineData(11_001, 2)]
    [InlineData(22_000, 2)]
    public async Task A_part_has_11000_points(int points, int parts)
    {
        await using LoopbackServer server = new(static _ => Json(One));
        await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x", Range = new(Start, Start.AddSeconds(points - 1), TimeSpan.FromSeconds(1)) }, cancellationToken: Stop);
        Assert.Equal(parts, server.Requests.Count);
    }

    [Theory]
    [InlineData("X-Server-Hostname")]
    [InlineData("isPartial")]
    public async Task VictoriaMetrics_is_asked_for_more_points_once_it_is_known(string sign)
    {
        string body = sign == "isPartial" ? One.Replace("\"data\"", "\"isPartial\":false,\"data\"", StringComparison.Ordinal) : One;
        await using LoopbackServer server = new(_ => sign == "isPartial" ? Json(body) : Json(body) with { Headers = [(sign, "vm-0")] });
        await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x", Range = new(Start, Start.AddSeconds(70_999), TimeSpan.FromSeconds(1)) }, cancellationToken: Stop);
        Assert.Equal(["11000", "30000", "30000"], server.Requests.Select(static request => $"{long.Parse(request.Parameters["end"].Single(), CultureInfo.InvariantCulture) - long.Parse(request.Parameters["start"].Single(), CultureInfo.InvariantCulture) + 1}"));
    }

    [Fact]
    public async Task VictoriaMetrics_with_a_lower_limit_of_its_own_is_asked_for_less()
    {
        await using LoopbackServer server = new(static request =>
            long.Parse(request.Parameters["end"].Single(), CultureInfo.InvariantCulture) - long.Parse(request.Parameters["start"].Single(), CultureInfo.InvariantCulture) >= 20_000
                ? Json(422, """{"status":"error","errorType":"422","error":"too many points for the given step=1000, start=1700011000000 and end=1700040999000: 30000; cannot exceed -search.maxPointsPerTimeseries=20000"}""")
                : Json(One) with { Headers = [("X-Server-Hostname", "vm-0")] });
        Asked asked = await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x", Range = new(Start, Start.AddSeconds(43_999), TimeSpan.FromSeconds(1)) }, cancellationToken: Stop);
        Assert.Null(asked.Error);
        Assert.Equal((5, 4), (server.Requests.Count, asked.Series.Count));
    }

    // As the servers answer: Prometheus 2.42 and 3, VictoriaMetrics, Thanos, Mimir, and what stands before them.
    [Theory]
    [InlineData(400, """{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": 1:5: parse error: unclosed left parenthesis"}""", ScrapeError.QueryRefused, "the server does not accept the query (400 bad_data): invalid parameter \"query\": 1:5: parse error: unclosed left parenthesis")]
    [InlineData(422, """{"status":"error","errorType":"422","error":"error when executing query=\"sum(\" for (time=1795895562507, step=300000): singleExpr: unexpected token \"\"; want \"(\", \"{\", \"-\", \"+\"; unparsed data: \"\""}""", ScrapeError.QueryRefused, "the server does not accept the query (422): error when executing query=\"sum(\" for (time=1795895562507, step=300000): singleExpr: unexpected token \"\"; want \"(\", \"{\", \"-\", \"+\"; unparsed data: \"\"")]
    [InlineData(422, """{"status":"error","errorType":"execution","error":"multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"}""", ScrapeError.QueryRefused, "the server does not accept the query (422 execution): multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")]
    [InlineData(400, """{"status":"error","errorType":"bad_data","error":"exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"}""", ScrapeError.QueryTooLarge, "the query is too large for the server (400 bad_data): exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)")]
    [InlineData(422, """{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}""", ScrapeError.QueryTooLarge, "the query is too large for the server (422 execution): query processing would load too many samples into memory in query execution")]
    [InlineData(422, """{"status":"error","errorType":"execution","error":"the query exceeded the maximum number of series (limit: 100000 series) (err-mimir-max-series-per-query). Consider reducing the time range and/or number of series selected by the query."}""", ScrapeError.QueryTooLarge, "the query is too large for the server (422 execution): the query exceeded the maximum number of series (limit: 100000 series) (err-mimir-max-series-per-query). Consider reducing the time range and/or number of series selected by the query")]
    [InlineData(422, """{"status":"error","errorType":"execution","error":"expanding series: proxy Series(): rpc error: code = ResourceExhausted desc = exceeded series limit: limit 10 violated (got 11)"}""", ScrapeError.QueryTooLarge, "the query is too large for the server (422 execution): expanding series: proxy Series(): rpc error: code = ResourceExhausted desc = exceeded series limit: limit 10 violated (got 11)")]
    [InlineData(503, """{"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"}""", ScrapeError.QueryTimeout, "the server gave the query up (503 timeout): query timed out in expression evaluation")]
    [InlineData(422, """{"status":"error","errorType":"422","error":"timeout exceeded while fetching data block #3 from storage: 30.000 seconds; the timeout can be adjusted with -search.maxQueryDuration command-line flag"}""", ScrapeError.QueryTimeout, "the server gave the query up (422): timeout exceeded while fetching data block #3 from storage: 30.000 seconds; the timeout can be adjusted with -search.maxQueryDuration command-line flag")]
    [InlineData(503, """{"status":"error","errorType":"canceled","error":"query was canceled in query execution"}""", ScrapeError.QueryTimeout, "the server gave the query up (503 canceled): query was canceled in query execution")]
    [InlineData(500, """{"status":"error","errorType":"internal","error":"opening storage failed"}""", ScrapeError.QueryFailed, "the server failed over the query (500 internal): opening storage failed")]
    [InlineData(429, """{"status":"error","errorType":"too_many_requests","error":"too many outstanding requests"}""", ScrapeError.Busy, "the server is busy (429 too_many_requests): too many outstanding requests")]
    [InlineData(503, """{"status":"error","errorType":"503","error":"couldn't start executing the request in 10.000 seconds, since -search.maxConcurrentRequests=8 concurrent requests are executed. Possible solutions: to reduce query load"}""", ScrapeError.Busy, "the server is busy (503): couldn't start executing the request in 10.000 seconds, since -search.maxConcurrentRequests=8 concurrent requests are executed. Possible solutions: to reduce query load")]
    [InlineData(401, "no org id\n", ScrapeError.Unauthorized, "the server answered 401 Error: no org id")]
    [InlineData(401, "Unauthorized", ScrapeError.Unauthorized, "the server answered 401 Error: Unauthorized")]
    [InlineData(403, "Forbidden (user=system:serviceaccount:a:b, verb=create, resource=prometheuses, subresource=api)\n", ScrapeError.Forbidden, "the server answered 403 Error: Forbidden (user=system:serviceaccount:a:b, verb=create, resource=prometheuses, subresource=api)")]
    [InlineData(403, """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"services \"prometheus-k8s\" is forbidden: User \"jane\" cannot get resource \"services/proxy\" in API group \"\" in the namespace \"monitoring\"","reason":"Forbidden","code":403}""", ScrapeError.Forbidden, "the server answered 403 Error: services \"prometheus-k8s\" is forbidden: User \"jane\" cannot get resource \"services/proxy\" in API group \"\" in the namespace \"monitoring\"")]
    [InlineData(403, "<!DOCTYPE html><html><head><title>Log In</title></head><body><form method=\"GET\"><button>Log in with OpenShift</button></form></body></html>", ScrapeError.Unauthorized, "the server answered 403 Error: Log in with OpenShift")]
    [InlineData(404, "404 page not found\n", ScrapeError.NotQueryAnswer, "there is no API of Prometheus at this address: the server answered 404 Error: 404 page not found")]
    [InlineData(400, "remoteAddr: \"127.0.0.1:49196\"; requestURI: /foo/api/v1/query?query=1; unsupported path requested: \"/foo/api/v1/query\"\n", ScrapeError.NotQueryAnswer, "there is no API of Prometheus at this address: the server answered 400 Error: remoteAddr: \"127.0.0.1:49196\"; requestURI: /foo/api/v1/query?query=1; unsupported path requested: \"/foo/api/v1/query\"")]
    [InlineData(504, "<html><head><title>504 Gateway Time-out</title></head><body><center><h1>504 Gateway Time-out</h1></center></body></html>", ScrapeError.QueryTimeout, "the server answered 504 Error: 504 Gateway Time-out")]
    [InlineData(502, "<html><body><h1>502 Bad Gateway</h1></body></html>", ScrapeError.QueryFailed, "the server answered 502 Error: 502 Bad Gateway")]
    [InlineData(413, "<html><body><h1>413 Request Entity Too Large</h1></body></html>", ScrapeError.QueryTooLarge, "the server answered 413 Error: 413 Request Entity Too Large")]
    [InlineData(200, """{"status":"error","errorType":"execution","error":"it failed"}""", ScrapeError.QueryRefused, "the server does not accept the query (200 execution): it failed")]
    [InlineData(200, "", ScrapeError.NotQueryAnswer, "the server responded with 200 and an empty body")]
    [InlineData(200, "# HELP up Up\nup 1\n", ScrapeError.NotQueryAnswer, "something else than JSON came instead of an answer (Content-Type application/json): # HELP up Up")]
    [InlineData(200, "<html><body><h1>It works!</h1></body></html>", ScrapeError.NotQueryAnswer, "a web page came instead of an answer (Content-Type application/json): It works!")]
    [InlineData(200, "<html><body><form action=\"/login\"><h1>Please sign in</h1><input type=\"password\"></form></body></html>", ScrapeError.Unauthorized, "a web page to sign in came instead of an answer: Please sign in")]
    [InlineData(200, """{"kind":"Status","status":"Failure"}""", ScrapeError.NotQueryAnswer, "JSON came, but no answer to a query")]
    [InlineData(200, """{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1700000000,"1"]},{"metric":{"a":"c"},"value":[1700000000,"x"]}]}}""", ScrapeError.NotQueryAnswer, "the answer cannot be read: a point is no pair of time and value at byte 134; the series before that are complete")]
    public async Task A_server_that_does_not_answer_is_quoted(int status, string body, ScrapeError cause, string what)
    {
        await using LoopbackServer server = new(_ => status == 200 ? Json(body) : Json(status, body));
        Asked asked = await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x" }, new ScrapeOptions { MaximumRetryCount = 0 }, Stop);
        Assert.Equal((cause, what), (asked.Error!.Cause, asked.Error.What));
        Assert.Equal(Setting.PrometheusAddress, asked.Error.Setting);
        Assert.Equal($"http://127.0.0.1:{server.Port}/", asked.Error.Target);
    }

    [Fact]
    public async Task A_redirect_to_a_page_to_sign_in_is_said_to_be_one()
    {
        await using LoopbackServer login = new(static request => Reply.Text($"<html><body>{request.Method} Welcome</body></html>") with { ContentType = "text/html" });
        await using LoopbackServer server = new(_ => Reply.Redirect(302, login.Uri("/oauth/authorize?state=abcdef0123456789", "localhost").AbsoluteUri));
        Asked asked = await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x" }, cancellationToken: Stop);
        Assert.Equal((ScrapeError.Unauthorized, $"a web page to sign in came instead of an answer (at http://localhost:{login.Port}/oauth/authorize): GET Welcome"), (asked.Error!.Cause, asked.Error.What));
        Assert.Null(Assert.Single(login.Requests)["Authorization"]);
    }

    [Fact]
    public async Task A_page_to_sign_in_that_refuses_is_one_too()
    {
        await using LoopbackServer login = new(static _ => Reply.Error(404, "Not Found", "no such page"));
        await using LoopbackServer server = new(_ => Reply.Redirect(307, login.Uri("/login", "localhost").AbsoluteUri));
        Asked asked = await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x" }, cancellationToken: Stop);
        Assert.Equal((ScrapeError.Unauthorized, $"the server redirects to http://localhost:{login.Port}/login, as to a page to sign in, and from there came 404 Not Found: no such page"), (asked.Error!.Cause, asked.Error.What));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_on_the_same_server_keeps_the_form(int status)
    {
        await using LoopbackServer server = new(request => request.Path.StartsWith("/new", StringComparison.Ordinal) ? Json(One) : Reply.Redirect(status, "/new/api/v1/query"));
        Asked asked = await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x" }, cancellationToken: Stop);
        Assert.Null(asked.Error);
        Assert.Equal(["POST", "POST"], server.Requests.Select(static request => request.Method));
        Assert.Equal("x", Assert.Single(server.Requests.Last().Parameters["query"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Half_an_answer_gives_its_whole_series_and_then_an_error(bool gzip)
    {
        string[] all = [.. Enumerable.Range(0, 100).Select(static i => $"{{\"metric\":{{\"i\":\"{i}\"}},\"values\":[{string.Join(',', Enumerable.Range(0, 100).Select(t => $"[{t},\"{i * t % 97}\"]"))}]}}")];
        string body = "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" + string.Join(',', all) + "]}}";
        await using LoopbackServer server = new(_ => gzip
            ? Reply.Gzip(body) with { ContentType = "application/json", CutAfter = Reply.Pack(body).Length / 2 }
            : Json(body) with { CutAfter = body.Length / 2 });
        Asked asked = await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x" }, cancellationToken: Stop);
        Assert.Equal(ScrapeError.Truncated, asked.Error!.Cause);
        Assert.InRange(asked.Series.Count, 20, 60);
        Assert.Equal(Enumerable.Range(0, asked.Series.Count).Select(static i => $"{{i=\"{i}\"}}{string.Concat(Enumerable.Range(0, 100).Select(t => $" {i * t % 97}@{t / 1m}"))}"), asked.Series);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_document_that_ends_too_early_is_truncated_although_its_length_is_right()
    {
        await using LoopbackServer server = new(static _ => Json(One[..^2]));
        Asked asked = await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x" }, cancellationToken: Stop);
        Assert.Equal(ScrapeError.Truncated, asked.Error!.Cause);
        Assert.Equal(["{a=\"b\"} 1@1700000000"], asked.Series);
    }

    [Fact]
    public async Task What_is_missing_and_left_out_is_said()
    {
        await using LoopbackServer server = new(static _ => Json("""{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"]],"histograms":[[2,{"count":"1","sum":"1"}],[3,{"count":"1","sum":"1"}]]}]},"warnings":["PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)"],"infos":["PromQL info: x"]}"""));
        Asked asked = await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x" }, cancellationToken: Stop);
        Assert.Equal((2, false), (asked.Outcome!.Histograms, asked.Outcome.IsPartial));
        Assert.Equal(["PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)"], asked.Outcome.Warnings);
        Assert.Equal(["PromQL info: x"], asked.Outcome.Infos);
    }

    [Theory]
    [InlineData("""{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[]}}""", true)]
    [InlineData("""{"status":"success","isPartial":false,"data":{"resultType":"vector","result":[]}}""", false)]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[]},"warnings":["No StoreAPIs matched for this query"]}""", true)]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[]},"warnings":["results truncated due to limit"]}""", true)]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[]},"warnings":["PromQL warning: x"]}""", false)]
    public async Task A_partial_answer_is_known(string body, bool isPartial)
    {
        await using LoopbackServer server = new(_ => Json(body));
        Assert.Equal(isPartial, (await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x" }, cancellationToken: Stop)).Outcome!.IsPartial);
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_and_a_query_that_timed_out_is_not()
    {
        int asked = 0;
        await using LoopbackServer busy = new(_ => ++asked < 3 ? Json(503, """{"status":"error","errorType":"unavailable","error":"starting"}""") : Json(One));
        Assert.Single((await Asked.FromAsync(busy.Uri("/"), new Query { Expression = "x" }, cancellationToken: Stop)).Series);
        Assert.Equal(3, busy.Requests.Count);
        await using LoopbackServer slow = new(static _ => Json(503, """{"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"}"""));
        Assert.Equal(ScrapeError.QueryTimeout, (await Asked.FromAsync(slow.Uri("/"), new Query { Expression = "x" }, cancellationToken: Stop)).Error!.Cause);
        Assert.Single(slow.Requests);
    }

    [Fact]
    public async Task Secrets_are_in_no_error_and_no_warning()
    {
        const string Token = "tk-5f2c9e8a1b7d4c3f6e0a";
        await using LoopbackServer server = new(static request => request.Parameters["query"].Single() == "warn"
            ? Json($$"""{"status":"success","data":{"resultType":"vector","result":[]},"warnings":["from {{Token}}"],"infos":["{{Token}}"]}""")
            : Json(400, $$"""{"status":"error","errorType":"bad_data","error":"token {{Token}} and pw-9d8c7b6a5f4e may not"}"""));
        Uri address = new UriBuilder(server.Uri("/")) { UserName = "me", Password = "pw-9d8c7b6a5f4e" }.Uri;
        ScrapeOptions options = new() { Headers = [new("X-Token", Token)] };
        Asked refused = await Asked.FromAsync(address, new Query { Expression = "x" }, options, Stop);
        Assert.Equal("the server does not accept the query (400 bad_data): token [redacted] and [redacted] may not", refused.Error!.What);
        Asked warned = await Asked.FromAsync(address, new Query { Expression = "warn" }, options, Stop);
        Assert.Equal(["from [redacted]", "[redacted]"], [.. warned.Outcome!.Warnings, .. warned.Outcome.Infos]);
        Assert.DoesNotContain("pw-", new Server(address, options).Name, StringComparison.Ordinal);
        Assert.Equal("Basic bWU6cHctOWQ4YzdiNmE1ZjRl", server.Requests.First()["Authorization"]);
    }

    [Fact]
    public async Task What_the_receiver_throws_is_thrown_as_it_is()
    {
        await using LoopbackServer server = new(static _ => Json(One));
        Server asked = new(server.Uri("/"), new ScrapeOptions());
        InvalidOperationException mine = new("mine");
        Assert.Same(mine, await Assert.ThrowsAsync<InvalidOperationException>(() => asked.QueryAsync(new Query { Expression = "x" }, _ => throw mine, Stop)));
        Assert.Same(mine, await Assert.ThrowsAsync<InvalidOperationException>(() => asked.QueryAsync(new Query { Expression = "x" }, async _ =>
        {
            await Task.Yield();
            throw mine;
        }, Stop)));
    }

    [Fact]
    public async Task Series_are_handed_on_one_by_one_while_the_answer_arrives()
    {
        TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        string padding = new(' ', 40_000);
        await using LoopbackServer server = new(_ => new Reply
        {
            Raw = async (stream, stop) =>
            {
                string begin = """{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"1"},"value":[1,"1"]},{"metric":{"a":"2"},"value":[1,"2"]}""" + padding;
                string end = """,{"metric":{"a":"3"},"value":[1,"3"]}]}}""";
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {begin.Length + end.Length}\r\n\r\n{begin}"), stop);
                await stream.FlushAsync(stop);
                // The rest comes when the first series was received, or never.
                await first.Task.WaitAsync(stop);
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(end), stop);
            },
        });
        int active = 0;
        List<string?> received = [];
        Server asked = new(server.Uri("/"), new ScrapeOptions());
        await asked.QueryAsync(
            new Query { Expression = "x" },
            async series =>
            {
                Assert.Equal(1, Interlocked.Increment(ref active));
                string? label = series["a"];
                await Task.Delay(5, Stop);
                Assert.Equal(label, series["a"]);
                received.Add(label);
                first.TrySetResult();
                Interlocked.Decrement(ref active);
            },
            Stop);
        Assert.Equal(["1", "2", "3"], received);
    }

    [Fact]
    public async Task A_cancelled_query_ends_at_once()
    {
        await using LoopbackServer server = new(static _ => Json(One) with { Delay = TimeSpan.FromMinutes(1) });
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Task<Asked> asking = Asked.FromAsync(server.Uri("/"), new Query { Expression = "x" }, cancellationToken: cancel.Token);
        cancel.CancelAfter(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task The_time_limit_hangs_on_its_setting()
    {
        await using LoopbackServer server = new(static _ => Json(One) with { Delay = TimeSpan.FromMinutes(1) });
        Asked asked = await Asked.FromAsync(server.Uri("/"), new Query { Expression = "x" }, new ScrapeOptions { Timeout = TimeSpan.FromMilliseconds(100) }, Stop);
        Assert.Equal((ScrapeError.Timeout, "no response within 0.1 s", Setting.Timeout), (asked.Error!.Cause, asked.Error.What, asked.Error.Setting));
    }

    [Fact]
    public async Task A_document_of_the_API_is_read()
    {
        await using LoopbackServer server = new(static request => request.Path.StartsWith("/api/v1/alerts", StringComparison.Ordinal)
            ? Json("""{"status":"success","data":{"alerts":[{"labels":{"alertname":"A"},"state":"firing"}]}}""")
            : Json(404, """{"status":"error","errorType":"not_found","error":"path not found"}"""));
        Server asked = new(server.Uri("/"), new ScrapeOptions());
        Assert.Equal("firing", (string?)(await asked.ReadAsync("alerts", [new("match[]", "a b")], Stop))!["alerts"]![0]!["state"]);
        Assert.Equal(("GET", "/api/v1/alerts?match%5B%5D=a%20b"), (server.Requests.Single().Method, server.Requests.Single().Path));
        ScrapeException e = await Assert.ThrowsAsync<ScrapeException>(() => asked.ReadAsync("rules", [], Stop));
        Assert.Equal("the server does not accept the query (404 not_found): path not found", e.What);
    }

    [Theory]
    [InlineData("ftp://x/")]
    [InlineData("x")]
    public void An_address_of_another_kind_is_refused(string address)
    {
        ScrapeException e = Assert.Throws<ScrapeException>(() => new Server(new Uri(address, UriKind.RelativeOrAbsolute), new ScrapeOptions()));
        Assert.Equal((ScrapeError.InvalidTarget, Setting.PrometheusAddress), (e.Cause, e.Setting));
    }
}
