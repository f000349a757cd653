using System.IO.Compression;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

public sealed class CommandLineTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("simulator-tests-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Help_names_every_command_and_its_options()
    {
        (int code, string output, string errors) = await RunAsync("--help");
        Assert.Equal((0, ""), (code, errors));
        foreach (string command in (string[])["tour", "serve", "cluster", "generate", "hosts"])
        {
            Assert.Contains($"  {command} ", output, StringComparison.Ordinal);
            (code, string help, _) = await RunAsync(command, "--help");
            Assert.Equal(0, code);
            if (command != "tour") Assert.Contains("--", help, StringComparison.Ordinal);
        }

        foreach (string command in (string[])["serve", "cluster", "generate", "hosts"])
        {
            string help = (await RunAsync(command, "--help")).Output;
            Assert.Contains("  read-latency=8ms ", help, StringComparison.Ordinal);
            Assert.Contains("  migrate:VM ", help, StringComparison.Ordinal);
        }

        Assert.Contains("gzip-bomb", (await RunAsync("serve", "--help")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no command 'sevre'. Choose one of: tour, serve, cluster, generate, hosts.", "sevre")]
    [InlineData("There is no option '--handler'. This command knows: --version, --handlers", "serve", "--handler", "3")]
    [InlineData("'3' is not an option.", "serve", "3")]
    [InlineData("--vmis needs a value: --vmis NUMBER.", "serve", "--vmis")]
    [InlineData("--vmis: 'many' is not a number from 0 to 100000.", "serve", "--vmis", "many")]
    [InlineData("--vmis is given twice.", "serve", "--vmis", "1", "--vmis", "2")]
    [InlineData("--http is a switch and takes no value.", "serve", "--http=yes")]
    [InlineData("--version: KubeVirt 1.4 is not simulated. Choose 1.0, 1.2 or 1.9.", "serve", "--version", "1.4")]
    [InlineData("--version: 'new' is not a KubeVirt version.", "serve", "--version", "new")]
    [InlineData("--fault: 'slow' has no target. Write it like handler/0=slow:5s.", "serve", "--fault", "slow")]
    [InlineData("--fault: 'sloow' is not a fault.", "serve", "--fault", "handler/0=sloow")]
    [InlineData("--fault: 'api/0' has two faults", "serve", "--fault", "api/0=slow", "--fault", "api/0=html")]
    [InlineData("Write --credential as USER:PASSWORD.", "serve", "--credential", "ada")]
    [InlineData("--client-certificate requires HTTPS", "serve", "--client-certificate", "x.pfx", "--http")]
    [InlineData("--agent-version: 'new' is not a version of the Agent. Write it like 7.71.0.", "cluster", "--datadog-agent", "datadog", "--agent-version", "new")]
    [InlineData("--agent-fault: 'lazy' is not a fault of an Agent. Choose one of: none, not-run, hanging, no-python, unreachable, no-json.", "cluster", "--datadog-agent", "datadog", "--agent-fault", "lazy")]
    [InlineData("--second-agent needs --datadog-agent NAMESPACE.", "cluster", "--second-agent", "other")]
    [InlineData("--load: 'cpux' is not known. What can be given: cpu, system", "cluster", "--load", "vm-00001:cpux=1")]
    [InlineData("There is no running machine 'vm-00099'. There are ns0/vm-00000 to ns4/vm-00009.", "serve", "--load", "vm-00099:cpu=1")]
    [InlineData("'run.5': vm-00001 has 2 virtual CPUs, from 0 to 1.", "hosts", "--count", "1", "--load", "vm-00001:run.5=1")]
    [InlineData("--event: '3s:explode:vm-00001': 'explode' cannot happen.", "cluster", "--event", "3s:explode:vm-00001")]
    [InlineData("vm-00001 has no other node to go to. The cluster needs two nodes, such as --handlers 2.", "generate", "--output", "-", "--event", "3s:migrate:vm-00001")]
    [InlineData("--at and --elapsed are the same", "generate", "--output", "-", "--at", "3", "--elapsed", "3s")]
    [InlineData("--speed: '0' is not a number from 0.001 to 1000000.", "cluster", "--speed", "0")]
    [InlineData("--output is missing", "generate")]
    [InlineData("--component: 'virt' is none of api, controller", "generate", "--output", "-", "--component", "virt")]
    public async Task Mistakes_are_explained(string expected, params string[] arguments)
    {
        (int code, string output, string errors) = await RunAsync(arguments);
        Assert.Equal((CommandLine.UsageError, ""), (code, output));
        Assert.StartsWith(expected, errors, StringComparison.Ordinal);
        Assert.Contains("--help", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_for_an_endpoint_that_is_not_there_is_explained()
    {
        (int code, _, string errors) = await RunAsync("serve", "--handlers", "1", "--fault", "handler/7=slow");
        Assert.Equal(1, code);
        Assert.Contains("There is no endpoint 'handler/7'", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generated_scrapes_are_the_same_for_the_same_options()
    {
        string plain = Path.Combine(_directory, "a.prom");
        string packed = Path.Combine(_directory, "b.prom.gz");
        (int code, string output, _) = await RunAsync("generate", "--vmis", "20", "--version", "1.2", "--output", plain, "--elapsed", "30s");
        Assert.Equal(0, code);
        Assert.Contains("virt-handler of KubeVirt 1.2.2", output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("generate", "--vmis=20", "--version=1.2", "--component", "handler", "--output", packed, "--elapsed", "30s")).Code);
        await using GZipStream unpacked = new(File.OpenRead(packed), CompressionMode.Decompress);
        string text = await File.ReadAllTextAsync(plain, Cancellation);
        Assert.Equal(text, await new StreamReader(unpacked).ReadToEndAsync(Cancellation));
        Assert.Equal(int.Parse(Regex.Match(output, "([0-9]+) series").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), TextFamily.Read(text).Sum(family => family.Lines.Count));

        // vm-00001 has weight 38 and two CPUs: 38 × 2 × (5 s + 30 × 0.010000003 s).
        Assert.Contains(" 402.80000684\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api", "kubevirt_vm_created_by_pod_total")]
    [InlineData("controller", "kubevirt_vmi_info")]
    [InlineData("operator", "kubevirt_virt_operator_leading_status")]
    public async Task Every_component_can_be_generated(string component, string family)
    {
        string file = Path.Combine(_directory, component);
        Assert.Equal(0, (await RunAsync("generate", "--component", component, "--vmis", "3", "--output", file)).Code);
        Assert.Contains($"# TYPE {family} ", await File.ReadAllTextAsync(file, Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_prints_addresses_and_a_command_to_paste_and_no_secret()
    {
        string authority = Path.Combine(_directory, "ca.pem");
        (int code, string output, _) = await RunAsync(
            "serve", "--handlers", "1", "--vmis", "2", "--duration", "50ms", "--ca-file", authority, "--token", "s3cret", "--fault", "api/0=status:404");
        Assert.Equal(0, code);
        Assert.Matches(@"handler/0 +https://127\.0\.0\.1:[0-9]+/metrics", output);
        Assert.Contains("fault: Status", output, StringComparison.Ordinal);
        Assert.Matches($@"Get-KubeVirtMetric -Uri https://127\.0\.0\.1:[0-9]+/metrics -CertificateAuthority '{Regex.Escape(authority)}' -ServerName virt-handler\.kubevirt\.svc -Token", output);
        Assert.DoesNotContain("s3cret", output, StringComparison.Ordinal);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", await File.ReadAllTextAsync(authority, Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hosts_writes_a_configuration_that_Prometheus_takes()
    {
        string configuration = Path.Combine(_directory, "prometheus.yml");
        string targets = Path.Combine(_directory, "targets.txt");
        string authority = Path.Combine(_directory, "ca.pem");
        (int code, string output, _) = await RunAsync(
            "hosts", "--count", "12", "--vmis", "1", "--prometheus-config", configuration, "--targets", targets, "--ca-file", authority, "--duration", "10ms");
        Assert.Equal(0, code);
        Assert.Contains("12 virt-handlers", output, StringComparison.Ordinal);
        string[] addresses = await File.ReadAllLinesAsync(targets, Cancellation);
        Assert.Equal(12, addresses.Distinct().Count());
        string text = await File.ReadAllTextAsync(configuration, Cancellation);
        Each.Of(addresses, address => Assert.Contains(new Uri(address).Authority, text, StringComparison.Ordinal));
        Assert.Contains("server_name: virt-handler.kubevirt.svc", text, StringComparison.Ordinal);
        Assert.Contains("SUCCESS", (await Tool.RunAsync("promtool", ["check", "config", configuration])).Output, StringComparison.Ordinal);
    }

    /// <summary>380 + 1.5 × 100.5, and 22.5045 more after 15.003 s; the same options give the same bytes.</summary>
    [Fact]
    public async Task Generated_scrapes_of_two_moments_differ_by_the_load()
    {
        string[] loads = ["--vmis", "5", "--load", "vm-00001:cpu=1.5", "--load", "*:rx=1kB"];
        string[] files = [.. new[] { "before", "after", "again" }.Select(name => Path.Combine(_directory, name + ".prom"))];
        foreach ((string file, string at) in files.Zip(["100.5", "115.503", "115.503s"])) Assert.Equal(0, (await RunAsync(["generate", "--output", file, "--at", at, .. loads])).Code);
        Assert.Equal(await File.ReadAllBytesAsync(files[1], Cancellation), await File.ReadAllBytesAsync(files[2], Cancellation));
        double[] values = [.. files.Select(file => TextFamily.Read(File.ReadAllText(file)).Single(static family => family.Name == "kubevirt_vmi_cpu_usage_seconds_total").Lines.Single(static line => line["name"] == "vm-00001").Value)];
        Assert.Equal([530.75, 553.2545, 553.2545], values);
    }

    [Fact]
    public async Task A_scrape_of_another_node_can_be_generated()
    {
        string file = Path.Combine(_directory, "moved.prom");
        Assert.Equal(0, (await RunAsync("generate", "--output", file, "--vmis", "5", "--handlers", "2", "--component", "handler/1", "--event", "20s:migrated:vm-00003:gap=1s", "--at", "30")).Code);
        Assert.Equal("node02", TextFamily.Read(await File.ReadAllTextAsync(file, Cancellation)).Single(static family => family.Name == "kubevirt_vmi_cpu_usage_seconds_total").Lines.Single(static line => line["name"] == "vm-00003")["node"]);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        int code = await CommandLine.RunAsync(arguments, output, errors, Cancellation);
        return (code, output.ToString(), errors.ToString());
    }
}
