using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Runs a credential plugin: no shell, no terminal, no standard input, bounded output, a bounded time.</summary>
internal static class PluginProcess
{
    private const int MostOutput = 1024 * 1024;

    private const int MostErrorText = 64 * 1024;

    /// <summary>Runs it to its end.</summary>
    /// <param name="path">The executable, an absolute path.</param>
    /// <param name="variables">What is added to the environment; the last of a name wins.</param>
    /// <param name="folder">The folder it runs in; null, or one that is gone = that of the process.</param>
    /// <param name="timeout">How long it may run.</param>
    /// <exception cref="ArgumentException">An argument cannot be passed to a batch file.</exception>
    /// <exception cref="ExternalException">It cannot be started.</exception>
    /// <exception cref="TimeoutException">It ran too long, and was ended with all its children.</exception>
    public static async Task<PluginRun> RunAsync(
        string path, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> variables, string? folder, TimeSpan timeout, CancellationToken cancellationToken)
    {
        bool isBatch = OperatingSystem.IsWindows() && BatchCommandLine.IsBatch(path);
        ProcessStartInfo start = new(isBatch ? Environment.GetEnvironmentVariable("ComSpec") ?? "cmd.exe" : path)
        {
            WorkingDirectory = Directory.Exists(folder) ? folder : "",
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (isBatch) start.Arguments = BatchCommandLine.Of(path, arguments);
        else foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach ((string name, string value) in variables) start.Environment[name] = value;

        using Process process = new() { StartInfo = start };
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        process.Start();
        limit.CancelAfter(timeout);
        try
        {
            process.StandardInput.Close();
            Task<(byte[] Bytes, bool IsCut)> output = ReadAsync(process.StandardOutput.BaseStream, MostOutput, keepEnd: false, limit.Token);
            Task<(byte[] Bytes, bool IsCut)> error = ReadAsync(process.StandardError.BaseStream, MostErrorText, keepEnd: true, limit.Token);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            (byte[] bytes, bool isCut) = await output.ConfigureAwait(false);
            (byte[] errorBytes, _) = await error.ConfigureAwait(false);
            return new PluginRun(process.ExitCode, bytes, Encoding.UTF8.GetString(errorBytes), isCut);
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException();
        }
    }

    // Reads to the end whatever the bound, since a full pipe would make the plugin wait for ever.
    private static async Task<(byte[] Bytes, bool IsCut)> ReadAsync(Stream stream, int most, bool keepEnd, CancellationToken cancellationToken)
    {
        using MemoryStream kept = new();
        byte[] buffer = new byte[8 * 1024];
        bool isCut = false;
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and int count)
        {
            if (kept.Length + count > most)
            {
                isCut = true;
                if (!keepEnd) continue;
                kept.SetLength(0);
            }

            kept.Write(buffer, 0, count);
        }

        return (kept.ToArray(), isCut);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ExternalException or AggregateException)
        {
            // It ended by itself in the meantime.
        }
    }
}

/// <summary>The result of a credential plugin.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to standard output: the credential. Never shown.</param>
/// <param name="ErrorText">The end of what it wrote to standard error. Shown only redacted.</param>
/// <param name="IsOutputCut">Whether it wrote more than is read.</param>
internal sealed record PluginRun(int ExitCode, byte[] Output, string ErrorText, bool IsOutputCut)
{
    public override string ToString() => $"exit code {ExitCode}";
}

/// <summary>Finds the executable of a plugin in PATH only: the runtime's own search would prefer the current folder, where anybody may have put something.</summary>
internal static class PluginFinder
{
    /// <summary>Looks for a command.</summary>
    /// <returns>An absolute path; null when there is no such file.</returns>
    public static string? Find(string command, Func<string, string?> environment)
    {
        if (Path.IsPathFullyQualified(command)) return Candidates(command, environment).FirstOrDefault(File.Exists);
        string[] folders = (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders
            .Where(Path.IsPathFullyQualified)
            .SelectMany(folder => Candidates(Path.Combine(folder, command), environment))
            .FirstOrDefault(IsExecutable);
    }

    private static IEnumerable<string> Candidates(string path, Func<string, string?> environment)
    {
        if (!OperatingSystem.IsWindows() || Path.HasExtension(path)) yield return path;
        if (!OperatingSystem.IsWindows()) yield break;
        foreach (string extension in (environment("PATHEXT") ?? ".COM;.EXE;.BAT;.CMD").Split(';', StringSplitOptions.RemoveEmptyEntries))
            yield return path + extension;
    }

    private static bool IsExecutable(string path)
    {
        if (!File.Exists(path)) return false;
        const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Execute) != 0;
    }
}

/// <summary>What a plugin answered: an ExecCredential with a status.</summary>
internal sealed class PluginAnswer
{
    private readonly string _token;
    private readonly string _certificate;

    private PluginAnswer(string token, string certificate, SslStreamCertificateContext? context, DateTimeOffset? expires)
    {
        _token = token;
        _certificate = certificate;
        Expires = expires;
        Value = new CredentialValue(token.Length == 0 ? null : new AuthenticationHeaderValue("Bearer", token), context);
    }

