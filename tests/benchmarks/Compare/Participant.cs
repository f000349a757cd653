using System.Diagnostics;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>
/// A process that measures itself: it stays alive, idle, and answers each line on its standard input with one measurement.
/// So several can take turns, and a drift of the machine meets all of them alike.
/// </summary>
internal sealed class Participant : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Task<string> _errors;

    public Participant(ProcessStartInfo start)
    {
        _process = Command.Start(start);
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Takes one measurement.</summary>
    /// <param name="command">What to measure; those that know one thing only do not look at it.</param>
    /// <exception cref="InvalidOperationException">The process ended, stayed silent or answered with something else.</exception>
    public Reading Measure(string command)
    {
        try
        {
            _process.StandardInput.WriteLine(command);
            _process.StandardInput.Flush();
            Task<string?> answer = _process.StandardOutput.ReadLineAsync();
            if (!answer.Wait(Patience)) throw new InvalidOperationException($"{Name} has not answered '{command}' for {Patience.TotalMinutes} minutes.");
            if (answer.Result is { } line) return Reading.Parse(line);
        }
        catch (IOException)
        {
            // The pipe is closed: it ended, and says why below.
        }

        throw new InvalidOperationException($"{Name} ended at '{command}': {_errors.GetAwaiter().GetResult().Trim()}");
    }

    private string Name => Path.GetFileName(_process.StartInfo.FileName);

    /// <summary>Lets the process end, and waits for it.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }

        if (!_process.WaitForExit(TimeSpan.FromSeconds(10))) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
