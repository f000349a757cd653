using System.Globalization;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>
/// The instance types of a cluster, so that a list of machines costs at most one or two requests more and not one for each machine. A machine keeps to the state of its
/// instance type when it was made, and a state that is not the present one is not guessed.
/// </summary>
internal sealed class InstanceTypes(KubeVirtSession session)
{
    private readonly Dictionary<(string? Namespace, string Name), Entry> _types = [];

    // What has been listed, whatever came of it; for those of namespaces, null = all of them.
    private readonly HashSet<(bool IsNamespaced, string? Namespace)> _listed = [];

    /// <summary>Why some cannot be read, in one line; null where they can, are not served, or may not be read.</summary>
    public string? Problem { get; private set; }

    /// <summary>vCPUs and bytes of memory; null where the instance type is not known, or not in the state that the machine keeps to.</summary>
    /// <param name="reference">The instance type.</param>
    /// <param name="listed">The namespace whose machines are listed, and whose instance types they may name; null = all of them.</param>
    public async ValueTask<(int VCpus, long Memory)?> FindAsync(InstanceTypeReference reference, string? listed, CancellationToken cancellationToken)
    {
        bool isNamespaced = reference.Kind?.ToLowerInvariant() is "virtualmachineinstancetype" or "virtualmachineinstancetypes";
        if (!isNamespaced)
        {
            if (_listed.Add((false, null))) await AddAsync(KubeVirtResources.ClusterInstanceTypes, null, cancellationToken).ConfigureAwait(false);
        }
        else if (!_listed.Contains((true, null)) && _listed.Add((true, listed)))
        {
            await AddAsync(KubeVirtResources.InstanceTypes, listed, cancellationToken).ConfigureAwait(false);
        }

        if (!_types.TryGetValue((isNamespaced ? reference.Namespace : null, reference.Name), out Entry? type)) return null;
        return reference.Revision is null || reference.Revision.EndsWith(type.Revision, StringComparison.Ordinal) ? (type.VCpus, type.Memory) : null;
    }

    private async Task AddAsync(ResourceType resource, string? inNamespace, CancellationToken cancellationToken)
    {
        try
        {
            ListOptions options = new() { Namespace = inNamespace, BadItem = static _ => { } };
            await foreach (Entry type in session.Client.ListAsync(resource, ObjectLists.Named("Instancetype", Read), options, cancellationToken).ConfigureAwait(false))
                _types[(resource.IsNamespaced ? type.Namespace : null, type.Name)] = type;
        }
        catch (KubernetesException exception)
        {
            // Machines are listed without their sizes.
            if (exception.Error is not (KubernetesError.Forbidden or KubernetesError.NotFound)) Problem ??= Problems.OneLine(exception.Fact);
        }
    }

    private static Entry Read(ReadOnlySpan<byte> json)
    {
        ObjectMeta meta = ObjectMeta.Read(json);
        JsonNode? spec = JsonText.At(JsonText.Parse(json), "spec");
        int cpus = JsonText.Integer(JsonText.At(spec, "cpu", "guest")) ?? throw JsonFields.Wrong("spec.cpu.guest", "a whole number");
        long memory = Quantity.Bytes(Quantity.Of(JsonText.At(spec, "memory", "guest"))) ?? throw JsonFields.Wrong("spec.memory.guest", "a quantity");
        long generation = JsonFields.IntegerAt(json, "metadata", "generation") ?? 0;
        // The name of a revision ends so: NAME-INSTANCETYPE-VERSION-UID-GENERATION.
        return new Entry(meta.Namespace, meta.Name, cpus, memory, string.Create(CultureInfo.InvariantCulture, $"-{meta.Uid}-{generation}"));
    }

    private sealed record Entry(string Namespace, string Name, int VCpus, long Memory, string Revision);
}

/// <summary>The instance type that a machine names.</summary>
/// <param name="Namespace">The namespace of the machine.</param>
/// <param name="Kind">As the machine names it; null = one for all namespaces.</param>
/// <param name="Revision">The state of the instance type that the machine keeps to; null where KubeVirt has not noted it yet.</param>
internal sealed record InstanceTypeReference(string Namespace, string Name, string? Kind, string? Revision);
