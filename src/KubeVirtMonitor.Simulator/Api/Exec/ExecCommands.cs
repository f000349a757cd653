using System.Collections.Concurrent;
using System.Globalization;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The programs in the containers of the cluster, by name. Others, such as <c>virt-probe</c>, can be put beside the ones that are there.</summary>
public sealed class ExecCommands
{
    private readonly ConcurrentDictionary<string, ExecCommand> _commands = new(StringComparer.Ordinal);

    /// <summary>A set with <c>echo</c>, <c>cat</c>, <c>env</c>, <c>hostname</c>, <c>true</c>, <c>false</c>, <c>sleep</c> and a small <c>sh -c</c>.</summary>
    public ExecCommands()
    {
        this["echo"] = EchoAsync;
        this["cat"] = CatAsync;
        this["env"] = EnvAsync;
        this["hostname"] = static async (context, cancellation) =>
        {
            await context.WriteAsync(context.Pod + "\n", cancellation);
            return 0;
        };
        this["true"] = static (_, _) => Task.FromResult(0);
        this["false"] = static (_, _) => Task.FromResult(1);
        this["sleep"] = SleepAsync;
        MiniShell shell = new(this);
        this["sh"] = shell.RunAsync;
        this["bash"] = shell.RunAsync;
    }

    /// <summary>Puts a program in. Its name has no folder: <c>/usr/bin/virt-probe</c> is found as <c>virt-probe</c>.</summary>
    public ExecCommand this[string name]
    {
        set => _commands[name] = value;
    }

    /// <summary>The program of a command, or null.</summary>
    public ExecCommand? Find(string command) => _commands.GetValueOrDefault(command[(command.LastIndexOf('/') + 1)..]);

    private static async Task<int> EchoAsync(ExecContext context, CancellationToken cancellation)
    {
        bool bare = context.Command.Count > 1 && context.Command[1] == "-n";
        await context.WriteAsync(string.Join(' ', context.Command.Skip(bare ? 2 : 1)) + (bare ? "" : "\n"), cancellation);
        return 0;
    }

    private static async Task<int> CatAsync(ExecContext context, CancellationToken cancellation)
    {
        if (context.Command.Count == 1 || context.Command[1] == "-")
        {
            await context.Input.CopyToAsync(context.Output, cancellation);
            return 0;
        }

        int failed = 0;
        foreach (string file in context.Command.Skip(1))
        {
            if (file == "/etc/hostname")
            {
                await context.WriteAsync(context.Pod + "\n", cancellation);
                continue;
            }

            await context.WriteErrorAsync($"cat: {file}: No such file or directory\n", cancellation);
            failed = 1;
        }

        return failed;
    }

    private static async Task<int> EnvAsync(ExecContext context, CancellationToken cancellation)
    {
        foreach ((string name, string value) in context.Environment) await context.WriteAsync($"{name}={value}\n", cancellation);
        return 0;
    }

    private static async Task<int> SleepAsync(ExecContext context, CancellationToken cancellation)
    {
        if (context.Command.Count != 2 || !double.TryParse(context.Command[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds))
        {
            await context.WriteErrorAsync("sleep: invalid time interval\n", cancellation);
            return 1;
        }

        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellation);
        return 0;
    }
}
