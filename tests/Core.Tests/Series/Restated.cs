using KubeVirtMonitor.Series;

namespace KubeVirtMonitor.Tests.Series;

/// <summary>The rules of Prometheus for rate, increase and quantiles, step by step as its documentation and source tell them, with lists and seconds, and nothing of the code that is tested.</summary>
internal static class Restated
{
    /// <summary>The increase over a window.</summary>
    /// <param name="all">Milliseconds and values, in order.</param>
    /// <param name="end">Where the window ends, in milliseconds.</param>
    /// <param name="range">Its length in milliseconds.</param>
    /// <param name="older">As Prometheus 2 does it: the left edge belongs to the window, and whether the start is too far away is asked after the line was followed to 0.</param>
    public static double? Increase(IReadOnlyList<(long Ms, double Value)> all, long end, long range, bool older = false)
    {
        List<(double Seconds, double Value)> inside = [];
        foreach (var (ms, value) in all)
        {
            if (ms > end || ms < end - range || (ms == end - range && !older)) continue;
            inside.Add(((ms - (end - range)) / 1000.0, value));
        }
        if (inside.Count < 2) return null;

        // 2. Every fall is a counter that began again at 0, and had grown to where it fell from.
        double raw = inside[^1].Value - inside[0].Value;
        for (int i = 0; i + 1 < inside.Count; i++)
            if (inside[i + 1].Value < inside[i].Value) raw += inside[i].Value;

        // 3. The average gap.
        double span = inside[^1].Seconds - inside[0].Seconds;
        double average = span / (inside.Count - 1);
        double limit = 1.1 * average;

        // 4. To the left edge.
        double left = inside[0].Seconds;
        double? toZero = raw > 0 && inside[0].Value >= 0 ? span * inside[0].Value / raw : null;
        if (older)
        {
            if (toZero < left) left = toZero.Value;
            if (left >= limit) left = average / 2;
        }
        else
        {
            if (left >= limit) left = average / 2;
            if (toZero < left) left = toZero.Value;
        }

        // 5. To the right edge.
        double right = range / 1000.0 - inside[^1].Seconds;
        if (right >= limit) right = average / 2;

        // 6.
        return raw * (span + left + right) / span;
    }

    /// <summary>The quantile of a classic histogram.</summary>
    public static double Quantile(double q, IEnumerable<Bucket> given)
    {
        if (double.IsNaN(q)) return double.NaN;
        if (q < 0) return double.NegativeInfinity;
        if (q > 1) return double.PositiveInfinity;
        var groups = given.GroupBy(bucket => bucket.UpperBound).OrderBy(group => group.Key).Select(group => (Bound: group.Key, Count: group.Aggregate(0.0, (sum, bucket) => sum + bucket.Count))).ToList();
        if (groups.Count == 0 || groups[^1].Bound != double.PositiveInfinity) return double.NaN;
        if (groups.Count < 2) return double.NaN;
        double highest = groups[0].Count;
        for (int i = 1; i < groups.Count; i++)
        {
            double count = groups[i].Count;
            bool same = count == highest || (count != 0 && highest != 0 && Math.Abs(count - highest) / (Math.Abs(count) + Math.Abs(highest)) < 1e-12);
            if (same || count < highest) groups[i] = (groups[i].Bound, highest);
            else highest = count;
        }
        double total = groups[^1].Count;
        if (total == 0 || double.IsNaN(total)) return double.NaN;
        double rank = q * total;
        int found = groups.FindIndex(0, groups.Count - 1, group => group.Count >= rank);
        if (found < 0) return groups[^2].Bound;
        if (found == 0 && groups[0].Bound <= 0) return groups[0].Bound;
        double lower = found == 0 ? 0 : groups[found - 1].Bound;
        double below = found == 0 ? 0 : groups[found - 1].Count;
        return lower + (groups[found].Bound - lower) * ((rank - below) / (groups[found].Count - below));
    }
}
