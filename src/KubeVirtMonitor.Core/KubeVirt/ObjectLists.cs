using System.Runtime.CompilerServices;
using System.Text.Json;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Lists the objects of KubeVirt page by page. What cannot be read is reported by name, and never hides the rest.</summary>
internal static class ObjectLists
{
    /// <summary>Virtual machines, page by page.</summary>
    /// <param name="isWhole">Whether each keeps all of its object, a few kilobytes, so that its details need no request.</param>
    /// <param name="types">Where the sizes of instance types are looked up; null = nobody asks for them.</param>
    /// <exception cref="KubernetesException">While enumerating: they may not be listed.</exception>
    public static async IAsyncEnumerable<KubeVirtVM> VirtualMachinesAsync(
        KubeVirtSession session, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken, bool isWhole = false, InstanceTypes? types = null)
    {
        ListSharing sharing = new();
        JsonProjection<KubeVirtVM> project = Named("VirtualMachine", json => isWhole ? VmProjection.Read(json, session, sharing).Keep(json) : VmProjection.Read(json, session, sharing));
        await foreach (KubeVirtVM vm in session.Client.ListAsync(KubeVirtResources.VirtualMachines, project, options, cancellationToken).ConfigureAwait(false))
        {
            session.Seen.Add(SeenKind.VirtualMachine, vm.Namespace, vm.Name);
            if (vm.Sizing is { } reference)
            {
                if (types is not null && await types.FindAsync(reference, options.Namespace, cancellationToken).ConfigureAwait(false) is { } type) vm.Take(type.VCpus, type.Memory);
                vm.Sizing = null;
            }

            yield return vm;
        }
    }

    /// <summary>Virtual machine instances, page by page.</summary>
    /// <param name="isWhole">Whether each keeps all of its object, a few kilobytes, so that its details need no request.</param>
    /// <exception cref="KubernetesException">While enumerating: they may not be listed.</exception>
    public static async IAsyncEnumerable<KubeVirtVmi> InstancesAsync(
        KubeVirtSession session, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken, bool isWhole = false)
    {
        ListSharing sharing = new();
        JsonProjection<KubeVirtVmi> project = Named("VirtualMachineInstance", json => isWhole ? VmiProjection.Read(json, session, sharing).Keep(json) : VmiProjection.Read(json, session, sharing));
        await foreach (KubeVirtVmi vmi in session.Client.ListAsync(KubeVirtResources.Instances, project, options, cancellationToken).ConfigureAwait(false))
        {
            session.Seen.Add(SeenKind.Instance, vmi.Namespace, vmi.Name);
            if (vmi.Node is { } node) session.Seen.Add(SeenKind.Node, "", node);
            yield return vmi;
        }
    }

    /// <summary>A projection whose errors say which object they are about.</summary>
    public static JsonProjection<T> Named<T>(string kind, JsonProjection<T> project) => json =>
    {
        try
        {
            return project(json);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            (string? space, string? name) = NameOf(json);
            throw new UnreadableObjectException(kind, space, name, exception);
        }
    };

    /// <summary>The name of the object that an error of a list is about; null where it has none, and for other errors.</summary>
    public static string? NameOf(KubernetesException error) => (error.InnerException as UnreadableObjectException)?.Name;

    // Labels stand before the name, so the reader that failed may not have come to it.
    private static (string? Namespace, string? Name) NameOf(ReadOnlySpan<byte> json)
    {
        (string? name, string? space) = (null, null);
        try
        {
            JsonCursor reader = new(json);
            if (!reader.EnterObject()) return default;
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (!key.SequenceEqual("metadata"u8)) reader.Skip();
                else if (reader.EnterObject())
                {
                    while (reader.NextField(out ReadOnlySpan<byte> inner))
                    {
                        if (inner.SequenceEqual("name"u8)) name = reader.ReadText();
                        else if (inner.SequenceEqual("namespace"u8)) space = reader.ReadText();
                        else reader.Skip();
                    }
                }
            }
        }
        catch (JsonException)
        {
            // What has been found so far has to do.
        }

        return (space, name);
    }

    private sealed class UnreadableObjectException(string kind, string? inNamespace, string? name, Exception inner)
        : FormatException($"{kind} {(string.IsNullOrEmpty(name) ? "without a name" : string.IsNullOrEmpty(inNamespace) ? name : $"{inNamespace}/{name}")}: {inner.Message}", inner)
    {
        public string? Name { get; } = string.IsNullOrEmpty(name) ? null : name;
    }
}
