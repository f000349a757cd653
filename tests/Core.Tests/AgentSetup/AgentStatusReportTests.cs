using KubeVirtMonitor.AgentSetup;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>What is read of the status of an Agent.</summary>
public sealed class AgentStatusReportTests
{
    // A status as an Agent writes it, shortened: an instance whose last run failed, and one that has none of the fields that newer Agents write.
    private const string Whole = """
        {"version":"7.71.0","flavor":"agent","python_version":"3.13.7","time_nano":1795818000000000000,"agent_start_nano":1795810000000000000,"pid":1,
         "runnerStats":{"Runs":120,"Errors":8,"RunningChecks":1,"Workers":{"Count":4},
          "Running":{"openmetrics:kubevirt_api:77aa":"2026-11-27T22:18:50.5Z"},
          "Checks":{"kubevirt_handler":{"kubevirt_handler:5d1c":{
             "CheckName":"kubevirt_handler","CheckID":"kubevirt_handler:5d1c","CheckVersion":"2.0.1","CheckLoader":"python","CheckConfigSource":"container:containerd://4f2a",
             "Interval":15000000000,"TotalRuns":8,"TotalErrors":8,"TotalWarnings":2,"MetricSamples":1,"TotalMetricSamples":8,"LastExecutionTime":31,"LastDelay":2,
             "UpdateTimestamp":1795817991,"LastSuccessDate":0,
             "LastError":"[{\"message\": \"There was an error scraping endpoint https://10.1.2.3:8443/metrics: refused\", \"traceback\": \"Traceback (most recent call last):\\n  File \\\"check.py\\\", line 1, in run\\n    self.check(instance)\\nrequests.exceptions.ConnectionError: There was an error\\n\"}]",
             "LastWarnings":["Check kubevirt_handler exceeded limit of 2000 metrics, ignoring next ones"]}},
           "ntp":{"ntp:d8":{"CheckName":"ntp","CheckConfigSource":"file:/etc/datadog-agent/conf.d/ntp.d/conf.yaml.default[0]","UpdateTimestamp":"1795817000","LastError":"","LastWarnings":null,"CheckVersion":"unversioned"}}}},
         "autoConfigStats":{"ConfigErrors":{"kubevirt_api":"yaml: line 3"},"ResolveWarnings":{"openmetrics":["no port found for container","service not ready"]}},
         "checkSchedulerStats":{"LoaderErrors":{"kubevirt_controller":{"Python Check Loader":"unable to import module 'kubevirt_controller'"}},"RunErrors":{}},
         "pyLoaderStats":{"ConfigureErrors":{"openmetrics":["could not invoke 'openmetrics' python check constructor"]}},
         "adConfigErrors":{"kubernetes-container-allinone":{"kubevirt/virt-api-7d (uid-1)":{"annotation ad.datadoghq.com/virt-apii.checks is invalid: virt-apii doesn't match a container identifier":{}}}},
         "pythonInit":{"Errors":[]},"inventories":{},"somethingNew":[1,2,{"a":null}]}
        """;

