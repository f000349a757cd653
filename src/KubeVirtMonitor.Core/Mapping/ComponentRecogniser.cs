using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Mapping;

/// <summary>Tells which component served a scrape from the names in it.</summary>
internal static class ComponentRecogniser
{
    /// <summary>Looks for names that only one component has.</summary>
    /// <param name="data">Whole lines from the start of a scrape.</param>
    /// <param name="isWhole">Whether nothing follows.</param>
    /// <returns>The component, or null where the lines do not tell.</returns>
    public static ComponentKind? Recognise(ReadOnlySpan<byte> data, bool isWhole)
    {
        bool restClient = false;
        bool workQueue = false;
        ReadOnlySpan<byte> last = default;
        ReadOnlySpan<byte> rest = data;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> name = NameOf(end < 0 ? rest : rest[..end]);
            rest = end < 0 ? default : rest[(end + 1)..];
            if (name.IsEmpty || name.SequenceEqual(last)) continue;
            last = name;
            if (ComponentSignatures.Recognise(name) is { } component) return component;
            restClient |= name.StartsWith("rest_client_"u8) || name.StartsWith("kubevirt_rest_client_"u8);
            workQueue |= name.StartsWith("kubevirt_workqueue_"u8);
        }

        // virt-api may serve nothing of its own, the others always do: what is left is virt-api, which has API requests and no queues.
        return isWhole && restClient && !workQueue ? ComponentKind.Api : null;
    }

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> text = line.TrimStart(" \t"u8);
        if (text.StartsWith("# TYPE "u8)) text = text[7..];
        else if (text.StartsWith("#"u8)) return default;
        int end = text.IndexOfAny("{ \t\r"u8);
        return end < 0 ? text : text[..end];
    }
}
