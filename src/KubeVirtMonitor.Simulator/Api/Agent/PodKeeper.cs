using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// Keeps the pods of KubeVirt and the status of their workloads, as the controllers of deployments and daemon sets do: a pod that is deleted goes, and another one comes in its place,
/// with a new name and a new address. It is Pending, then runs without being ready, while connections are refused, and then is ready. Pods of another template than that of their
/// workload are replaced: those of a deployment one after the other, each when the new one is ready (of two, a quarter more may be there and a quarter fewer: one and none); a
/// virt-handler before the new one comes, since there is one on a node, and a tenth of the nodes at once when the first of them was well, as virt-operator has it.
/// </summary>
internal sealed class PodKeeper(ContentContext context, PodNetwork network, LeaseKeeper leases, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly SemaphoreSlim _replacing = new(1, 1);
    private readonly HashSet<string> _going = new(StringComparer.Ordinal);
    private readonly HashSet<ComponentKind> _rolling = [];
    private readonly Dictionary<ComponentKind, (string Template, string Revision)> _first = [];

    /// <summary>What is told when the status of a workload has changed.</summary>
    public Action? Told { get; set; }

    private ResourceCollection Pods => context.Store["", "pods"];

    /// <summary>Takes over the deletion of a pod of KubeVirt.</summary>
    /// <returns>The pod as it was, or null when it is none of KubeVirt's.</returns>
    public ApiObject? Delete(string? space, string name)
    {
        if (context.Host.Endpoints.FirstOrDefault(each => each.Pod.Name == name && each.Pod.Namespace == space) is not { } endpoint || Pods.Find(space, name) is not { } pod) return null;
        _ = Task.Run(() => ReplaceAsync(endpoint.Id));
        return pod;
    }

    /// <summary>Sees to it that all pods of a component come to be of the template of its workload. Returns at once.</summary>
    public void RollOut(ComponentKind component)
    {
        lock (_rolling) if (!_rolling.Add(component)) return;
        _ = Task.Run(() => RollOutAsync(component));
    }

    /// <summary>Replaces all pods at once, as when the nodes of the control plane restart.</summary>
    public Task RestartAsync() => Task.WhenAll(context.Host.Endpoints.Select(endpoint => ReplaceAsync(endpoint.Id)));

    /// <summary>Replaces a pod: it goes, and then another one comes. Returns when that is ready.</summary>
    /// <returns>Whether nobody else was replacing it.</returns>
    public async Task<bool> ReplaceAsync(string id)
    {
        lock (_going) if (!_going.Add(id)) return false;
        try
        {
            SimulatedEndpoint endpoint = context.Host[id];
            SimulatedPod old = endpoint.Pod;
            Terminate(old);
            await context.Host.StopPodAsync(id);
            Tell(old.Component);
            await Task.Delay(context.Options.PodStep, _over.Token);
            Forget(old);
            await OneByOneAsync(() => context.Host.ReplacePod(id, Revision(old.Component)));
            await ComeAsync(endpoint);
        }
        catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
        {
            // The cluster is being taken down.
        }
        finally
        {
            lock (_going) _going.Remove(id);
        }

        return true;
    }

    /// <summary>Lets a pod go without another one coming: that waits for a node, and connections are refused.</summary>
    public void Fail(string id)
    {
        SimulatedEndpoint endpoint = context.Host[id];
        SimulatedPod old = endpoint.Pod;
        if ((string?)Pods.Find(old.Namespace, old.Name)?.ToJson()["status"]?["phase"] == "Pending") return;
        leases.Renew();
        _ = context.Host.StopPodAsync(id);
        Forget(old);
        context.Host.ReplacePod(id, Revision(old.Component));
        JsonObject waiting = Build(endpoint, time.GetUtcNow());
        waiting["spec"]!.AsObject().Remove("nodeName");
        waiting["status"] = PodStatus.Pending(time.GetUtcNow());
        Put(waiting);
        Publish();
        Tell(old.Component);
    }

    /// <summary>Lets a pod that runs be ready, or no longer.</summary>
    public void Ready(string id, bool ready)
    {
        SimulatedPod pod = context.Host[id].Pod;
        if (Pods.Find(pod.Namespace, pod.Name)?.ToJson() is not { } whole) return;
        JsonObject changed = ready ? Build(context.Host[id], time.GetUtcNow()) : PodStatus.NotReady(whole.DeepClone().AsObject());
        foreach (JsonNode? condition in changed["status"]?["conditions"] as JsonArray ?? [])
        {
            JsonNode? before = (whole["status"]?["conditions"] as JsonArray)?.FirstOrDefault(each => (string?)each?["type"] == (string?)condition?["type"]);
            bool same = (string?)before?["status"] == (string?)condition?["status"];
            condition!["lastTransitionTime"] = same ? before!["lastTransitionTime"]?.DeepClone() : Meta.Time(time.GetUtcNow());
        }

        if (ready)
        {
            changed["metadata"] = whole["metadata"]!.DeepClone();
            changed["status"]!["startTime"] = whole["status"]?["startTime"]?.DeepClone() ?? changed["status"]!["startTime"]?.DeepClone();
        }

        Put(changed);
        Publish();
        Tell(pod.Component);
    }

    /// <summary>Lets a pod be well again: the one that waited finds a node, the one that was not ready is.</summary>
    public async Task RecoverAsync(string id)
    {
        SimulatedEndpoint endpoint = context.Host[id];
        if (!endpoint.IsOpen)
        {
            await SimulatorHost.StartPodAsync(endpoint);
            network.ListenPod(endpoint);
        }

        Ready(id, ready: true);
    }

    public void Dispose()
    {
        _over.Cancel();
        _replacing.Dispose();
    }

    /// <summary>The hash of the template of a workload: that of the pods of the start as long as it is what they were made from, so it is to be asked for before there is another one.</summary>
    /// <returns>The hash, or null when there is no workload.</returns>
    public string? Revision(ComponentKind component)
    {
        if (Workload(component)?.Object.ToJson()["spec"]?["template"]?.ToJsonString() is not { } template) return null;
        lock (_first)
        {
            if (!_first.TryGetValue(component, out var first))
            {
                SimulatedPod? pod = context.Cluster.PodsOf(component).FirstOrDefault();
                _first[component] = first = (template, pod?.Labels[pod.RevisionLabel] ?? "");
            }

            return template == first.Template ? first.Revision : StableId.Suffix(context.Cluster.Options.Seed, "template", template, 10);
        }
    }

    private async Task RollOutAsync(ComponentKind component)
    {
        bool daemon = component == ComponentKind.Handler;
        try
        {
            int at = 1;
            while (true)
            {
                _over.Token.ThrowIfCancellationRequested();
                SimulatedPod[] outdated;
                lock (_rolling)
                {
                    string? revision = Revision(component);
                    outdated = [.. context.Cluster.PodsOf(component).Where(pod => revision is not null && pod.Labels[pod.RevisionLabel] != revision && context.Host.Endpoints.Any(endpoint => endpoint.Id == pod.Id))];
                    if (outdated.Length == 0)
                    {
                        _rolling.Remove(component);
                        break;
                    }
                }

                bool[] replaced = await Task.WhenAll(outdated.Take(daemon ? at : 1).Select(pod => daemon ? ReplaceAsync(pod.Id) : SurgeAsync(pod.Id)));
                if (!replaced.All(static each => each)) await Task.Delay(context.Options.PodStep, _over.Token);
                if (daemon && at == 1 && outdated.Length > 1) at = Unavailable(component, "10%");
            }

            if (daemon) Unavailable(component, 1);
            Tell(component);
        }
        catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
        {
            // The cluster is being taken down.
        }
    }

    /// <summary>Replaces a pod when the one that takes its place is ready.</summary>
    private async Task<bool> SurgeAsync(string id)
    {
        lock (_going) if (!_going.Add(id)) return false;
        try
        {
            SimulatedEndpoint endpoint = context.Host[id];
            SimulatedPod old = endpoint.Pod;
            SimulatedEndpoint? coming = null;
            await OneByOneAsync(() => coming = context.Host.RaisePod(id, Revision(old.Component)));
            await ComeAsync(coming!);
            Terminate(old);
            await context.Host.HandOverAsync(id);
            Publish();
            Tell(old.Component);
            await Task.Delay(context.Options.PodStep, _over.Token);
            Forget(old);
            Tell(old.Component);
        }
        finally
        {
            lock (_going) _going.Remove(id);
        }

        return true;
    }

    /// <summary>Names and addresses are given out one at a time.</summary>
    private async Task OneByOneAsync(Action give)
    {
        await _replacing.WaitAsync(_over.Token);
        try
        {
            give();
        }
        finally
        {
            _replacing.Release();
        }
    }

    /// <summary>Lets a pod be seen terminating.</summary>
    private void Terminate(SimulatedPod old)
    {
        leases.Renew();
        if (Pods.Find(old.Namespace, old.Name)?.ToJson() is not { } going) return;
        going["metadata"]!["deletionTimestamp"] = Meta.Time(time.GetUtcNow());
        going["metadata"]!["deletionGracePeriodSeconds"] = 30;
        Put(PodStatus.NotReady(going));
    }

    private void Forget(SimulatedPod old)
    {
        lock (context.Store.Gate)
        {
            if (Pods.Find(old.Namespace, old.Name) is { } present) Pods.Remove(present, ApiObject.From(Pods.Type, present.ToJson(), context.Store.NextVersion()));
        }

        network.Forget(old.Namespace, old.Name);
        Publish();
    }

    /// <summary>Lets a pod come: Pending, running and not ready, ready.</summary>
    private async Task ComeAsync(SimulatedEndpoint endpoint)
    {
        foreach (bool running in new[] { false, true })
        {
            JsonObject pod = Build(endpoint, time.GetUtcNow());
            if (running) pod = PodStatus.NotReady(pod);
            else pod["status"] = PodStatus.Pending(time.GetUtcNow());
            Put(pod);
            Tell(endpoint.Pod.Component);
            await Task.Delay(context.Options.PodStep, _over.Token);
        }

        await SimulatorHost.StartPodAsync(endpoint);
        network.ListenPod(endpoint);
        Put(Build(endpoint, time.GetUtcNow()));
        Publish();
        Tell(endpoint.Pod.Component);
    }

    /// <summary>A pod as its endpoint and the template of its workload have it.</summary>
    private JsonObject Build(SimulatedEndpoint endpoint, DateTimeOffset since)
    {
        JsonObject pod = ComponentContent.Pod(context, endpoint, since);
        JsonNode? template = Workload(endpoint.Pod.Component)?.Object.ToJson()["spec"]?["template"]?["metadata"];
        if (template?["annotations"] is JsonObject { Count: > 0 } annotations) pod["metadata"]!["annotations"] = annotations.DeepClone();
        foreach ((string key, JsonNode? value) in template?["labels"] as JsonObject ?? []) pod["metadata"]!["labels"]![key] = value?.DeepClone();
        return pod;
    }

    private void Put(JsonObject pod)
    {
        lock (context.Store.Gate) Pods.Put(ApiObject.From(Pods.Type, pod, context.Store.NextVersion()));
    }

    /// <summary>Writes who stands behind the services.</summary>
    private void Publish()
    {
        foreach ((string group, string plural, Func<ContentContext, ResourceType, IEnumerable<ApiObject>> make) in new (string, string, Func<ContentContext, ResourceType, IEnumerable<ApiObject>>)[]
        {
            ("", "endpoints", EndpointContent.Endpoints), ("discovery.k8s.io", "endpointslices", EndpointContent.Slices),
        })
        {
            ResourceCollection collection = context.Store[group, plural];
            lock (context.Store.Gate)
            {
                foreach (ApiObject item in make(context, collection.Type)) collection.Put(item);
            }
        }
    }

    private (ResourceCollection Collection, ApiObject Object)? Workload(ComponentKind component)
    {
        ResourceCollection collection = context.Store["apps", component == ComponentKind.Handler ? "daemonsets" : "deployments"];
        return collection.Find(context.Space, ComponentContent.App(component)) is { } found ? (collection, found) : null;
    }

    /// <summary>Says how many virt-handlers may be gone at once, as virt-operator does in the course of a rollout; each time it is a new generation.</summary>
    private int Unavailable(ComponentKind component, JsonNode most)
    {
        lock (context.Store.Gate)
        {
            if (Workload(component) is { } workload && workload.Object.ToJson() is { } whole && whole["spec"]?["updateStrategy"]?["rollingUpdate"] is JsonObject strategy && !JsonNode.DeepEquals(strategy["maxUnavailable"], most))
            {
                strategy["maxUnavailable"] = most;
                whole["metadata"]!["generation"] = (long)whole["metadata"]!["generation"]! + 1;
                whole["status"]!["observedGeneration"] = whole["metadata"]!["generation"]!.DeepClone();
                workload.Collection.Put(ApiObject.From(workload.Collection.Type, whole, context.Store.NextVersion()));
            }
        }

        return (context.Cluster.PodsOf(component).Count() + 9) / 10;
    }

    /// <summary>Writes the status of a workload from its pods.</summary>
    private void Tell(ComponentKind component)
    {
        lock (context.Store.Gate)
        {
            if (Workload(component) is not { } workload) return;
            JsonObject whole = workload.Object.ToJson();
            string revision = Revision(component)!;
            string app = ComponentContent.App(component);
            JsonObject[] all = [.. Pods.List().Where(pod => pod.Namespace == context.Space && pod.Labels.TryGetValue("kubevirt.io", out string? of) && of == app).Select(static pod => pod.ToJson())];
            JsonObject[] pods = [.. all.Where(static pod => pod["metadata"]!["deletionTimestamp"] is null)];
            string label = component == ComponentKind.Handler ? "controller-revision-hash" : "pod-template-hash";
            int updated = pods.Count(pod => (string?)pod["metadata"]!["labels"]?[label] == revision);
            int ready = pods.Count(static pod => (pod["status"]?["conditions"] as JsonArray)?.Any(static one => (string?)one?["type"] == "Ready" && (string?)one["status"] == "True") == true);
            JsonNode? generation = whole["metadata"]!["generation"];
            whole["status"] = component == ComponentKind.Handler
                ? WorkloadStatus.OfDaemonSet(generation, context.Cluster.PodsOf(component).Count(), pods.Length, updated, ready)
                : WorkloadStatus.OfDeployment(generation, whole, (app, revision), (pods.Length, updated, ready, all.Length - pods.Length), time.GetUtcNow());
            if (JsonNode.DeepEquals(whole["status"], workload.Object.ToJson()["status"])) return;
            workload.Collection.Put(ApiObject.From(workload.Collection.Type, whole, context.Store.NextVersion()));
        }

        Told?.Invoke();
    }
}
