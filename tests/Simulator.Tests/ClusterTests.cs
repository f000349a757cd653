using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

public class ClusterTests
{
    [Fact]
    public void A_cluster_has_the_pods_of_KubeVirt_with_one_leading_controller()
    {
        SimulatedCluster cluster = Scrapes.Cluster("1.9", handlers: 3, vmis: 4);
        Assert.Equal(["api/0", "api/1", "controller/0", "controller/1", "handler/0", "handler/1", "handler/2", "operator/0", "operator/1"], cluster.Pods.Select(pod => pod.Id));
        Assert.Equal(["node01", "node02", "node03"], cluster.Nodes.Select(node => node.Name));
        Assert.Equal(["node01", "node02", "node03"], cluster.PodsOf(ComponentKind.Handler).Select(pod => pod.Node));
        Assert.Single(cluster.PodsOf(ComponentKind.Controller), pod => pod.Leading);
        Each.Of(cluster.Pods, pod => Assert.Equal("true", pod.Labels["prometheus.kubevirt.io"]));
        Each.Of(cluster.Pods, pod => Assert.Equal($"virt-{pod.ComponentName}", pod.Labels["kubevirt.io"]));
        Assert.Equal(cluster.Pods.Count, cluster.Pods.Select(pod => pod.Name).Distinct().Count());
    }

    [Fact]
    public void Instances_are_spread_over_the_nodes_and_one_waits()
    {
        SimulatedCluster cluster = Scrapes.Cluster("1.9", handlers: 2, vmis: 5);
        Assert.Equal(11, cluster.VirtualMachineInstances.Count);
        SimulatedPod second = cluster.PodsOf(ComponentKind.Handler).Last();
        Assert.Equal(["vm-00005", "vm-00006", "vm-00007", "vm-00008", "vm-00009"], cluster.VmisOf(second).Select(vmi => vmi.Name));
        Each.Of(cluster.VmisOf(second), vmi => Assert.Equal("node02", vmi.Node));
        SimulatedVmi waiting = cluster.VirtualMachineInstances[^1];
        Assert.Equal(("Scheduling", null), (waiting.Phase, waiting.Node));
        Assert.Equal(["vm-00003", "vm-00008"], cluster.VirtualMachineInstances.Where(vmi => vmi.Migrating).Select(vmi => vmi.Name));

        // 11 instances with a machine each, and one stopped machine.
        Assert.Equal(12, cluster.VirtualMachines.Count);
        Assert.Equal("Stopped", cluster.VirtualMachines[^1].Status);
    }

    [Fact]
    public void Uids_are_stable_and_differ()
    {
        Guid[] first = Uids(Scrapes.Cluster("1.9"));
        Assert.Equal(first, Uids(Scrapes.Cluster("1.9")));
        Assert.Equal(first.Length, first.Distinct().Count());
        Assert.NotEqual(first, Uids(Scrapes.Cluster("1.9", seed: 1)));

        static Guid[] Uids(SimulatedCluster cluster) => [.. cluster.VirtualMachineInstances.Select(vmi => vmi.Uid), .. cluster.VirtualMachines.Select(vm => vm.Uid), .. cluster.Pods.Select(pod => pod.Uid)];
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(1, 0, 38)]
    [InlineData(3, 0, 15)]
    [InlineData(1, 5, 43)]
    [InlineData(97, 0, 1)]
    public void Weights_are_1_plus_37_times_the_number_plus_seed_modulo_97(int ordinal, int seed, int expected) =>
        Assert.Equal(expected, Scrapes.Cluster("1.9", vmis: 100, seed: seed).VirtualMachineInstances[ordinal].Weight);

    [Theory]
    [InlineData("1.4")]
    [InlineData("2.0")]
    public void Versions_that_are_not_simulated_are_refused(string version) =>
        Assert.Contains("1.0, 1.2 or 1.9", Assert.Throws<ArgumentException>(() => Scrapes.Cluster(version)).Message, StringComparison.Ordinal);

    [Fact]
    public void Impossible_sizes_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Scrapes.Cluster("1.9", handlers: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Scrapes.Cluster("1.9", handlers: 100_000, vmis: 100_000));
    }

    [Fact]
    public void A_cluster_without_nodes_still_has_its_controllers()
    {
        SimulatedCluster cluster = Scrapes.Cluster("1.9", handlers: 0);
        Assert.Empty(cluster.VirtualMachineInstances);
        Assert.Equal("0", Scrapes.Line(cluster, "controller/0", "kubevirt_vmi_number_of_outdated").Number);
    }
}
