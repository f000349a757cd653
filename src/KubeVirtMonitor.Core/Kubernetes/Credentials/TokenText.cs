namespace KubeVirtMonitor.Kubernetes;

/// <summary>Whether a token can travel in a header.</summary>
internal static class TokenText
{
    public static string Check(string token, string place, string? file)
    {
        if (IsHeaderValue(token) && !token.Contains(' ', StringComparison.Ordinal)) return token;
        string where = file is null ? place : $"{place} in {file}";
        throw new KubernetesException(
            KubernetesError.CredentialInvalid,
            $"{where} holds blanks, line breaks or other characters that no token has",
            "Copy the token again as one unbroken line.")
        { File = file, Entry = place };
    }

    public static bool IsHeaderValue(string text) => text.All(c => c is >= ' ' and <= '~');
}
