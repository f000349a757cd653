using System.Text.Json.Nodes;
using System.Threading.Channels;
using KubeVirtMonitor.Simulator.Api;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>
/// Keeps the pods of the Agents, as the controllers of daemon sets and deployments do: a pod that is gone comes again, and one of another template is replaced, one after the other,
/// unless the daemon set has the strategy OnDelete. A pod whose volumes name a ConfigMap that is not there and not optional does not begin.
/// </summary>
internal sealed class AgentKeeper : IAsyncDisposable
{
    private readonly ContentContext _context;
    private readonly SimulatedAgents _agents;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _over = new();
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly (ResourceCollection Collection, Channel<WatchEvent> Coming)[] _watched;
    private readonly Task _working;
    private int _made;

    public AgentKeeper(ContentContext context, SimulatedAgents agents, TimeProvider time)
    {
        _context = context;
        _agents = agents;
        _time = time;
        _watched = [.. new[] { context.Store["apps", "daemonsets"], context.Store["apps", "deployments"], context.Store["", "pods"], context.Store["", "configmaps"] }
            .Select(collection => (collection, collection.Watch(context.Store.Version)!.Value.Coming))];
        foreach ((string space, _, _, string component) in Workloads())
        {
            // What its volumes hold is seen from the start.
            foreach (JsonObject pod in PodsOf(space, component)) _ = agents[pod];
        }

        _working = Task.WhenAll([.. _watched.Select(each => Task.Run(() => ListenAsync(each.Coming))), Task.Run(WorkAsync)]);
    }

    private ResourceCollection Pods => _context.Store["", "pods"];

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        foreach ((ResourceCollection collection, Channel<WatchEvent> coming) in _watched)
        {
            collection.Unwatch(coming);
            coming.Writer.TryComplete();
        }

