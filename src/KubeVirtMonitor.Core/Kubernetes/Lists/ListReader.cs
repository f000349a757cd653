using System.Runtime.CompilerServices;
using System.Text.Json;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Makes objects of the items of a list, while they arrive.</summary>
internal static class ListReader
{
    private const int MostBadItems = 1000;

    /// <summary>Lists objects. What ends a list early is an error that says how far it came.</summary>
    public static async IAsyncEnumerable<T> ReadAsync<T>(
        ApiTransport transport, ResourceType type, ListOptions options, JsonProjection<T> project, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using ListItems items = new(transport, type, options, cancellationToken);
        int bad = 0;
        while (await items.NextAsync().ConfigureAwait(false))
        {
            if (TryProject(items.Current, project, out T? item) is { } error)
            {
                if (options.BadItem is null) throw error;
                if (++bad <= MostBadItems) options.BadItem(error);
                continue;
            }

            yield return item!;
        }

        if (bad > MostBadItems)
            options.BadItem!(new KubernetesException(KubernetesError.BadAnswer, $"{bad - MostBadItems} more items of the list cannot be read", "Look at them with 'kubectl get -o json'."));
    }

    private static KubernetesException? TryProject<T>(ReadOnlySpan<byte> json, JsonProjection<T> project, out T? item)
    {
        try
        {
            item = project(json);
            return null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            item = default;
            return new KubernetesException(
                KubernetesError.BadAnswer,
                $"an item of the list cannot be read ({TextShown.Cut(exception.Message.TrimEnd('.'), 200)})",
                "Look at it with 'kubectl get -o json'.",
                exception);
        }
    }
}
