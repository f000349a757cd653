using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Runs a credential plugin: no shell, no terminal, no standard input, bounded output, a bounded time.</summary>
internal static class PluginProcess
{
    private const int MostOutput = 1024 * 1024;

    private const int MostErrorText = 64 * 1024;

    /// <summary>Runs it to its end.</summary>
    /// <param name="path">The executable, an absolute path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="variables">What is added to the environment; the last of a name wins.</param>
    /// <param name="folder">The folder it runs in; null, or one that is gone = that of the process.</param>
    /// <param name="timeout">How long it may run.</param>
    /// <param name="cancellationToken">Ends it.</param>
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
