using System.Globalization;
using System.Runtime.InteropServices;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>Whole commands beside other programs, all in one run.</summary>
internal static class CompareCommand
{
    public static int Run(string[] args)
    {
        if (args is ["--help"] or ["-h"])
        {
            Console.Out.WriteLine(CompareOptions.Help);
            return 0;
        }

        DirectoryInfo work = Directory.CreateTempSubdirectory("kubevirtmonitor-");
        using PosixSignalRegistration interruption = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Remove(work));
        try
        {
            string report = Measure(CompareOptions.Parse(args), work.FullName, out string? output);
            if (output is null) Console.Out.Write(report);
            else File.WriteAllText(output, report);
            return 0;
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException or IOException)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
        finally
        {
            Remove(work);
        }
    }

    private static void Remove(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // Ctrl+C and the regular end meet here; whoever comes second finds it gone.
        }
    }

    private static string Measure(CompareOptions options, string workFolder, out string? output)
    {
        output = options.Output;
        if (!OperatingSystem.IsLinux()) throw new InvalidOperationException("The comparison reads CPU time and memory as Linux gives them; run it on Linux.");
        Layout layout = Layout.Find();
        Results results = new();
        List<string> conditions = [];
        if (options.Only.Contains("files") || options.Only.Contains("pwsh"))
        {
            string scrape = options.File ?? Path.Combine(workFolder, "big.prom");
            if (options.File is null) SimulatedScrape.Write(options.Vmis, scrape);
            conditions.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"- Scrape: {new FileInfo(scrape).Length / 1e6:F1} MB; {options.Runs} measurements of each kind in turns, after one for warmth"));
            using FileSection files = new(layout, options, scrape, workFolder, results);
            files.Run();
        }

        if (options.Only.Contains("answers"))
        {
            string answer = Path.Combine(workFolder, "answer.json");
            SimulatedAnswer.Write(options.Vmis, answer);
            conditions.Add(string.Create(CultureInfo.InvariantCulture, $"- Answer: {new FileInfo(answer).Length / 1e6:F1} MB; {options.Vmis} machines over 24 h at 5 min; {options.Runs} measurements of each kind in turns, after one for warmth"));
            using AnswerSection answers = new(options, answer, results);
            answers.Run();
        }

        if (options.Only.Contains("import"))
        {
            conditions.Add($"- Import: {options.Starts} starts of each kind in turns, after one for warmth");
            new ImportSection(layout, options, results).Run();
        }

        if (options.Only.Contains("targets"))
        {
            conditions.Add($"- HTTPS: {options.Targets} targets of {options.Machines} machines, scrape interval of Prometheus {options.Interval} s");
            new TargetsSection(layout, options, workFolder, results).Run();
        }

        if (options.Only.Contains("lists"))
        {
            ListsSection lists = new(layout, options, workFolder, results);
            lists.Run();
            conditions.Add($"- Lists: {lists.Described}; {options.Runs} measurements of each kind in turns, after one for warmth");
        }

        if (options.Only.Contains("once"))
        {
            conditions.Add($"- Once: {options.Targets} targets of {options.Machines} machines, each round in a fresh process; {options.Runs} of each kind in turns, after one for warmth");
            new OnceSection(layout, options, workFolder, results).Run();
        }

        if (options.Only.Contains("usage"))
        {
            conditions.Add($"- Usage: one target of {options.Vmis} machines, and {options.Targets} of {options.Machines}; looks {options.UsageInterval} s apart; {options.Runs} measurements of each kind in turns, after one for warmth");
            new UsageSection(layout, options, workFolder, results).Run();
        }

        if (options.Only.Contains("history"))
        {
            HistorySection history = new(layout, options, results);
            history.Run();
            conditions.Add($"- History: {history.Described}; {options.Runs} measurements of each kind in turns, after one for warmth, each in a fresh process");
        }

        if (options.Only.Contains("alerts"))
        {
            AlertsSection alerts = new(layout, options, workFolder, results);
            alerts.Run();
            conditions.Add($"- Alerts: {alerts.Described}; {options.Runs} measurements of each kind in turns, after four for warmth");
        }

        if (options.Only.Contains("watch"))
        {
            WatchSection watch = new(layout, options, workFolder, results);
            watch.Run();
            conditions.Add($"- Watch: {watch.Described}");
        }

        return Report.Write(results, string.Join('\n', conditions));
    }
}
