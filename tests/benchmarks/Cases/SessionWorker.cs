using System.Diagnostics;
using System.Globalization;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Sessions;
using KubeVirtMonitor.Yaml;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>Machines and instances listed, kept and counted over a session, as the cmdlets do it; once, in a fresh process.</summary>
internal static class SessionWorker
{
    public static int Run(string kubeconfig)
    {
        // What a process of this runtime takes before it has done anything.
        long idle = PeakMemory.Own;
        long start = Stopwatch.GetTimestamp();
        int objects = WorkAsync(kubeconfig).GetAwaiter().GetResult();
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"cpu={CpuTime.Own:F6} wall={Stopwatch.GetElapsedTime(start).TotalSeconds:F6} samples={objects} idle={idle} peak={PeakMemory.Own}"));
        return 0;
    }

    private static async Task<int> WorkAsync(string kubeconfig)
    {
        KubernetesConnection connection = KubeConfig.Load(new KubeConfigOptions { Path = kubeconfig, Yaml = new YamlReader() }).Resolve();
        using KubeVirtSession session = await KubeVirtSession.OpenAsync(new KubernetesClient(connection, new KubeVirtMonitor.Kubernetes.KubernetesLibrary()));
        List<KubeVirtVM> machines = [];
        await foreach (KubeVirtVM machine in ObjectLists.VirtualMachinesAsync(session, new ListOptions(), CancellationToken.None, types: new InstanceTypes(session))) machines.Add(machine);
        List<KubeVirtVmi> instances = [];
        await foreach (KubeVirtVmi instance in ObjectLists.InstancesAsync(session, new ListOptions(), CancellationToken.None)) instances.Add(instance);
        List<MetricSample> counts = [];
        await foreach (MetricSample count in ObjectCounts.OfVirtualMachines(session, [], Refuse, CancellationToken.None)) counts.Add(count);
        await foreach (MetricSample count in ObjectCounts.OfInstances(session, [], Refuse, CancellationToken.None)) counts.Add(count);
        int objects = machines.Count + instances.Count;
        return counts.Sum(count => count.Value) == objects
            ? objects
            : throw new InvalidOperationException($"{objects} objects were listed, and {counts.Sum(count => count.Value)} counted.");
    }

    private static void Refuse(KubernetesException bad) => throw new InvalidOperationException(bad.Message, bad);
}
