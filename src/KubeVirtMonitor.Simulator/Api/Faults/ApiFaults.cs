namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The faults of an API server; they can be added and cleared while it runs.</summary>
public sealed class ApiFaults
{
    private readonly Lock _lock = new();
    private readonly List<(ApiFault Fault, int[] Uses)> _faults = [];
    private readonly Dictionary<string, int> _pages = new(StringComparer.Ordinal);

    /// <summary>Adds a fault. The first that matches a request is met.</summary>
    public void Add(ApiFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        lock (_lock) _faults.Add((fault, [0]));
    }

    /// <summary>Takes all faults away.</summary>
    public void Clear()
    {
        lock (_lock) _faults.Clear();
    }

    /// <summary>The faults that are still to be met, of those that are limited; and all that are not.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _faults.Count(entry => entry.Fault.Times == 0 || entry.Uses[0] < entry.Fault.Times);
        }
    }

    /// <summary>The fault that a request meets, or null.</summary>
    internal ApiFault? Take(ApiRequest request, bool continues)
    {
        string resource = request.Subresource is null ? request.Resource ?? "" : $"{request.Resource}/{request.Subresource}";
        lock (_lock)
        {
            int page = 0;
            if (request.Verb == "list")
            {
                string key = $"{request.Namespace}/{resource}";
                page = continues ? _pages.GetValueOrDefault(key) + 1 : 1;
                _pages[key] = page;
            }

            foreach ((ApiFault fault, int[] uses) in _faults)
            {
                if (fault.Times > 0 && uses[0] >= fault.Times) continue;
                if (fault.Verb is not null && fault.Verb != request.Verb) continue;
                if (fault.Resource is not null && fault.Resource != resource) continue;
                if (fault.Namespace is not null && fault.Namespace != request.Namespace) continue;
                if (fault.Page is not null && fault.Page != page) continue;
                if (fault.Kind == ApiFaultKind.Expired && !continues) continue;
                uses[0]++;

                // A page that fails is asked for again and is then the same page.
                if (fault.Kind is not (ApiFaultKind.Slow or ApiFaultKind.MalformedItems) && request.Verb == "list") _pages[$"{request.Namespace}/{resource}"] = Math.Max(0, page - 1);
                return fault;
            }

            return null;
        }
    }
}
