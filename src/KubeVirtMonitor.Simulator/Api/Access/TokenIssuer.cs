using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Issues bearer tokens and knows whose they are and until when they are good.</summary>
/// <param name="time">The clock by which tokens expire.</param>
public sealed class TokenIssuer(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, (ApiUser User, DateTimeOffset Expires)> _tokens = new(StringComparer.Ordinal);

    /// <summary>Issues a token.</summary>
    /// <param name="user">Whose it is.</param>
    /// <param name="lifetime">How long it is good, or null = for ever.</param>
    public string Issue(ApiUser user, TimeSpan? lifetime = null)
    {
        string token = "sim." + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        Accept(token, user, lifetime);
        return token;
    }

    /// <summary>Makes a given text a good token.</summary>
    public void Accept(string token, ApiUser user, TimeSpan? lifetime = null) =>
        _tokens[token] = (user, lifetime is { } span ? time.GetUtcNow() + span : DateTimeOffset.MaxValue);

    /// <summary>Makes a token bad.</summary>
    public void Revoke(string token) => _tokens.TryRemove(token, out _);

    /// <summary>Makes all tokens of a user bad.</summary>
    public void RevokeAll(string userName)
    {
        foreach ((string token, (ApiUser user, _)) in _tokens)
        {
            if (user.Name == userName) _tokens.TryRemove(token, out _);
        }
    }

    /// <summary>Whose token it is, or null when it is unknown or has expired.</summary>
    public ApiUser? UserOf(string token) => _tokens.TryGetValue(token, out var entry) && time.GetUtcNow() < entry.Expires ? entry.User : null;
}
