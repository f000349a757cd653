using System.Globalization;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Display;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Commands;

/// <summary>What goes wrong in one round after another: it is told when it begins and when it is over, and not thousands of times a day in between.</summary>
internal sealed class LastingTrouble
{
    private static readonly Regex Numbers = new(@"\d[\d.,]*", RegexOptions.CultureInvariant);

    // What is over sooner is told only where it is so from the start.
    private static readonly TimeSpan Passing = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(string Target, string What), Entry> _told = [];
    private readonly Dictionary<string, Failure> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Failure> _failing = new(StringComparer.Ordinal);
    private int _round;

    /// <summary>How many things are remembered.</summary>
    public int Count => _told.Count + _failing.Count + _waiting.Count;

    /// <summary>Whether something that is mostly over soon is to be told: it was so in the first round, or it has been so for a minute.</summary>
    /// <param name="target">What it is of.</param>
    /// <param name="now">The time.</param>
    public bool Lasts(string target, DateTimeOffset now)
    {
        bool isKnown = _waiting.TryGetValue(target, out Failure wait);
        // Times is 1 for what was so from the start.
        _waiting[target] = wait = isKnown ? wait with { Round = _round } : new Failure(now, _round == 0 ? 1 : 0, _round);
        return wait.Times > 0 || now - wait.Since >= Passing;
    }

    /// <summary>A text without its numbers, which may be others every time.</summary>
    public static string WithoutNumbers(string text) => Numbers.Replace(text, "#");

    /// <summary>Whether something is to be told, since it was not so in the round before.</summary>
    /// <param name="target">What it is of.</param>
    /// <param name="what">What it is; numbers in it make no difference, since they may be others every time.</param>
    public bool IsNew(string target, string what)
    {
        (string, string) key = (target, WithoutNumbers(what));
        int first = _told.TryGetValue(key, out Entry known) ? known.First : _round;
        _told[key] = new Entry(first, _round);
        return first == _round;
    }

    /// <summary>Takes how a scrape went.</summary>
    /// <returns>What is to be told of a target that failed before; null = nothing.</returns>
    public string? TakeResult(ScrapeResult result, DateTimeOffset now)
    {
        // Two clusters may have the same addresses.
        string target = result.Target.Origin is { } origin ? $"{origin.Session} {result.Target.Name}" : result.Target.Name;
        bool isKnown = _failing.TryGetValue(target, out Failure failure);
        if (result.Error is not null)
        {
            _failing[target] = new Failure(isKnown ? failure.Since : now, failure.Times + 1, _round);
            return null;
        }

        if (!isKnown) return null;
        _failing.Remove(target);
        string times = failure.Times == 1 ? "1 scrape" : $"{failure.Times.ToString("N0", CultureInfo.InvariantCulture)} scrapes";
        return $"{result.Target.Name} responds again, after {times} failed in {ValueText.Of((now - failure.Since).TotalSeconds, "second", CultureInfo.InvariantCulture)}.";
    }

    /// <summary>Ends a round. What was not so in it is told again when it comes again; other reasons of a target that still fails are not.</summary>
    public void EndRound()
    {
        foreach ((string target, Failure failure) in _failing)
        {
            if (failure.Round != _round) _failing.Remove(target);
        }

        foreach ((string target, Failure wait) in _waiting)
        {
            if (wait.Round != _round) _waiting.Remove(target);
        }

        foreach (((string Target, string What) key, Entry entry) in _told)
        {
            if (entry.Last != _round && !_failing.Keys.Any(target => target.EndsWith(key.Target, StringComparison.Ordinal))) _told.Remove(key);
        }

        _round++;
    }

    private readonly record struct Entry(int First, int Last);

    private readonly record struct Failure(DateTimeOffset Since, int Times, int Round);
}
