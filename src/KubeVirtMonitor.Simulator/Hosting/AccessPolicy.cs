using System.Text;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator;

/// <summary>What a request must bring. KubeVirt itself asks for nothing; proxies in front of it may.</summary>
public sealed record AccessPolicy
{
    /// <summary>Nothing is asked for.</summary>
    public static AccessPolicy Open { get; } = new();

    /// <summary>A client certificate of the simulator's own authority must be shown.</summary>
    public bool RequireClientCertificate { get; init; }

    /// <summary>The bearer token that must be sent, or null.</summary>
    public string? BearerToken { get; init; }

    /// <summary>The user for basic authentication, or null.</summary>
    public string? UserName { get; init; }

    /// <summary>The password that goes with <see cref="UserName"/>.</summary>
    public string? Password { get; init; }

    /// <summary>The challenge for a request that brings too little, or null when it may pass.</summary>
    internal string? Challenge(HttpRequest request)
    {
        string? sent = request.Headers.Authorization;
        if (BearerToken is not null) return sent == $"Bearer {BearerToken}" ? null : "Bearer";
        if (UserName is null) return null;
        string expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{UserName}:{Password}"));
        return sent == expected ? null : "Basic realm=\"simulator\"";
    }

    // Passwords stay out of logs and test output.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("RequireClientCertificate = ").Append(RequireClientCertificate)
            .Append(", BearerToken = ").Append(BearerToken is null ? "none" : "set")
            .Append(", UserName = ").Append(UserName ?? "none");
        return true;
    }
}
