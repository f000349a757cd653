using System.Globalization;
using CsCheck;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Tests.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.Series;

/// <summary>What becomes of the counters of a cluster's machines when pods of virt-handler are replaced and machines migrate. Expected values are worked out by hand from what QEMU counts.</summary>
public sealed class MachineIncrementTests : IAsyncLifetime
{
    private const string Cpu = "kubevirt_handler.vmi.cpu_usage_seconds.count";

    private readonly FakeCluster _cluster = new();
    private readonly IncrementTrackerRun _run = new();
    private KubeVirtSession _session = null!;

    public async ValueTask InitializeAsync() => _session = await _cluster.OpenAsync();

    public ValueTask DisposeAsync()
    {
        _session.Dispose();
        return _cluster.DisposeAsync();
    }

    [Theory]
    [InlineData(Between.Nothing, 15)]
    [InlineData(Between.NoAddress, 30)]
    [InlineData(Between.Failure, 30)]
    [InlineData(Between.BrokenOff, 30)]
    public void Another_pod_of_virt_handler_goes_on_where_the_one_before_it_stopped(Between between, int seconds)
    {
        History old = Pod("n1", "old");
        History young = Pod("n1", "young");
        Assert.Empty(old.Scrape(0, Vmi("a", "n1", 5000) + Sync(50), start: 1000));
        EndRound(0);
        if (between != Between.Nothing)
        {
            if (between == Between.Failure) old.Fail(15, null);
            if (between == Between.BrokenOff) young.Fail(15, Vmi("a", "n1", 5003));
            EndRound(15);
        }

        // What QEMU counted is all there, and a machine that was started meanwhile; the new process is compared with nothing.
        Assert.Equal([$"{Cpu} 7.5 count over {seconds}", $"{Cpu} 2 count over {seconds}"], young.Scrape(seconds, Vmi("a", "n1", 5007.5) + Vmi("b", "n1", 2) + Sync(1), start: History.Epoch + 12));
        EndRound(seconds);
        Assert.Equal(
            [$"{Cpu} 1 count over 15", $"{Cpu} 0.5 count over 15", "kubevirt_handler.vmi.sync.count 3 count over 15"],
            young.Scrape(seconds + 15, Vmi("a", "n1", 5008.5) + Vmi("b", "n1", 2.5) + Sync(4), start: History.Epoch + 12));
    }

    [Fact]
    public void Two_pods_of_a_node_in_one_round_count_once()
    {
        History old = Pod("n1", "old");
        History young = Pod("n1", "young");
        old.Scrape(0, Vmi("a", "n1", 10));
        EndRound(0);
        Assert.Equal([$"{Cpu} 2 count over 15"], old.Scrape(15, Vmi("a", "n1", 12)));
        // It was asked a little later, and QEMU a little sooner. What only it has is not lost.
        Assert.Equal([$"{Cpu} 3 count over 15.5"], young.Scrape(15.5, Vmi("a", "n1", 11.9) + Vmi("b", "n1", 3)));
        EndRound(15);
        Assert.Equal([$"{Cpu} 2.5 count over 15", $"{Cpu} 1 count over 14.5"], young.Scrape(30, Vmi("a", "n1", 14.5) + Vmi("b", "n1", 4)));
    }

    [Fact]
    public void A_target_that_is_asked_twice_in_a_round_for_one_machine_each_counts_each_from_the_round_before()
    {
        Assert.Empty(Pod("n1", "one").Scrape(0, Vmi("a", "n1", 5000)));
        Assert.Empty(Pod("n1", "one").Scrape(0.5, Vmi("b", "n1", 7000) + Sync(5)));
        EndRound(0);
        Assert.Equal([$"{Cpu} 3 count over 15"], Pod("n1", "one").Scrape(15, Vmi("a", "n1", 5003)));
        Assert.Equal([$"{Cpu} 4 count over 15", "kubevirt_handler.vmi.sync.count 1 count over 15"], Pod("n1", "one").Scrape(15.5, Vmi("b", "n1", 7004) + Sync(6)));
        EndRound(15);
    }

