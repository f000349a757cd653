using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Sessions;

/// <summary>
/// The metrics <c>vm.count</c> and <c>vmi.count</c>, which no endpoint has: 1 for each object of the cluster with its name, uid, namespace and
/// <c>kubevirt.io/</c> labels as tags, and a single 0 without tags where there is none. Listed page by page.
/// </summary>
internal static class ObjectCounts
{
    private const string LabelPrefix = "kubevirt.io/";

    /// <summary>The metric of virtual machines.</summary>
    public static MetricDefinition VirtualMachines => MetricCatalog.Default.Find("kubevirt_api.vm.count")!;

    /// <summary>The metric of instances.</summary>
    public static MetricDefinition Instances => MetricCatalog.Default.Find("kubevirt_api.vmi.count")!;

    /// <summary>1 for each virtual machine.</summary>
    /// <param name="addTags">Tags the user adds.</param>
    /// <param name="badItem">Told of machines that cannot be read.</param>
    /// <exception cref="KubernetesException">The machines may not be listed.</exception>
    public static IAsyncEnumerable<MetricSample> OfVirtualMachines(
        KubeVirtSession session, IReadOnlyList<KeyValuePair<string, string>> addTags, Action<KubernetesException> badItem, CancellationToken cancellationToken)
    {
        ObjectCounter tally = new(badItem);
        return CountAsync(ObjectLists.VirtualMachinesAsync(session, tally.Options, cancellationToken), tally, VirtualMachines, KubeVirtResources.VirtualMachines, TagsOf, vm => new MachineIdentity(vm.Namespace, vm.Name, null), session, addTags, cancellationToken);
    }

    /// <summary>1 for each instance.</summary>
    /// <inheritdoc cref="OfVirtualMachines"/>
    public static IAsyncEnumerable<MetricSample> OfInstances(
        KubeVirtSession session, IReadOnlyList<KeyValuePair<string, string>> addTags, Action<KubernetesException> badItem, CancellationToken cancellationToken)
    {
        ObjectCounter tally = new(badItem);
        return CountAsync(ObjectLists.InstancesAsync(session, tally.Options, cancellationToken), tally, Instances, KubeVirtResources.Instances, TagsOf, vmi => new MachineIdentity(vmi.Namespace, vmi.Name, vmi.Node), session, addTags, cancellationToken);
    }

    private static async IAsyncEnumerable<MetricSample> CountAsync<T>(
        IAsyncEnumerable<T> objects,
        ObjectCounter tally,
        MetricDefinition definition,
        ResourceType type,
        Func<T, List<KeyValuePair<string, string>>> tagsOf,
        Func<T, MachineIdentity> machineOf,
        KubeVirtSession session,
        IReadOnlyList<KeyValuePair<string, string>> addTags,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string target = session.Server.GetLeftPart(UriPartial.Path).TrimEnd('/') + type.PathOf();
        DateTimeOffset now = session.Time.GetUtcNow();
        SampleOrigin origin = new(session, null);
        await foreach (T one in objects.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            tally.Any = true;
            yield return MetricSample.Create(definition, 1, new TagSet(WithAdded(tagsOf(one), addTags)), target, now, machineOf(one), origin);
        }

        if (!tally.Any) yield return MetricSample.Create(definition, 0, addTags.Count == 0 ? TagSet.Empty : new TagSet(addTags), target, now, default, origin);
    }

    private static List<KeyValuePair<string, string>> TagsOf(KubeVirtVM vm)
    {
        List<KeyValuePair<string, string>> tags = new(8) { new("vm_name", vm.Name) };
        if (vm.Uid is { } uid) tags.Add(new("vm_uid", uid));
        tags.Add(new("kube_namespace", vm.Namespace));
        AddLabels(tags, "vm_", vm.TemplateLabels);
        return tags;
    }

    private static List<KeyValuePair<string, string>> TagsOf(KubeVirtVmi vmi)
    {
        List<KeyValuePair<string, string>> tags = new(8) { new("vmi_name", vmi.Name) };
        if (vmi.Uid is { } uid) tags.Add(new("vmi_uid", uid));
        if (vmi.Phase is { } phase) tags.Add(new("vmi_phase", phase));
        tags.Add(new("kube_namespace", vmi.Namespace));
        AddLabels(tags, "vmi_", vmi.Labels);
        return tags;
    }

    private static void AddLabels(List<KeyValuePair<string, string>> tags, string prefix, ReadOnlyDictionary<string, string> labels)
    {
        foreach ((string key, string value) in labels)
        {
            if (key.StartsWith(LabelPrefix, StringComparison.Ordinal) && key.Length > LabelPrefix.Length) tags.Add(new(prefix + key[LabelPrefix.Length..], value));
        }
    }

    private static List<KeyValuePair<string, string>> WithAdded(List<KeyValuePair<string, string>> tags, IReadOnlyList<KeyValuePair<string, string>> added)
    {
        foreach (KeyValuePair<string, string> tag in added)
        {
            tags.RemoveAll(other => other.Key == tag.Key);
            tags.Add(tag);
        }

        return tags;
    }

    // Machines that cannot be read are there all the same: a 0 beside them would be wrong.
    private sealed class ObjectCounter(Action<KubernetesException> badItem)
    {
        public bool Any { get; set; }

        public ListOptions Options => new()
        {
            BadItem = bad =>
            {
                Any = true;
                badItem(bad);
            },
        };
    }
}
