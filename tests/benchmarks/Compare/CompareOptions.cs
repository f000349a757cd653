using System.Globalization;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>What a comparison is to do.</summary>
internal sealed record CompareOptions
{
    private static readonly string[] AllSections = ["files", "pwsh", "answers", "import", "targets", "lists", "once", "usage", "history", "alerts", "watch"];

    public const string Help = """
        tests/benchmarks/run [options]

          --file FILE      scrape to read; otherwise the simulator makes one of a virt-handler
          --vmis N         machines in the scrape that the simulator makes (5000)
          --runs N         measurements of each kind, after one for warmth (7)
          --starts N       starts of pwsh for the cost of the import (21)
          --targets N      HTTPS targets (1000)
          --machines N     machines per target (10)
          --interval N     seconds between two scrapes of Prometheus (15)
          --objects N      instances to list; of machines there are a tenth more (10000)
          --usage-interval N  seconds between two looks at machines (10)
          --watch-rounds N    rounds of Watch-KubeVirtMetric; at 15 s, a day has 5760 (5760)
          --watch-interval N  milliseconds between two rounds (250)
          --watch-targets N   targets that are watched (50)
          --only LIST      of: files, pwsh, answers, import, targets, lists, once, usage, history, alerts, watch (all)
          --output FILE    where the Markdown goes (standard output)
        """;

    public string? File { get; private set; }

    public int Vmis { get; private set; } = 5000;

    public int Runs { get; private set; } = 7;

    public int Starts { get; private set; } = 21;

    public int Targets { get; private set; } = 1000;

    public int Machines { get; private set; } = 10;

    public int Interval { get; private set; } = 15;

    public int Objects { get; private set; } = 10_000;

    public int UsageInterval { get; private set; } = 10;

    public int WatchRounds { get; private set; } = 5760;

    public int WatchInterval { get; private set; } = 250;

    public int WatchTargets { get; private set; } = 50;

    public IReadOnlyList<string> Only { get; private set; } = AllSections;

    public string? Output { get; private set; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It has something that is not understood.</exception>
    public static CompareOptions Parse(string[] args)
    {
        CompareOptions options = new();
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : throw new FormatException($"{args[i]} needs a value.");
            switch (args[i])
            {
                case "--file": options.File = Path.GetFullPath(value); break;
                case "--vmis": options.Vmis = Number(args[i], value); break;
                case "--runs": options.Runs = Number(args[i], value); break;
                case "--starts": options.Starts = Number(args[i], value); break;
                case "--targets": options.Targets = Number(args[i], value); break;
                case "--machines": options.Machines = Number(args[i], value); break;
                case "--interval": options.Interval = Number(args[i], value); break;
                case "--objects": options.Objects = Number(args[i], value); break;
                case "--usage-interval": options.UsageInterval = Number(args[i], value); break;
                case "--watch-rounds": options.WatchRounds = Number(args[i], value); break;
                case "--watch-interval": options.WatchInterval = Number(args[i], value); break;
                case "--watch-targets": options.WatchTargets = Number(args[i], value); break;
                case "--only": options.Only = Sections(value); break;
                case "--output": options.Output = Path.GetFullPath(value); break;
                default: throw new FormatException($"There is no option '{args[i]}'.");
            }
        }

        return options;
    }

    private static string[] Sections(string value)
    {
        string[] sections = value.Split(',');
        string? unknown = sections.Except(AllSections).FirstOrDefault();
        return unknown is null ? sections : throw new FormatException($"--only takes {string.Join(", ", AllSections)}, not '{unknown}'.");
    }

    private static int Number(string option, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new FormatException($"{option} needs a whole number above 0, not '{value}'.");
}
