using System.Diagnostics;
using KubeVirtMonitor.Benchmarks.Cases;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>The answer to a query of a range: our reader and the platform's, taking turns.</summary>
internal sealed class AnswerSection(CompareOptions options, string answer, Results results) : IDisposable
{
    private readonly List<Participant> _participants = [];

    public void Run()
    {
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("The program does not know its own path.");
        Turns turns = new(results);
        foreach ((string name, _, _) in ParseCases.Answers)
        {
            ProcessStartInfo start = Command.Describe(self, ["worker", name, answer]);
            Participant participant = new(start);
            _participants.Add(participant);
            turns.Add(name, () =>
            {
                Reading reading = participant.Measure(name);
                reading["speed"] = new FileInfo(answer).Length / reading["cpu"];
                return reading;
            });
        }

        turns.Run(options.Runs);
        results.RequireSameSamples([.. ParseCases.Answers.Select(static item => item.Name)]);
    }

    /// <summary>Ends the processes.</summary>
    public void Dispose() => _participants.ForEach(participant => participant.Dispose());
}
