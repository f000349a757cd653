using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// Keeps the pods of KubeVirt, as the controllers of deployments and daemon sets do: a pod that is deleted, or whose template has changed, goes, and another one comes in its place,
/// with a new name and a new address. It is Pending, then runs without being ready, while connections are refused, and then is ready.
/// </summary>
internal sealed class PodKeeper(ContentContext context, PodNetwork network, LeaseKeeper leases, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly SemaphoreSlim _replacing = new(1, 1);
    private readonly HashSet<string> _going = new(StringComparer.Ordinal);

    private ResourceCollection Pods => context.Store["", "pods"];

    /// <summary>Takes over the deletion of a pod of KubeVirt.</summary>
    /// <returns>The pod as it was, or null when it is none of KubeVirt's.</returns>
    public ApiObject? Delete(string? space, string name)
    {
        if (context.Host.Endpoints.FirstOrDefault(each => each.Pod.Name == name && each.Pod.Namespace == space) is not { } endpoint || Pods.Find(space, name) is not { } pod) return null;
        _ = Task.Run(() => ReplaceAsync(endpoint.Id));
        return pod;
    }

    /// <summary>Replaces the pods of a component, one after the other, and keeps the status of its deployment or daemon set.</summary>
    public async Task RollOutAsync(ComponentKind component)
    {
        string[] ids = [.. context.Host.Endpoints.Where(endpoint => endpoint.Pod.Component == component).Select(static endpoint => endpoint.Id)];
        for (int i = 0; i < ids.Length && !_over.IsCancellationRequested; i++)
        {
            Tell(component, updated: i, ready: ids.Length - 1, of: ids.Length);
            await ReplaceAsync(ids[i]);
        }

        Tell(component, updated: ids.Length, ready: ids.Length, of: ids.Length);
    }

    /// <summary>Replaces all pods at once, as when the nodes of the control plane restart.</summary>
    public Task RestartAsync() => Task.WhenAll(context.Host.Endpoints.Select(endpoint => ReplaceAsync(endpoint.Id)));

    /// <summary>Replaces a pod. Returns when the new one is ready.</summary>
    public async Task ReplaceAsync(string id)
    {
        lock (_going) if (!_going.Add(id)) return;
        try
        {
            await StopAsync(id);
            Phase(id, running: false);
            await Task.Delay(context.Options.PodStep, _over.Token);
            Phase(id, running: true);
            await Task.Delay(context.Options.PodStep, _over.Token);
            await context.Host.StartPodAsync(id);
            network.ListenPod(context.Host[id]);
            Put(Build(context.Host[id], time.GetUtcNow()));
            Publish();
        }
        catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
        {
            // The cluster is being taken down.
        }
        finally
        {
            lock (_going) _going.Remove(id);
        }
    }

    public void Dispose()
    {
        _over.Cancel();
        _replacing.Dispose();
    }

    /// <summary>Ends a pod: for a while it can still be seen, terminating, and then is gone.</summary>
    private async Task StopAsync(string id)
    {
        leases.Renew();
        SimulatedPod old = context.Host[id].Pod;
        if (Pods.Find(old.Namespace, old.Name)?.ToJson() is { } going)
        {
            going["metadata"]!["deletionTimestamp"] = Meta.Time(time.GetUtcNow());
            going["metadata"]!["deletionGracePeriodSeconds"] = 30;
            Put(PodStatus.NotReady(going));
        }

        await context.Host.StopPodAsync(id);
        Publish();
        await Task.Delay(context.Options.PodStep, _over.Token);
        lock (context.Store.Gate)
        {
            if (Pods.Find(old.Namespace, old.Name) is { } present) Pods.Remove(present, ApiObject.From(Pods.Type, present.ToJson(), context.Store.NextVersion()));
        }

        network.Forget(old.Namespace, old.Name);

        // Names and addresses are given out one at a time.
        await _replacing.WaitAsync(_over.Token);
        try
        {
            context.Host.ReplacePod(id);
        }
        finally
        {
            _replacing.Release();
        }
    }

    private void Phase(string id, bool running)
    {
        JsonObject pod = Build(context.Host[id], time.GetUtcNow());
        if (running) pod = PodStatus.NotReady(pod);
        else pod["status"] = PodStatus.Pending(time.GetUtcNow());
        Put(pod);
    }

    /// <summary>A pod as its endpoint and the template of its workload have it.</summary>
    private JsonObject Build(SimulatedEndpoint endpoint, DateTimeOffset since)
    {
        JsonObject pod = ComponentContent.Pod(context, endpoint, since);
        if (Workload(endpoint.Pod.Component)?.Object.ToJson()["spec"]?["template"]?["metadata"]?["annotations"] is JsonObject { Count: > 0 } annotations) pod["metadata"]!["annotations"] = annotations.DeepClone();
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

    private void Tell(ComponentKind component, int updated, int ready, int of)
    {
        lock (context.Store.Gate)
        {
            if (Workload(component) is not { } workload) return;
            JsonObject whole = workload.Object.ToJson();
            JsonObject status = whole["status"]!.AsObject();
            bool daemon = component == ComponentKind.Handler;
            status["observedGeneration"] = whole["metadata"]!["generation"]?.DeepClone();
            status[daemon ? "updatedNumberScheduled" : "updatedReplicas"] = updated;
            status[daemon ? "numberReady" : "readyReplicas"] = ready;
            status[daemon ? "numberAvailable" : "availableReplicas"] = ready;
            status.Remove(daemon ? "numberUnavailable" : "unavailableReplicas");
            if (ready < of) status[daemon ? "numberUnavailable" : "unavailableReplicas"] = of - ready;
            workload.Collection.Put(ApiObject.From(workload.Collection.Type, whole, context.Store.NextVersion()));
        }
    }
}
