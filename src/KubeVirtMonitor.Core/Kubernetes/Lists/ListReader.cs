using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// Lists objects page by page. A page that breaks off is asked for again; a list that has expired (410) goes on with the token the
/// server hands out, or begins again. Either way no item comes twice.
/// </summary>
internal sealed class ListReader(ApiTransport transport)
{
    private const int MostRestarts = 5;

    public async IAsyncEnumerable<T> ReadAsync<T>(ResourceType type, ListOptions options, JsonProjection<T> project, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ItemIdentity seen = new();
        string? token = null;
        int breaks = 0;
        int restarts = 0;
        while (true)
        {
            HttpResponseMessage response;
            try
            {
                response = await transport.SendAsync(Request(type, options, token), cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesException exception) when (exception.Error == KubernetesError.Expired && token is not null && restarts < MostRestarts)
            {
                restarts++;
                token = exception.Status?.Continue;
                continue;
            }

            using (response)
            {
                Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
                using AnswerReader answer = new(transport, stream, cancellationToken);
                using ListPageReader page = new(answer);
                KubernetesException? failure = null;
                while (true)
                {
                    bool isThere;
                    try
                    {
                        isThere = await page.NextAsync().ConfigureAwait(false);
                    }
                    catch (KubernetesException exception) when (exception.IsBreak)
                    {
                        failure = exception;
                        break;
                    }

                    if (!isThere) break;
                    if (!TryProject(page.Current, seen, project, options, out T? item)) continue;
                    breaks = 0;
                    yield return item!;
                }

                if (failure is null)
                {
                    token = page.Continue;
                    if (token is null) yield break;
                    continue;
                }

                if (breaks >= transport.Retry.Retries) throw failure;
            }

            await transport.Retry.WaitAsync(transport.Retry.Delay(breaks++, null), cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool TryProject<T>(ReadOnlySpan<byte> json, ItemIdentity seen, JsonProjection<T> project, ListOptions options, out T? item)
    {
        try
        {
            item = default;
            if (!seen.Add(json)) return false;
            item = project(json);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            KubernetesException bad = new(
                KubernetesError.BadAnswer,
                $"an item of the list cannot be read ({TextShown.Cut(exception.Message.TrimEnd('.'), 200)})",
                "Look at it with 'kubectl get -o json'.",
                exception);
            if (options.BadItem is null) throw bad;
            options.BadItem(bad);
            item = default;
            return false;
        }
    }

    private static ApiRequest Request(ResourceType type, ListOptions options, string? token)
    {
        StringBuilder path = new(type.PathOf(options.Namespace));
        char separator = '?';
        Append("labelSelector", options.LabelSelector);
        Append("fieldSelector", options.FieldSelector);
        Append("limit", options.PageSize > 0 ? options.PageSize.ToString(CultureInfo.InvariantCulture) : null);
        Append("continue", token);
        return new ApiRequest(HttpMethod.Get, path.ToString()) { Purpose = $"list {type.Describe(options.Namespace, null)}" };

        void Append(string name, string? value)
        {
            if (string.IsNullOrEmpty(value)) return;
            path.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }
    }
}