    [Fact]
    public void A_machine_that_both_nodes_report_while_it_migrates_has_two_counters_and_the_new_one_counts_in_full_once()
    {
        History source = Pod("n1", "one");
        History target = Pod("n2", "two");
        source.Scrape(0, Vmi("a", "n1", 5000));
        target.Scrape(0, Vmi("b", "n2", 70));
        EndRound(0);
        Assert.Equal([$"{Cpu} 10 count over 15"], source.Scrape(15, Vmi("a", "n1", 5010)));
        Assert.Equal([$"{Cpu} 0.25 count over 15", $"{Cpu} 1 count over 15"], target.Scrape(15, Vmi("a", "n2", 0.25) + Vmi("b", "n2", 71)));
        EndRound(15);
        Assert.Equal([$"{Cpu} 4 count over 15"], source.Scrape(30, Vmi("a", "n1", 5014)));
        Assert.Equal([$"{Cpu} 6 count over 15", $"{Cpu} 1 count over 15"], target.Scrape(30, Vmi("a", "n2", 6.25) + Vmi("b", "n2", 72)));
        EndRound(30);
        source.Scrape(45, "process_open_fds 7\n");
        Assert.Equal([$"{Cpu} 10 count over 15", $"{Cpu} 1 count over 15"], target.Scrape(45, Vmi("a", "n2", 16.25) + Vmi("b", "n2", 73)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_machine_that_goes_to_a_node_that_was_not_looked_at_counts_in_full_there(bool isStillReported)
    {
        // As when one machine is watched: its node alone is looked at.
        History source = Pod("n1", "one");
        source.Scrape(0, Vmi("a", "n1", 5000));
        EndRound(0);
        if (isStillReported) Assert.Equal([$"{Cpu} 10 count over 15"], source.Scrape(15, Vmi("a", "n1", 5010)));
        Assert.Equal([$"{Cpu} 6.5 count over 15"], Pod("n2", "two").Scrape(15, Vmi("a", "n2", 6.5) + Vmi("b", "n2", 9000)));
        EndRound(15);
    }

    [Fact]
    public void A_node_that_did_not_answer_at_first_is_compared_with_nothing()
    {
        // Its machine may run there for long, and be on its way to another node.
        History one = Pod("n1", "one");
        History two = Pod("n2", "two");
        one.Fail(0, null);
        two.Scrape(0, Vmi("a", "n2", 0.5));
        EndRound(0);
        Assert.Empty(one.Scrape(15, Vmi("a", "n1", 5000)));
        EndRound(15);
    }

    [Fact]
    public async Task Machines_of_the_same_name_on_nodes_of_the_same_name_of_two_clusters_are_two()
    {
        using KubeVirtSession other = await _cluster.OpenAsync();
        Pod("n1", "one").Scrape(0, Vmi("a", "n1", 5000));
        EndRound(0);
        Assert.Empty(new History(ComponentKind.Handler, _run, "two", "two", new SampleOrigin(other, "n1")).Scrape(15, Vmi("a", "n1", 9000)));
    }

    [Fact]
    public void Pods_that_are_replaced_again_and_again_leave_nothing_behind()
    {
        for (int round = 0; round < 1000; round++)
        {
            string[] lines = Pod("n1", $"pod {round}").Scrape(round * 15, Vmi("a", "n1", round * 2) + Vmi($"v{round}", "n1", 1) + Sync(1));
            Assert.Equal(round == 0 ? [] : [$"{Cpu} 2 count over 15", $"{Cpu} 1 count over 15"], lines);
            EndRound(round * 15);
            // 22 pods at most, each with the counter of its process, and 21 machines that were seen within five minutes next to the one that stays.
            Assert.InRange(_run.Tracker.Targets, 1, 23);
            Assert.InRange(_run.Tracker.Series, 1, 23 + 22);
        }

        Assert.InRange(_run.Tracker.LabelSets, 1, 1024 + 64 + 23);
    }

    /// <summary>
    /// Random roll-outs, failures and migrations of three machines on two nodes: of each QEMU, all increments together are what it counted from the first time it was seen to the last, and no moment
    /// of it is covered twice.
    /// </summary>
    [Fact]
    public void All_that_QEMU_counted_is_in_one_increment_whatever_happens_to_pods()
    {
        Dictionary<string, int> seen = [];
        Gen<Event> events =
            from first in Gen.Frequency((6, Gen.Const(Pods.Same)), (3, Gen.Const(Pods.Replaced)), (1, Gen.Const(Pods.Both)), (1, Gen.Const(Pods.None)), (1, Gen.Const(Pods.Fails)))
            from second in Gen.Frequency((6, Gen.Const(Pods.Same)), (3, Gen.Const(Pods.Replaced)), (1, Gen.Const(Pods.Both)), (5, Gen.Const(Pods.None)), (1, Gen.Const(Pods.Fails)))
            from moves in Gen.Frequency((6, Gen.Const(Move.Stays)), (1, Gen.Const(Move.Migrates)), (1, Gen.Const(Move.Restarts)), (1, Gen.Const(Move.IsMissing))).Array[3]
            from grown in Gen.Int[0, 9].Array[3]
            select new Event([first, second], moves, grown);
        events.Array[2, 18].Sample(history => Follow(history, seen), iter: 2_000, threads: 1, print: history => string.Join("\n", history.Select(one => $"{string.Join(' ', one.Nodes)} | {string.Join(' ', one.Moves)} | {string.Join(' ', one.Grown)}")));
        Assert.Equal(["arrived", "baseline", "full", "replaced"], seen.Keys.Order(StringComparer.Ordinal));
        Assert.All(seen, rule => Assert.True(rule.Value > 100, $"{rule.Key}: {rule.Value}"));
    }

    private void Follow(Event[] history, Dictionary<string, int> seen)
    {
        IncrementTrackerRun run = new();
        string[] nodes = ["n1", "n2"];
        History?[] pods = new History?[2];
        int[] tried = [-1, -1];
        bool[] wasWhole = new bool[2];
        int pod = 0;
        // Each QEMU begins below all before it, so that a counter that began anew is one that fell.
        int start = 1_000_000;
        List<Qemu> all = [];
        Qemu[] running = [New(0, 0), New(1, 1), New(2, 0)];
        for (int round = 0; round < history.Length; round++)
        {
            int time = round * 15;
            Event now = history[round];
            List<Qemu> present = [];
            for (int vm = 0; vm < 3; vm++)
            {
                running[vm].Value += now.Grown[vm];
                // For one round, both nodes report it.
                if (now.Moves[vm] is Move.Stays or Move.Migrates) present.Add(running[vm]);
                if (now.Moves[vm] == Move.Migrates) present.Add(running[vm] = New(vm, 1 - running[vm].Node));
                if (now.Moves[vm] == Move.Restarts) present.Add(running[vm] = New(vm, running[vm].Node));
            }

            List<Qemu> before = [.. all.Where(qemu => qemu.Last is not null)];
            for (int node = 0; node < 2; node++)
            {
                Pods what = now.Nodes[node];
                if (what == Pods.None) continue;
                History? old = pods[node];
                if (old is null || what is Pods.Replaced or Pods.Both) pods[node] = NewPod(node);
                bool isFirstTry = tried[node] < 0;
                tried[node] = round;
                if (what == Pods.Fails)
                {
                    pods[node]!.Fail(time, null);
                    continue;
                }

                if (old is not null && what == Pods.Replaced) Count("replaced");
                bool isFirst = !wasWhole[node];
                wasWhole[node] = true;
                Qemu[] here = [.. present.Where(qemu => qemu.Node == node)];
                string text = string.Concat(here.Select(qemu => Vmi($"{qemu.Vm}", nodes[node], qemu.Value)));
                foreach (Qemu qemu in here)
                {
                    if (qemu.Last is null)
                    {
                        bool hasArrived = isFirstTry && round > 0 && before.Exists(other => other.Vm == qemu.Vm && other.Node != node);
                        bool isFull = !isFirst || hasArrived;
                        qemu.First = isFull ? 0 : qemu.Value;
                        Count(hasArrived && isFirst ? "arrived" : isFull ? "full" : "baseline");
                    }

                    qemu.Last = qemu.Value;
                }

                if (what == Pods.Both && old is not null)
                {
                    old.Scrape(time, text);
                    Take(old.Last, node);
                }

                pods[node]!.Scrape(what == Pods.Both ? time + 1 : time, text);
                Take(pods[node]!.Last, node);
            }

            run.Tracker.EndRound(History.Start.AddSeconds(time));
        }

        foreach (Qemu qemu in all.Where(qemu => qemu.Last is not null)) Assert.Equal(qemu.Last - qemu.First, qemu.Counted);

        Qemu New(int vm, int node)
        {
            start -= 10_000;
            Qemu qemu = new() { Vm = vm, Node = node, Value = start };
            all.Add(qemu);
            return qemu;
        }

        History NewPod(int node) => new(ComponentKind.Handler, run, $"pod {++pod}", $"pod {pod}", new SampleOrigin(_session, nodes[node])) { KeepsMemory = pod % 2 == 0 };

        void Count(string what) => seen[what] = seen.GetValueOrDefault(what) + 1;

        void Take(MetricSample[] samples, int node)
        {
            foreach (MetricSample sample in samples)
            {
                Qemu qemu = all.Last(one => one.Node == node && one.Last is not null && one.Vm.ToString(CultureInfo.InvariantCulture) == sample.Vmi);
                qemu.Counted += (int)sample.Value;
                DateTimeOffset begin = sample.Timestamp - sample.Interval!.Value;
                Assert.True(begin >= qemu.CoveredUntil, $"{begin} is before {qemu.CoveredUntil}");
                qemu.CoveredUntil = sample.Timestamp;
            }
        }
    }

    private History Pod(string node, string name) => new(ComponentKind.Handler, _run, name, name, new SampleOrigin(_session, node)) { KeepsMemory = true };

    private void EndRound(int second) => _run.Tracker.EndRound(History.Start.AddSeconds(second));

    private static string Vmi(string name, string node, double cpu) => FormattableString.Invariant($"kubevirt_vmi_cpu_usage_seconds_total{{name=\"{name}\",namespace=\"n\",node=\"{node}\"}} {cpu}\n");

    private static string Sync(int value) => $"# TYPE kubevirt_vmi_sync_total counter\nkubevirt_vmi_sync_total{{name=\"a\",namespace=\"n\"}} {value}\n";

    /// <summary>What happens in the round between two pods.</summary>
    public enum Between
    {
        /// <summary>There is none.</summary>
        Nothing,

        /// <summary>The pod has no address yet.</summary>
        NoAddress,

        /// <summary>The old pod does not answer any more.</summary>
        Failure,

        /// <summary>The answer of the new one breaks off.</summary>
        BrokenOff,
    }

    private enum Pods
    {
        Same,
        Replaced,
        Both,
        None,
        Fails,
    }

    private enum Move
    {
        Stays,
        Migrates,
        Restarts,
        IsMissing,
    }

    private sealed record Event(Pods[] Nodes, Move[] Moves, int[] Grown);

    private sealed class Qemu
    {
        public required int Vm { get; init; }

        public required int Node { get; init; }

        public required int Value { get; set; }

        public int First { get; set; }

        public int? Last { get; set; }

        public int Counted { get; set; }

        public DateTimeOffset CoveredUntil { get; set; }
    }
}