        await _working;
        _over.Dispose();
    }

    private async Task ListenAsync(Channel<WatchEvent> coming)
    {
        string[] spaces = [.. AgentContent.Namespaces(_context.Options)];
        await foreach (WatchEvent change in coming.Reader.ReadAllAsync())
        {
            if (spaces.Contains(change.Object.Namespace)) _changed.Writer.TryWrite(true);
        }
    }

    private async Task WorkAsync()
    {
        try
        {
            await foreach (bool _ in _changed.Reader.ReadAllAsync(_over.Token))
            {
                await Task.WhenAll(Workloads().Select(KeepAsync));
            }
        }
        catch (OperationCanceledException)
        {
            // The cluster is being taken down.
        }
    }

    private IEnumerable<(string Space, string Plural, string Name, string Component)> Workloads() => AgentContent.Namespaces(_context.Options)
        .SelectMany(static space => new[] { (space, "daemonsets", "datadog-agent", "agent"), (space, "deployments", "datadog-cluster-agent", "cluster-agent") });

    private JsonObject[] PodsOf(string space, string component) =>
        [.. Pods.List().Where(pod => pod.Namespace == space && pod.Labels.TryGetValue(AgentContent.Component, out string? of) && of == component).Select(static pod => pod.ToJson())];

    private async Task KeepAsync((string Space, string Plural, string Name, string Component) of)
    {
        string label = of.Component == "agent" ? AgentContent.Revision : "pod-template-hash";
        while (!_over.IsCancellationRequested)
        {
            JsonObject? workload = _context.Store["apps", of.Plural].Find(of.Space, of.Name)?.ToJson();
            if (workload is null || workload["spec"]?["template"] is not { } template) return;
            string hash = AgentContent.HashOf(template);
            bool waits = (string?)workload["spec"]!["updateStrategy"]?["type"] == "OnDelete";
            JsonObject[] pods = PodsOf(of.Space, of.Component);
            int nodes = of.Component == "agent" ? _context.Cluster.Nodes.Count : (int?)workload["spec"]!["replicas"] ?? 1;
            int missing = Enumerable.Range(0, nodes).Select(static node => (int?)node).FirstOrDefault(node => of.Component == "agent" ? pods.All(pod => (string?)pod["spec"]!["nodeName"] != _context.Cluster.Nodes[node!.Value].Name) : pods.Length <= node) ?? -1;
            JsonObject? outdated = waits ? null : pods.FirstOrDefault(pod => (string?)pod["metadata"]!["labels"]![label] != hash);
            if (missing >= 0) await ComeAsync(of.Space, of.Name, of.Component, missing, template);
            else if (outdated is not null) await GoAsync(outdated);
            Tell(of, hash, label);
            if (missing < 0 && outdated is null) return;
        }
    }

    private async Task GoAsync(JsonObject pod)
    {
        pod["metadata"]!["deletionTimestamp"] = Meta.Time(_time.GetUtcNow());
        pod["metadata"]!["deletionGracePeriodSeconds"] = 30;
        Put(PodStatus.NotReady(pod));
        await Task.Delay(_context.Options.PodStep, _over.Token);
        lock (_context.Store.Gate)
        {
            if (Pods.Find((string)pod["metadata"]!["namespace"]!, (string)pod["metadata"]!["name"]!) is { } present) Pods.Remove(present, ApiObject.From(Pods.Type, present.ToJson(), _context.Store.NextVersion()));
        }
    }

    private async Task ComeAsync(string space, string workload, string component, int node, JsonNode template)
    {
        int number = ++_made;
        JsonObject pod = AgentContent.Pod(_context, (space, $"{workload}-{StableId.Suffix(number, "agent", space)}"), node, component, template, _time.GetUtcNow(), number % 190);
        JsonObject pending = pod.DeepClone().AsObject();
        pending["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(Meta.Condition("PodScheduled", true, _time.GetUtcNow()), Meta.Condition("Ready", false, _time.GetUtcNow(), "ContainersNotReady", "containers with unready status")),
            ["containerStatuses"] = new JsonArray([.. pod["spec"]!["containers"]!.AsArray().Select(static one => new JsonObject
            {
                ["image"] = one!["image"]?.DeepClone(), ["imageID"] = "", ["lastState"] = new JsonObject(), ["name"] = one["name"]?.DeepClone(), ["ready"] = false, ["restartCount"] = 0, ["started"] = false,
                ["state"] = new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "ContainerCreating" } },
            })]),
            ["phase"] = "Pending",
        };
        Put(pending);
        do
        {
            await Task.Delay(_context.Options.PodStep, _over.Token);
        }
        while (ContainerFiles.Missing(_context.Store, pod).Any() && AgentContent.HashOf(template) == Current(space, component));
        if (ContainerFiles.Missing(_context.Store, pod).Any()) return;
        Put(PodStatus.NotReady(pod.DeepClone().AsObject()));
        _ = _agents[pod];
        await Task.Delay(_context.Options.PodStep, _over.Token);
        Put(pod);
    }

    private string Current(string space, string component) =>
        _context.Store["apps", component == "agent" ? "daemonsets" : "deployments"].Find(space, component == "agent" ? "datadog-agent" : "datadog-cluster-agent")?.ToJson()["spec"]?["template"] is { } template ? AgentContent.HashOf(template) : "";

    private void Put(JsonObject pod)
    {
        lock (_context.Store.Gate) Pods.Put(ApiObject.From(Pods.Type, pod, _context.Store.NextVersion()));
    }

    /// <summary>Writes the status of a workload from its pods.</summary>
    private void Tell((string Space, string Plural, string Name, string Component) of, string hash, string label)
    {
        ResourceCollection collection = _context.Store["apps", of.Plural];
        lock (_context.Store.Gate)
        {
            if (collection.Find(of.Space, of.Name)?.ToJson() is not { } whole) return;
            JsonObject[] pods = PodsOf(of.Space, of.Component);
            int updated = pods.Count(pod => (string?)pod["metadata"]!["labels"]?[label] == hash);
            int ready = pods.Count(static pod => (pod["status"]?["conditions"] as JsonArray)?.Any(static one => (string?)one?["type"] == "Ready" && (string?)one["status"] == "True") == true);
            JsonNode? before = whole["status"]?.DeepClone();
            whole["status"] = of.Component == "agent"
                ? WorkloadStatus.OfDaemonSet(whole["metadata"]!["generation"], _context.Cluster.Nodes.Count, pods.Length, updated, ready)
                : WorkloadStatus.OfDeployment(whole["metadata"]!["generation"], whole, (of.Name, hash), (pods.Length, updated, ready, 0), _time.GetUtcNow());
            if (!JsonNode.DeepEquals(before, whole["status"])) collection.Put(ApiObject.From(collection.Type, whole, _context.Store.NextVersion()));
        }
    }
}
