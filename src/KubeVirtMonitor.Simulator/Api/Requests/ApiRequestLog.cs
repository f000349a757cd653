using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What was asked of the API server, for tests. Headers are not kept, so no secret is.</summary>
public sealed class ApiRequestLog
{
    private const int Most = 10_000;

    private readonly ConcurrentQueue<LoggedRequest> _requests = new();
    private long _count;

    /// <summary>How many requests there were.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The last requests, oldest first.</summary>
    public IReadOnlyList<LoggedRequest> Requests => [.. _requests];

    /// <summary>Forgets all requests.</summary>
    public void Clear()
    {
        _requests.Clear();
        Interlocked.Exchange(ref _count, 0);
    }

    internal void Add(HttpContext context, ApiRequest request)
    {
        Interlocked.Increment(ref _count);
        _requests.Enqueue(new LoggedRequest(context.Request.Method, context.Request.Path.Value ?? "", context.Request.QueryString.Value ?? "", request.Verb, request.Resource, context.Request.Headers.UserAgent.ToString()));
        if (_requests.Count > Most) _requests.TryDequeue(out _);
    }
}
