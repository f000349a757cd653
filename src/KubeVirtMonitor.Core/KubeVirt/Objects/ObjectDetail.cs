using System.Text;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>All of an object of the cluster, read when it is first asked for, in the session of the object, and then kept.</summary>
internal sealed class ObjectDetail(KubeVirtSession? session, ResourceType type, string? inNamespace, string name, string? uid)
{
    private byte[]? _json;
    private KubeVirtMachineDetail? _read;
    private KubeVirtGuest? _guest;
    private string? _pod;

    /// <summary>The object with its parts.</summary>
    /// <exception cref="KubernetesException">It may not be read, it is not there any more, or the session has been closed.</exception>
    public KubeVirtMachineDetail Read()
    {
        if (_read is { } known) return known;
        JsonObject whole = JsonText.Parse(Whole()) as JsonObject ?? [];
        if (JsonText.At(whole, "spec", "template") is null) return _read = MachineParts.OfInstance(whole);
        try
        {
            return _read = MachineParts.OfMachine(whole, IsExpandable(whole) ? Subresource("expand-spec") ?? whole : whole);
        }
        catch (KubernetesException exception) when (exception.Error is KubernetesError.NotFound or KubernetesError.Forbidden or KubernetesError.ServerError or KubernetesError.Invalid or KubernetesError.Conflict)
        {
            // What does not depend on the instance type is read all the same.
            return _read = MachineParts.OfMachine(whole, whole) with { Cpu = null, Memory = null, NotExpanded = Problems.OneLine(WhyNot(exception)) };
        }
    }

    /// <summary>The object as the API gave it.</summary>
    /// <inheritdoc cref="Read"/>
    public string Json() => Encoding.UTF8.GetString(Whole());

    public void Keep(ReadOnlySpan<byte> json) => _json = json.ToArray();

    /// <summary>What the guest agent of an instance says.</summary>
    /// <param name="isConnected">Whether there is one to be asked.</param>
    /// <inheritdoc cref="Read"/>
    public KubeVirtGuest Guest(bool isConnected) =>
        _guest ??= MachineParts.GuestOf(JsonText.At(JsonText.Parse(Whole()), "status", "guestOSInfo"), isConnected ? Subresource("guestosinfo") : null);

    /// <summary>The running pod of an instance, that on its node before others; null when there is none.</summary>
    /// <inheritdoc cref="Read"/>
    public string? LauncherPod(string? node) => _pod ??= Ask(async client =>
    {
        ListOptions options = new() { Namespace = inNamespace, LabelSelector = $"kubevirt.io/created-by={uid}" };
        PodProjection? best = null;
        await foreach (PodProjection pod in client.ListAsync(ResourceType.Pods, ObjectLists.Named("Pod", PodProjection.Read), options).ConfigureAwait(false))
        {
            if (pod.Phase is not ("Succeeded" or "Failed") && (best is null || pod.Node == node)) best = pod;
        }

        return best?.Meta.Name;
    });

    // virt-api passes on what it found as an internal error.
    private static string WhyNot(KubernetesException exception)
    {
        const string Internal = "Internal error occurred: ";
        return exception is { Error: KubernetesError.ServerError, Status.Message: { } said } && said.StartsWith(Internal, StringComparison.Ordinal) ? said[Internal.Length..] : exception.Fact;
    }

    // What virt-api itself serves of the object.
    private JsonObject? Subresource(string subresource)
    {
        ResourceType served = type with { Group = "subresources.kubevirt.io" };
        return Ask(client => client.GetAsync(served.PathOf(inNamespace, name, subresource))) as JsonObject;
    }

    // The getter of a property cannot wait in any other way.
    private T Ask<T>(Func<IKubernetesClient, Task<T>> work)
    {
        IKubernetesClient client = session?.Client ?? throw new KubernetesException(
            KubernetesError.ArgumentInvalid, $"{type.Describe(inNamespace, name)} comes from no session, so nothing more can be read of it", "List it again.");
        return Task.Run(() => work(client)).GetAwaiter().GetResult();
    }

    private byte[] Whole()
    {
        if (_json is { } known) return known;
        byte[] json;
        try
        {
            json = Ask(client => client.GetAsync(type.PathOf(inNamespace, name), static bytes => bytes.ToArray()));
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.NotFound)
        {
            throw exception.With($"{type.Describe(inNamespace, name)} no longer exists: it was deleted after it had been listed", "List it again.");
        }

        ObjectIdentity.Check(JsonText.Parse(json) as JsonObject ?? [], uid, ObjectIdentity.Reread);
        return _json = json;
    }

    private static bool IsExpandable(JsonObject machine) => JsonText.At(machine, "spec", "instancetype") is not null || JsonText.At(machine, "spec", "preference") is not null;
}

/// <summary>A field of a record that says nothing of what the record is.</summary>
internal struct Uncompared<T> : IEquatable<Uncompared<T>>
    where T : class
{
    public T? Value { get; set; }

    public readonly bool Equals(Uncompared<T> other) => true;

    public override readonly bool Equals(object? obj) => obj is Uncompared<T>;

    public override readonly int GetHashCode() => 0;
}
