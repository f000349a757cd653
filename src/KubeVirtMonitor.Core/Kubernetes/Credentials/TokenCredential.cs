using System.Net.Http.Headers;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>A bearer token that does not change.</summary>
internal sealed class TokenCredential(string token) : IKubernetesCredential
{
    private readonly CredentialValue _value = new(new AuthenticationHeaderValue("Bearer", token));

    public string Kind => "token";

    public ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_value);

    public ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}

/// <summary>A bearer token in a file that another program renews. Read again once a minute, and when the server refuses it.</summary>
/// <param name="place">What names it.</param>
/// <param name="config">The kubeconfig that names it; null = none does.</param>
/// <param name="fallback">The token that stands beside it and counts while the file cannot be read, as for kubectl; null = none does.</param>
/// <param name="time">The clock; null = the system's.</param>
internal sealed class TokenFileCredential(string path, string place, string? config = null, string? fallback = null, TimeProvider? time = null) : FileCredential(time)
{
    public override string Kind => "token file";

    protected override void Reread()
    {
        string token;
        try
        {
            token = ConfigFiles.ReadText(path, "token file", entry: place, config: config).Trim();
            if (token.Length == 0)
                throw new KubernetesException(KubernetesError.CredentialInvalid, $"the token file {path} is empty", "Log in again.") { File = path, Entry = place };
            TokenText.Check(token, place, path);
        }
        catch (KubernetesException) when (Value is not null)
        {
            // While a token is being replaced the file may be missing for a moment; the one read before may still do.
            return;
        }
        catch (KubernetesException) when (fallback is not null)
        {
            token = fallback;
        }

        NoteRead();
        if (Value?.Authorization?.Parameter != token) Value = new CredentialValue(new AuthenticationHeaderValue("Bearer", token));
    }
}

/// <summary>Whether a token is allowed in a header.</summary>
internal static class TokenText
{
    public static string Check(string token, string place, string? file)
    {
        if (IsHeaderValue(token) && !token.Contains(' ', StringComparison.Ordinal)) return token;
        string where = file is null ? place : $"{place} in {file}";
        throw new KubernetesException(
            KubernetesError.CredentialInvalid,
            $"{where} contains spaces, line breaks or other characters that are not allowed in a token",
            "Copy the token again, as one line.")
        { File = file, Entry = place };
    }

    public static bool IsHeaderValue(string text) => text.All(c => c is >= ' ' and <= '~');
}
