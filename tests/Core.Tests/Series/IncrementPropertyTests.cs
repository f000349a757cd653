using System.Globalization;
using CsCheck;
using Xunit;

namespace KubeVirtMonitor.Tests.Series;

/// <summary>Random histories of scrapes that fail, restarts, resets, and series that come and go: the tracker, which knows one scrape at a time, agrees with the rules told over the whole history.</summary>
public sealed class IncrementPropertyTests
{
    private const string Own = "kubevirt_vmi_sync_total";
    private const string OfMachine = "kubevirt_vmi_storage_iops_read_total";

    private static readonly string[] All = [.. new[] { Own, OfMachine }.SelectMany(name => new[] { "a", "b", "c" }.Select(vm => $"{name}{{name=\"{vm}\"}}"))];

    // A process that is not told, that is the one from before, that has just started, or that another replica is.
    private static readonly Gen<Look> Looks =
        from seconds in Gen.Frequency((6, Gen.Const(15)), (2, Gen.Const(100)), (1, Gen.Const(301)), (1, Gen.Const(4000)))
        from isWhole in Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false)))
        from process in Gen.Frequency((10, Gen.Const(Process.Same)), (2, Gen.Const(Process.New)), (1, Gen.Const(Process.Wavers)), (1, Gen.Const(Process.Untold)), (1, Gen.Const(Process.Replica)))
        from values in Gen.Frequency((1, Gen.Const(-1)), (4, Gen.Int[0, 9])).Array[6]
        select new Look(seconds, isWhole, process, values);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Agrees_with_the_rules_told_over_the_whole_history(bool keepsMemory)
    {
        Dictionary<string, int> seen = [];
        Looks.Array[2, 40].Sample(
            looks =>
            {
                Scrape[] scrapes = Told(looks);
                History history = new(ComponentKind.Handler) { KeepsMemory = keepsMemory };
                for (int i = 0; i < scrapes.Length; i++)
                {
                    Scrape scrape = scrapes[i];
                    string text = string.Concat(scrape.Values.Select(value => $"{value.Key} {value.Value}\n"));
                    string[] lines = scrape.IsWhole ? history.Scrape(scrape.Time, text, scrape.Start) : history.Fail(scrape.Time, text);
                    string[] expected = [.. All.Select(series => (Series: series, Increase: Expected(scrapes, i, series, seen))).Where(of => of.Increase is not null).Select(of => $"{of.Series} {of.Increase}")];
                    Assert.Equal(expected, history.Last.Select((sample, at) => $"{sample.RawName}{{name=\"{sample.Vmi}\"}} {lines[at].Split(' ', 2)[1]}"));
                }
            },
            iter: 2_000,
            threads: 1,
            print: looks => string.Join("\n", Told(looks).Select(scrape => $"{scrape.Time} {(scrape.IsWhole ? "whole" : "broken")} {scrape.Start} {string.Join(' ', scrape.Values)}")));

        // The histories are worth something only when all of it happens in them, and often.
        Assert.Equal(["baseline", "forgotten", "gap", "grown", "late", "other", "reset", "restart"], seen.Keys.Order(StringComparer.Ordinal));
        Assert.All(seen, rule => Assert.True(rule.Value > 500, $"{rule.Key}: {rule.Value}"));
    }

    // The rules, each in its own words, with the whole past at hand.
    private static string? Expected(Scrape[] scrapes, int at, string series, Dictionary<string, int> seen)
    {
        Scrape now = scrapes[at];
        if (!now.IsWhole || !now.Values.TryGetValue(series, out int value)) return null;
        int[] whole = [.. Enumerable.Range(0, at).Where(i => scrapes[i].IsWhole)];
        if (whole.Length == 0) return null;
        Scrape last = scrapes[whole[^1]];
        bool isOwn = series.StartsWith(Own, StringComparison.Ordinal);
        string process = ProcessOf(scrapes, whole[^1], at);
        if (process == "unknown") return Rule<string?>("baseline", null);

        int before = whole.Where(i => scrapes[i].Values.ContainsKey(series)).DefaultIfEmpty(-1).Last();
        if (before >= 0 && IsForgotten(scrapes, whole, before, isOwn)) before = Rule("forgotten", -1);
        if (before < 0) return process == "other" ? Rule<string?>("other", null) : Rule<string?>("late", Text(value, now.Time - last.Time));

        int known = scrapes[before].Values[series];
        int seconds = now.Time - scrapes[before].Time;
        if (isOwn && process == "other") return Rule<string?>("other", null);
        if (isOwn && process == "started") return Rule("restart", Text(value, seconds));
        if (value < known) return Rule("reset", Text(value, seconds));
        return Rule(before == at - 1 ? "grown" : "gap", Text(value - known, seconds));

        T Rule<T>(string name, T result)
        {
            seen[name] = seen.GetValueOrDefault(name) + 1;
            return result;
        }
    }

    private static string ProcessOf(Scrape[] scrapes, int before, int at)
    {
        if (scrapes[before].Start is not { } old || scrapes[at].Start is not { } start) return before == at - 1 ? "same" : "unknown";
        if (Math.Abs(start - old) <= 2) return "same";
        return start >= History.Epoch + scrapes[before].Time - 2 ? "started" : "other";
    }

    // What was seen longer ago than five minutes, and not in the last but one scrape either; and what another process had counted.
    private static bool IsForgotten(Scrape[] scrapes, int[] whole, int before, bool isOwn)
    {
        int[] since = [.. whole.Where(i => i > before)];
        for (int k = 0; k < since.Length; k++)
        {
            if (k >= 1 && scrapes[since[k]].Time - scrapes[before].Time > 300) return true;
            if (isOwn && ProcessOf(scrapes, k == 0 ? before : since[k - 1], since[k]) is "started" or "other") return isOwn;
        }

        return false;
    }

    private static string Text(int increase, int seconds) => string.Create(CultureInfo.InvariantCulture, $"{increase} count over {seconds}");

    private static Scrape[] Told(Look[] looks)
    {
        List<Scrape> scrapes = [];
        int time = 0;
        double start = History.Epoch - 500;
        foreach (Look look in looks)
        {
            time += look.Seconds;
            if (look.Process == Process.New) start = History.Epoch + time - 1;
            double? told = look.Process switch
            {
                Process.Untold => null,
                Process.Wavers => start + 1.5,
                Process.Replica => start - 100_000,
                _ => start,
            };
            Dictionary<string, int> values = [];
            for (int i = 0; i < All.Length; i++)
            {
                if (look.Values[i] >= 0) values.Add(All[i], look.Values[i]);
            }

            scrapes.Add(new Scrape(time, look.IsWhole, told, values));
        }

        return [.. scrapes];
    }

    private enum Process
    {
        Same,
        New,
        Wavers,
        Untold,
        Replica,
    }

    private sealed record Look(int Seconds, bool IsWhole, Process Process, int[] Values);

    private sealed record Scrape(int Time, bool IsWhole, double? Start, Dictionary<string, int> Values);
}
