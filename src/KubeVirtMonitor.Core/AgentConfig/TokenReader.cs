using System.Text.RegularExpressions;
using KubeVirtMonitor.Files;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Reads <c>auth_token</c>: a token from a file, and the header it goes into.</summary>
internal static class TokenReader
{
    private const string Advice = "Write reader: {type: file, path: ...} and writer: {type: header}.";
    private const int MaximumSize = 1 << 20;

    /// <summary>Reads it; null where there is none, or where a warning says that it is not applied.</summary>
    /// <exception cref="ScrapeException">The file cannot be read, or holds no token.</exception>
    public static HeaderToken? Read(InstanceScope scope)
    {
        if (scope.Options.Inner("auth_token") is not { } options) return null;
        OptionReader reader = options.Inner("reader") ?? throw options.Bad("reader", "it is missing", Advice);
        OptionReader writer = options.Inner("writer") ?? throw options.Bad("writer", "it is missing", Advice);
        if (IsOther(scope, reader, "reader", "file") || IsOther(scope, writer, "writer", "header")) return null;
        string placeholder = writer.Text("placeholder") ?? "<TOKEN>";
        string value = writer.Text("value") ?? "Bearer " + placeholder;
        int place = value.IndexOf(placeholder, StringComparison.Ordinal);
        if (place < 0) throw writer.Bad("value", "it lacks the placeholder", $"Write {placeholder} where the token belongs.");
        string token = Token(scope, reader);
        return new HeaderToken(token, writer.Text("name") ?? "Authorization", value[..place] + token + value[(place + placeholder.Length)..]);
    }

    private static bool IsOther(InstanceScope scope, OptionReader part, string name, string applied)
    {
        string type = part.Text("type") ?? throw part.Bad("type", "it is missing", Advice);
        if (type == applied) return false;
        scope.Warn($"auth_token.{name} is not applied: of its types only '{applied}' is; in the Agent it would {(name == "reader" ? "get a token in another way" : "put the token elsewhere")}, and nothing is sent. Use a token file: {Advice}");
        return true;
    }

    private static string Token(InstanceScope scope, OptionReader reader)
    {
        string path = scope.FullPath(reader.Text("path") ?? throw reader.Bad("path", "it is missing", Advice));
        string content;
        try
        {
            content = LocalFile.Decode(LocalFile.ReadBytes(path, MaximumSize)).Text;
        }
        catch (FileTooLargeException e)
        {
            throw reader.Bad("path", "the file is too large for a token", "Name the file that holds the token.", e);
        }
        catch (NotTextException e)
        {
            throw reader.Bad("path", $"the file '{path}' is no text in UTF-8 or UTF-16 ({e.Place})", "Name the file that holds the token.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw reader.Bad("path", $"the file '{path}' cannot be read", "Check that it exists and that you may read it; in a pod it is /var/run/secrets/kubernetes.io/serviceaccount/token.", e);
        }

        string? token = content.Trim();
        if (reader.Text("pattern") is { } pattern)
        {
            Match match = reader.AnyOf("pattern", [pattern])!.Match(content);
            token = match is { Success: true, Groups.Count: > 1 } ? match.Groups[1].Value : null;
            if (token is null) throw reader.Bad("pattern", $"it finds no token in '{path}'", "Write a regular expression with one group around the token.");
        }

        return token.Length > 0 ? token : throw reader.Bad("path", $"the file '{path}' is empty", "Name the file that holds the token.");
    }
}

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
