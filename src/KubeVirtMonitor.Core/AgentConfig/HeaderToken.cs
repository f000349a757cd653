namespace KubeVirtMonitor.AgentConfig;

/// <summary>A token and the header it is sent in.</summary>
/// <param name="Token">The token.</param>
/// <param name="Header">The name of the header.</param>
/// <param name="Value">The header's value, with the token in it.</param>
internal sealed record HeaderToken(string Token, string Header, string Value)
{
    /// <summary>Whether it is sent as bearer tokens are.</summary>
    public bool IsBearer => Value == "Bearer " + Token && string.Equals(Header, "Authorization", StringComparison.OrdinalIgnoreCase);

    /// <summary>Says nothing of the token.</summary>
    public override string ToString() => Header;
}