    public CredentialValue Value { get; }

    /// <summary>When it expires; null when the plugin does not say.</summary>
    public DateTimeOffset? Expires { get; }

    public bool IsSameAs(PluginAnswer other) => _token == other._token && _certificate == other._certificate;

    public static PluginAnswer Read(ExecSettings settings, PluginRun run, DateTimeOffset now)
    {
        if (run.IsOutputCut) throw PluginErrors.Rubbish(settings, run, "it wrote more than 1 MiB");
        JsonObject? root;
        try
        {
            root = JsonText.Parse(run.Output) as JsonObject;
        }
        catch (JsonException)
        {
            throw PluginErrors.Rubbish(settings, run, run.Output.Length == 0 ? "it wrote nothing" : "what it wrote is not JSON");
        }

        if (root is null || JsonText.Of(root["kind"]) != "ExecCredential") throw PluginErrors.Rubbish(settings, run, "what it wrote is not an ExecCredential");
        string version = Text(root, "apiVersion");
        if (version != settings.ApiVersion)
            throw PluginErrors.Rubbish(settings, run, $"it answered with apiVersion '{TextShown.Cut(TextShown.Printable(version), 80)}', and the kubeconfig asks for '{settings.ApiVersion}'");
        if (root["status"] is not JsonObject status) throw PluginErrors.Rubbish(settings, run, "its answer has no status");
        string token = Text(status, "token");
        string certificate = Text(status, "clientCertificateData");
        string key = Text(status, "clientKeyData");
        if (token.Length == 0 && certificate.Length == 0 && key.Length == 0) throw PluginErrors.Rubbish(settings, run, "its answer contains neither a token nor a certificate");
        if ((certificate.Length == 0) != (key.Length == 0)) throw PluginErrors.Rubbish(settings, run, "its answer contains only one of certificate and key");
        if (!TokenText.IsHeaderValue(token)) throw PluginErrors.Rubbish(settings, run, "its token contains line breaks or other characters that are not allowed in a token");
        SslStreamCertificateContext? context = certificate.Length == 0 ? null : Certificates.ReadClient(certificate, key, Source(settings, certificate, "clientCertificateData"), Source(settings, key, "clientKeyData"), now);
        return new PluginAnswer(token, certificate + key, context, Expiry(settings, run, Text(status, "expirationTimestamp")));
    }

    private static DateTimeOffset? Expiry(ExecSettings settings, PluginRun run, string text)
    {
        if (text.Length == 0) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset expires)
            ? expires
            : throw PluginErrors.Rubbish(settings, run, "its expirationTimestamp is not a time in RFC 3339 form");
    }

    private static PemSource Source(ExecSettings settings, string pem, string field) =>
        new(Encoding.UTF8.GetBytes(pem), null, $"the answer ({field}) of the plugin of {settings.Entry.Place}", settings.Entry.File);

    private static string Text(JsonObject json, string name) => JsonText.Of(json[name]) ?? "";
}

/// <summary>
/// Command lines for batch files. Windows gives those to cmd.exe, which reads the line by rules of its own: an ampersand would begin another
/// command, a quote escaped with a backslash would end the quoting, and %NAME% would be replaced.
/// </summary>
internal static class BatchCommandLine
{
    private const string Unquoted = "#$*+-./:?@\\_";

    /// <summary>Whether a file is one that cmd.exe runs.</summary>
    public static bool IsBatch(string path) => Path.GetExtension(path).ToUpperInvariant() is ".CMD" or ".BAT";

    /// <summary>The arguments of cmd.exe that run a batch file with arguments that arrive as they are.</summary>
    /// <param name="path">The batch file, an absolute path.</param>
    /// <exception cref="ArgumentException">An argument holds a line break or a zero character, which no command line of cmd.exe can carry.</exception>
    public static string Of(string path, IEnumerable<string> arguments)
    {
        StringBuilder line = new($"/e:ON /v:OFF /d /c \"\"{path}\"");
        foreach (string argument in arguments)
        {
            if (argument.AsSpan().ContainsAny('\r', '\n', '\0')) throw new ArgumentException("an argument contains a line break, which cannot be passed to a batch file");
            line.Append(' ');
            Append(line, argument);
        }

        return line.Append('"').ToString();
    }

    private static void Append(StringBuilder line, string argument)
    {
        bool isQuoted = argument.Length == 0 || argument[^1] == '\\' || !argument.All(c => char.IsAsciiLetterOrDigit(c) || Unquoted.Contains(c, StringComparison.Ordinal));
        int backslashes = 0;
        if (isQuoted) line.Append('"');
        foreach (char c in argument)
        {
            // Backslashes count double only where a quote follows.
            if (c == '"') line.Append('\\', backslashes).Append('"');
            // An expansion to nothing between the two, so that no name of a variable is left.
            else if (c == '%') line.Append("%%cd:~,");
            backslashes = c == '\\' ? backslashes + 1 : 0;
            line.Append(c);
        }

        if (isQuoted) line.Append('\\', backslashes).Append('"');
    }
}