    [Fact]
    public void EachPartIsFound()
    {
        AgentStatusReport report = AgentStatusReport.Read(Whole);
        Assert.Equal(("7.71.0", new DateTimeOffset(2026, 11, 27, 22, 20, 0, TimeSpan.Zero)), (report.Version, report.Now));
        AgentCheckInstance handler = report.Instances[0];
        Assert.Equal(("kubevirt_handler", "kubevirt_handler:5d1c", "2.0.1", "containerd://4f2a", (string?)null), (handler.Name, handler.Id, handler.Version, handler.ContainerId, handler.File));
        Assert.Equal((TimeSpan.FromSeconds(15), 8.0, 1.0, 8.0), (handler.Interval, handler.Runs, handler.Samples, handler.TotalSamples));
        Assert.Equal((new DateTimeOffset(2026, 11, 27, 22, 19, 51, TimeSpan.Zero), true, (DateTimeOffset?)null), (handler.LastRun, handler.HasLastSuccess, handler.LastSuccess));
        Assert.Equal((TimeSpan.FromMilliseconds(31), TimeSpan.FromSeconds(2)), (handler.Duration, handler.Delay));
        Assert.Equal(new AgentCheckError("There was an error scraping endpoint https://10.1.2.3:8443/metrics: refused", "ConnectionError"), handler.Error);
        Assert.Equal(["Check kubevirt_handler exceeded limit of 2000 metrics, ignoring next ones"], handler.Warnings);
        AgentCheckInstance ntp = report.Instances[1];
        Assert.Equal(("ntp:d8", "/etc/datadog-agent/conf.d/ntp.d/conf.yaml.default[0]", (string?)null, (string?)null), (ntp.Id, ntp.File, ntp.ContainerId, ntp.Version));
        Assert.Equal((false, (TimeSpan?)null, (double?)null, (AgentCheckError?)null, 0), (ntp.HasLastSuccess, ntp.Interval, ntp.TotalSamples, ntp.Error, ntp.Warnings.Count));
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 22, 3, 20, TimeSpan.Zero), ntp.LastRun);
        Assert.Equal([new RunningInstance("openmetrics:kubevirt_api:77aa", new DateTimeOffset(2026, 11, 27, 22, 18, 50, 500, TimeSpan.Zero))], report.Running);
        Assert.Equal("unable to import module 'kubevirt_controller'", Assert.Single(report.LoaderErrors["kubevirt_controller"]));
        Assert.Equal("could not invoke 'openmetrics' python check constructor", Assert.Single(report.ConfigureErrors["openmetrics"]));
        Assert.Equal(["no port found for container", "service not ready"], report.ResolveWarnings["openmetrics"]);
        Assert.Equal("annotation ad.datadoghq.com/virt-apii.checks is invalid: virt-apii doesn't match a container identifier", Assert.Single(report.AnnotationErrors["kubevirt/virt-api-7d"]));
        Assert.Empty(report.PythonErrors);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-27 22:19:51 UTC | CORE | WARN | failed {}\n")]
    [InlineData("Warning: unknown setting {logs\n\n")]
    public void TextBeforeAndAfterIsPassedOver(string before) => Assert.Equal("7.71.0", AgentStatusReport.Read(before + Whole + "\n\n").Version);

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("Error: unable to reach the Agent\n", "no JSON")]
    [InlineData("{\"version\":\"7.71.0\",\"runnerStats\":{\"Checks\":{}", "JSON that is not complete")]
    [InlineData("{\"version\":\"7.71.0\",\"runn", "JSON that is not complete")]
    [InlineData("[1,2]", "no JSON")]
    [InlineData("{\"kind\":\"Pod\"}", "an object without runnerStats and version")]
    public void WhatIsNoStatusIsNamed(string output, string what) => Assert.Equal(what, Assert.Throws<FormatException>(() => AgentStatusReport.Read(output)).Message);

    [Theory]
    // Fields of other types than documented, or none at all, are absent, and nothing else with them.
    [InlineData("""{"version":7,"runnerStats":[],"adConfigErrors":"x","pythonInit":null,"checkSchedulerStats":{"LoaderErrors":[]}}""")]
    [InlineData("""{"runnerStats":{"Checks":{"a":[],"b":{"b:1":7}},"Running":[]}}""")]
    [InlineData("""{"version":null,"runnerStats":null,"checkSchedulerStats":{},"time_nano":"soon"}""")]
    public void WhatIsOfAnotherTypeIsAbsent(string output)
    {
        DateTimeOffset now = new(2026, 11, 28, 9, 0, 0, TimeSpan.Zero);
        AgentStatusReport report = AgentStatusReport.Read(output, new FakeTimeProvider(now));
        Assert.Empty(report.Instances);
        Assert.Empty(report.Running);
        Assert.Empty(report.LoaderErrors);
        Assert.Empty(report.AnnotationErrors);
        Assert.Equal(now, report.Now);
    }

    [Theory]
    [InlineData("", null, null)]
    [InlineData("[]", null, null)]
    [InlineData("plain words", "plain words", "plain words")]
    [InlineData("""[{"message": "'labels'", "traceback": "Traceback (most recent call last):\n  File \"check.py\", line 104\nKeyError: 'labels'\n"}]""", "'labels'", "KeyError: 'labels'")]
    [InlineData("""[{"message": "", "traceback": "Traceback (most recent call last):\nValueError\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\nurllib3.exceptions.ReadTimeout\n"}]""", "", "ReadTimeout")]
    [InlineData("""[{"message": "(403)\nReason: Forbidden\nHTTP response body: {}", "traceback": "Traceback (most recent call last):\nkubernetes.client.exceptions.ApiException: (403)\nReason: Forbidden\n"}]""", "(403)\nReason: Forbidden\nHTTP response body: {}", "(403)\nReason: Forbidden\nHTTP response body: {}")]
    [InlineData("""{"message": "one object"}""", "one object", "one object")]
    [InlineData("""[{"message": "cut off", "trace""", """[{"message": "cut off", "trace""", """[{"message": "cut off", "trace""")]
    [InlineData("Traceback (most recent call last):\n  File \"x\"\nKeyError: 'a b'", "KeyError: 'a b'", "KeyError: 'a b'")]
    public void TheErrorOfARunIsReadTwice(string text, string? message, string? shown)
    {
        AgentCheckError? error = AgentCheckError.Read(text);
        Assert.Equal((message, shown), (error?.Message, error?.Text));
    }

    [Theory]
    [InlineData("7.58.2", false)]
    [InlineData("7.59.0", true)]
    [InlineData("7.59.0-rc.3", true)]
    [InlineData("7.59", true)]
    [InlineData("8.0.0", true)]
    [InlineData("6.53.1", false)]
    // Who does not say is not refused for it.
    [InlineData("main", true)]
    [InlineData(null, true)]
    public void VersionsAreCompared(string? version, bool isNew) =>
        Assert.Equal(isNew, AgentStatusReport.Read($$$"""{"version":{{{(version is null ? "null" : $"\"{version}\"")}}},"runnerStats":{}}""").IsAtLeast(7, 59));
}
