using System.Runtime.CompilerServices;
using System.Threading.Channels;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Probes.Running;

namespace KubeVirtMonitor.Probes;

/// <summary>
/// Probes many instances at the same time, up to the limit, and returns results as they arrive. Targets can be added while it runs. Disposing of it
/// ends everything at once.
/// </summary>
internal sealed class ProbePool : IDisposable
{
    private const int MostWaiting = 256;

    private readonly KubeVirtSession _session;
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _ending;
    private readonly CancellationToken _ended;
    private readonly Channel<ProbeRunItem> _items = Channel.CreateBounded<ProbeRunItem>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly ProbeFollower _follower;
    private int _running = 1;

    /// <summary>Prepares it.</summary>
    /// <exception cref="KubernetesException">The session has been closed.</exception>
    public ProbePool(KubeVirtSession session, ProbeRunOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ThrottleLimit, 1);
        _ = session.Client;
        _session = session;
        _slots = new SemaphoreSlim(options.ThrottleLimit);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ended = _ending.Token;
        _follower = new ProbeFollower(session, options, _slots);
    }

    /// <summary>Starts to probe a target.</summary>
    public void Add(ProbeRunTarget target)
    {
        Interlocked.Increment(ref _running);
        _ = Task.Run(() => ProbeAsync(target, _ended), CancellationToken.None);
    }

    /// <summary>Lists instances as targets for their own probes. Instances without a probe are among them.</summary>
    /// <param name="list">Which to list.</param>
    /// <exception cref="KubernetesException">While enumerating: they may not be listed.</exception>
    public async IAsyncEnumerable<ProbeRunTarget> ListAsync(ListOptions list, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        JsonProjection<ProbeInstance> project = ObjectLists.Named("VirtualMachineInstance", json => ProbeInstance.Read(json, _session));
        await foreach (ProbeInstance instance in _session.Client.ListAsync(KubeVirtResources.Instances, project, list, cancellationToken).ConfigureAwait(false))
        {
            _session.Seen.Add(SeenKind.Instance, instance.Namespace, instance.Name);
            yield return new ProbeRunTarget { Namespace = instance.Namespace, Name = instance.Name, Instance = instance };
        }
    }

    /// <summary>A result that is there already.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ProbeRunItem? item) => _items.Reader.TryRead(out item);

    /// <summary>No more targets come: the results of pools that are still to come, each as it comes.</summary>
    /// <param name="pools">The pools; one that has much to say keeps no other waiting.</param>
    /// <exception cref="OperationCanceledException">While enumerating: the token was cancelled.</exception>
    public static IEnumerable<(KubeVirtSession Session, ProbeRunItem Item)> Complete(IReadOnlyCollection<ProbePool> pools)
    {
        foreach (ProbePool pool in pools) pool.Release();
        return Take(pools);
    }

    /// <summary>The same of one pool.</summary>
    /// <inheritdoc cref="Complete(IReadOnlyCollection{ProbePool})"/>
    public IEnumerable<ProbeRunItem> Complete() => Complete([this]).Select(static one => one.Item);

    /// <summary>Ends what still runs.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
    }

    private static IEnumerable<(KubeVirtSession Session, ProbeRunItem Item)> Take(IEnumerable<ProbePool> pools)
    {
        List<(Task<bool> Wait, ProbePool Pool)> waits = [.. pools.Select(static pool => (pool.WaitAsync(), pool))];
        while (waits.Count > 0)
        {
            Task<bool> first = Task.WhenAny(waits.Select(static one => one.Wait)).GetAwaiter().GetResult();
            int index = waits.FindIndex(one => one.Wait == first);
            ProbePool pool = waits[index].Pool;
            waits.RemoveAt(index);
            if (!first.GetAwaiter().GetResult()) continue;
            // No more than can wait: one that never pauses would be the only one to be heard.
            for (int left = MostWaiting; left > 0 && pool.TryTake(out ProbeRunItem? item); left--) yield return (pool._session, item);
            waits.Add((pool.WaitAsync(), pool));
        }
    }

    private Task<bool> WaitAsync() => _items.Reader.WaitToReadAsync(_ended).AsTask();

    private async Task ProbeAsync(ProbeRunTarget target, CancellationToken cancellationToken)
    {
        try
        {
            ProbeInstance instance = target.Instance ?? await FindAsync(target, cancellationToken).ConfigureAwait(false);
            VmiProbe[] probes = [.. target.Probes ?? instance.Probes.Where(probe => target.Role is null || probe.Role == target.Role)];
            if (probes.Length == 0)
            {
                string which = target.Role is { } role ? $"{role} probe" : "probe";
                throw new KubernetesException(KubernetesError.EntryNotFound, $"the instance {target.Namespace}/{target.Name} has no {which}") { Setting = Setting.Probe };
            }

            await Task.WhenAll(probes.Select(probe => _follower.RunAsync(target, probe, instance, item => _items.Writer.WriteAsync(item, cancellationToken), cancellationToken))).ConfigureAwait(false);
        }
        catch (KubernetesException exception)
        {
            await PassAsync(new ProbeRunItem(target, null, exception), cancellationToken).ConfigureAwait(false);
        }
        catch (FormatException exception)
        {
            KubernetesException error = new(KubernetesError.BadAnswer, exception.Message, "Check the object with kubectl get vmi -o yaml.", exception);
            await PassAsync(new ProbeRunItem(target, null, error), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Everything is being ended.
        }
        catch (Exception exception)
        {
            // What nobody thought of goes to whoever reads the results.
            _items.Writer.TryComplete(exception);
        }
        finally
        {
            Release();
        }
    }

    private async Task<ProbeInstance> FindAsync(ProbeRunTarget target, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ProbeFollower.FindAsync(_session, target.Namespace, target.Name, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task PassAsync(ProbeRunItem item, CancellationToken cancellationToken)
    {
        try
        {
            await _items.Writer.WriteAsync(item, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ChannelClosedException)
        {
            // Nobody reads any more.
        }
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _running) == 0) _items.Writer.TryComplete();
    }
}

/// <summary>The outcome for a target: a result, or the error that prevented the probe.</summary>
/// <param name="Target">The target.</param>
/// <param name="Result">The result; null with an error.</param>
/// <param name="Error">The error; null with a result.</param>
internal sealed record ProbeRunItem(ProbeRunTarget Target, ProbeResult? Result, KubernetesException? Error);

/// <summary>How probes are run.</summary>
internal sealed record ProbeRunOptions
{
    /// <summary>The way to the ports of instances.</summary>
    public ProbeRoute Route { get; init; } = ProbeRoute.Auto;

    /// <summary>How many times each probe is run; null = until it is ended. More than once follows initial delay and period.</summary>
    public int? Count { get; init; } = 1;

    /// <summary>How many probes run at the same time.</summary>
    public int ThrottleLimit { get; init; } = 32;

    /// <summary>Whether pods and events are asked as well.</summary>
    public bool IncludeCluster { get; init; }

    /// <summary>Whether only results that change a state are passed on.</summary>
    public bool TransitionsOnly { get; init; }
}

/// <summary>What to probe.</summary>
internal sealed record ProbeRunTarget
{
    /// <summary>The namespace of the instance.</summary>
    public required string Namespace { get; init; }

    /// <summary>The instance.</summary>
    public required string Name { get; init; }

    /// <summary>The probes; null = those of its spec.</summary>
    public IReadOnlyList<VmiProbe>? Probes { get; init; }

    /// <summary>Which probes of its spec, null = all of them; what given probes decide that do not say so themselves.</summary>
    public ProbeRole? Role { get; init; }

    /// <summary>Whether there is a probe to run, as far as is known before the instance has been asked.</summary>
    public bool HasProbe => Probes is { Count: > 0 } || Instance?.Probes.Any(probe => Role is null || probe.Role == Role) != false;

    internal Probes.Running.ProbeInstance? Instance { get; init; }
}
