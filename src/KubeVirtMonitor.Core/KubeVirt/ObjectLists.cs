using System.Runtime.CompilerServices;
using System.Text.Json;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Lists the objects of KubeVirt page by page. What cannot be read is told by its name, and never hides the rest.</summary>
internal static class ObjectLists
{
    /// <summary>Virtual machines.</summary>
    public static async IAsyncEnumerable<KubeVirtVM> VirtualMachinesAsync(KubeVirtSession session, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        JsonProjection<KubeVirtVM> project = Named("VirtualMachine", VmProjection.Read);
        await foreach (KubeVirtVM vm in session.Client.ListAsync(KubeVirtResources.VirtualMachines, project, options, cancellationToken).ConfigureAwait(false))
        {
            session.Seen.Add(vm.Namespace, vm.Name);
            yield return vm;
        }
    }

    /// <summary>Virtual machine instances.</summary>
    public static async IAsyncEnumerable<KubeVirtVmi> InstancesAsync(KubeVirtSession session, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        JsonProjection<KubeVirtVmi> project = Named("VirtualMachineInstance", VmiProjection.Read);
        await foreach (KubeVirtVmi vmi in session.Client.ListAsync(KubeVirtResources.Instances, project, options, cancellationToken).ConfigureAwait(false))
        {
            session.Seen.Add(vmi.Namespace, vmi.Name);
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
            throw new FormatException($"{kind} {NameOf(json)}: {exception.Message}", exception);
        }
    };

    // Labels stand before the name, so the reader that failed may not have come to it.
    private static string NameOf(ReadOnlySpan<byte> json)
    {
        (string? name, string? space) = (null, null);
        try
        {
            JsonCursor reader = new(json);
            if (!reader.EnterObject()) return "without a name";
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

        return string.IsNullOrEmpty(name) ? "without a name" : string.IsNullOrEmpty(space) ? name : $"{space}/{name}";
    }
}
