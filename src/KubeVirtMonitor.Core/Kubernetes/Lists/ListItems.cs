using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// The items of a list, page after page. A page that breaks off is asked for again, and so is one for which the server cannot be reached for a moment; a list
/// that has expired (410) goes on with the token that the server hands out, or begins again. No item comes twice. A list ends at its end, or with an error
/// that says how far it came: pages that lead nowhere end it too.
/// </summary>
internal sealed class ListItems : IDisposable
{
    /// <summary>The most objects of one list, about ten times of what the largest clusters hold; each costs some 30 bytes of memory while the list lasts.</summary>
    public const int MaximumItems = 2_000_000;

    private const int MostRestarts = 5;

    // API servers fill their pages, so each brings something new.
    private const int MostBarrenPages = 10;

    private readonly ApiTransport _transport;
    private readonly string _path;
    private readonly string _purpose;
    private readonly CancellationToken _cancellationToken;
    private readonly int _most;
    private readonly ItemIdentity _seen = new();
    private HttpResponseMessage? _response;
    private AnswerReader? _answer;
    private ListPageReader? _page;
    private string? _token;
    private bool _isAtEnd;
    private bool _hasBegun;
    private long? _remaining;
    private int _items;
    private int _ofPage;
    private int _newOfPage;
    private int _pages;
    private int _barren;
    private int _barrenAllowed = MostBarrenPages;
    private int _breaks;
    private int _restarts;

    public ListItems(ApiTransport transport, ResourceType type, ListOptions options, CancellationToken cancellationToken, int most = MaximumItems)
    {
        _transport = transport;
        _cancellationToken = cancellationToken;
        _most = most;
        _purpose = $"list {type.Describe(options.Namespace, null)}";
        _path = PathOf(type, options);
    }

    /// <summary>The item; valid until the next call of <see cref="NextAsync"/>.</summary>
    public ReadOnlySpan<byte> Current => _page!.Current;

    /// <summary>Goes to the next item.</summary>
    /// <returns>False at the end of the list.</returns>
    /// <exception cref="KubernetesException">The server refuses, or the list ends early.</exception>
    public async ValueTask<bool> NextAsync()
    {
        while (true)
        {
            TimeSpan wait = TimeSpan.Zero;
            try
            {
                while (!_isAtEnd)
                {
                    if (_page is null) await OpenAsync().ConfigureAwait(false);
                    while (await _page!.NextAsync().ConfigureAwait(false))
                    {
                        if (IsNew()) return true;
                    }

                    EndPage();
                }

                return false;
            }
            catch (KubernetesException exception) when (exception.Error == KubernetesError.Expired && _token is not null && _restarts < MostRestarts)
            {
                _restarts++;
                _token = exception.Status?.Continue;
                // From the beginning, everything is known up to here.
                if (_token is null) _barrenAllowed = _pages + MostBarrenPages;
            }
            catch (KubernetesException exception) when (_page is not null && RetryPolicy.IsConnectionFailure(exception) && _breaks < _transport.Retry.RetriesAfter(exception))
            {
                wait = _transport.Retry.Delay(_breaks++, null);
            }
            catch (KubernetesException exception) when (_items > 0 || _pages > 0)
            {
                throw Incomplete(exception);
            }

            Close();
            await _transport.Retry.WaitAsync(wait, _cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => Close();

    private async Task OpenAsync()
    {
        string path = _token is null ? _path : $"{_path}{(_path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}continue={Uri.EscapeDataString(_token)}";
        _response = await _transport.SendAsync(new ApiRequest(HttpMethod.Get, path) { Purpose = _purpose, IsContinuation = _hasBegun }, _cancellationToken).ConfigureAwait(false);
        _hasBegun = true;
        _answer = new AnswerReader(_transport, await _response.Content.ReadAsStreamAsync(_cancellationToken).ConfigureAwait(false), _cancellationToken);
        _page = new ListPageReader(_answer);
        _ofPage = 0;
    }

    private bool IsNew()
    {
        if (++_ofPage > _most) throw Endless();
        try
        {
            if (!_seen.Add(_page!.Current)) return false;
        }
        catch (JsonException)
        {
            // Whoever reads the item will say so.
        }

        if (++_items > _most) throw Endless();
        _newOfPage++;
        _breaks = 0;
        return true;
    }

    private void EndPage()
    {
        string? next = _page!.Continue;
        _remaining = _page.Remaining;
        _pages++;
        _barren = _newOfPage > 0 ? 0 : _barren + 1;
        _isAtEnd = next is null;
        if (next is not null && next == _token)
            throw Leads("the server returned the same continue token that it received");
        if (next is not null && _barren > _barrenAllowed)
            throw Leads($"the server sent {_barren} pages without new objects");
        _token = next;
        Close();
        _newOfPage = 0;
    }

    private void Close()
    {
        _page?.Dispose();
        _answer?.Dispose();
        _response?.Dispose();
        _page = null;
        _answer = null;
        _response = null;
    }

    private KubernetesException Endless() => new(
        KubernetesError.BadAnswer,
        $"the list does not end: more than {_most.ToString("N0", CultureInfo.InvariantCulture)} objects were received",
        "No cluster has that many: check the address, and any proxy in front of the API server.");

    private static KubernetesException Leads(string what) => new(KubernetesError.BadAnswer, what, "Check the address, and any proxy in front of the API server.");

    private KubernetesException Incomplete(KubernetesException cause)
    {
        string more = _remaining is { } remaining && remaining > _newOfPage ? $", and about {remaining - _newOfPage} more were expected" : "";
        return new KubernetesException(cause.Error, $"cannot {_purpose} completely: the list ended after {_items} objects{more} ({cause.What})", cause.Advice, cause)
        {
            StatusCode = cause.StatusCode,
            Status = cause.Status,
        };
    }

    private static string PathOf(ResourceType type, ListOptions options)
    {
        if (options.Namespace is { } space && !ResourceNames.IsLabel(space))
            throw Impossible(space, "a namespace", "Names of namespaces consist of at most 63 lower-case letters, digits and dashes, with a letter or digit at both ends.");
        if (options.Name is { } name && !ResourceNames.IsSubdomain(name))
            throw Impossible(name, type.Resource, "Names consist of at most 253 lower-case letters, digits, dashes and dots, with a letter or digit at both ends. To search, use wildcards such as web-*.");
        string?[] selectors = [options.Name is null ? null : ListOptions.Fields(("metadata.name", options.Name)), string.IsNullOrEmpty(options.FieldSelector) ? null : options.FieldSelector];
        StringBuilder path = new(type.PathOf(options.Namespace));
        char separator = '?';
        Append("labelSelector", options.LabelSelector);
        Append("fieldSelector", string.Join(',', selectors.Where(static one => one is not null)));
        Append("limit", options.PageSize > 0 ? options.PageSize.ToString(CultureInfo.InvariantCulture) : null);
        return path.ToString();

        void Append(string name, string? value)
        {
            if (string.IsNullOrEmpty(value)) return;
            path.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }
    }

    private static KubernetesException Impossible(string name, string what, string rule) =>
        new(KubernetesError.ArgumentInvalid, $"'{TextShown.Cut(TextShown.Printable(name), 80)}' is not a name that {what} can have", rule);
}

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
