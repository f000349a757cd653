using KubeVirtMonitor.Benchmarks.Cases;
using KubeVirtMonitor.Benchmarks.Compare;
using KubeVirtMonitor.Benchmarks.Parts;

return args switch
{
    ["parts", .. string[] rest] => PartsCommand.Run(rest),
    ["compare", .. string[] rest] => CompareCommand.Run(rest),
    ["worker", string name, string file] => CaseWorker.Run(name, file),
    ["scrapes", string uriFile, string interval, string authority, string serverName] => ScrapesWorker.Run(uriFile, interval, authority, serverName),
    ["session", string kubeconfig] => SessionWorker.Run(kubeconfig),
    ["once", string uriFile, string count, string authority, string serverName] => OnceWorker.Run(uriFile, count, authority, serverName),
    ["history", string address, string hours, string minutes, string properties] => HistoryWorker.Run(address, hours, minutes, properties),
    ["answers", string address, string parts, string moments, string terms] => HistoryWorker.Read(address, parts, moments, terms),
    ["child", string program, .. string[] rest] => ChildWorker.Run(program, rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        parts [BenchmarkDotNet's options]   the parts of the module, one by one
        compare [--help]                    whole commands beside other programs, in CPU time
        """);
    return 2;
}
