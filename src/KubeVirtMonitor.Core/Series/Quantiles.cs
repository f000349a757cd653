using System.Runtime.InteropServices;

namespace KubeVirtMonitor.Series;

/// <summary>Quantiles as Prometheus computes them (<c>promql/quantile.go</c>).</summary>
internal static class Quantiles
{
    // What floating point does to the sums of equal buckets is smaller.
    private const double SmallDifference = 1e-12;

    // The smallest double with all of its digits, 2^-1022.
    private const double SmallestNormal = 2.2250738585072014e-308;

    /// <summary>
    /// The quantile of values, as <c>quantile</c> gives it: by line between the two neighbours of its rank; NaN counts as the least of values. NaN of none, and where q is
    /// NaN; -∞ for a q below 0 and +∞ for one above 1.
    /// </summary>
    /// <param name="q">The quantile, 0.5 for the median.</param>
    /// <param name="values">The values, which this puts in order.</param>
    public static double OfValues(double q, Span<double> values)
    {
        if (OutOfRange(q) is { } answer) return answer;
        if (values.IsEmpty) return double.NaN;
        values.Sort();
        double rank = q * (values.Length - 1);
        double lower = Math.Max(0, Math.Floor(rank));
        double upper = Math.Min(values.Length - 1, lower + 1);
        double weight = rank - Math.Floor(rank);
        return (values[(int)lower] * (1 - weight)) + (values[(int)upper] * weight);
    }

    /// <summary>
    /// The quantile of a histogram, as <c>histogram_quantile</c> gives it for classic buckets: by line within the bucket of its rank, whose lower bound is the upper one of the bucket before
    /// it and 0 for the first. Of the bucket without a bound, it is the greatest bound that there is; of a first bucket that ends at 0 or below, its bound. NaN for a NaN q, without a bucket
    /// up to +∞, with fewer than two buckets and without observations; -∞ for a q below 0 and +∞ for one above 1.
    /// </summary>
    /// <param name="q">The quantile, 0.5 for the median.</param>
    /// <param name="buckets">The buckets in any order; counts of equal bounds are added.</param>
    /// <param name="isRepaired">Whether a bucket had fewer observations than a smaller one, which it cannot have, and was given as many.</param>
    public static double OfBuckets(double q, ReadOnlySpan<Bucket> buckets, out bool isRepaired)
    {
        isRepaired = false;
        if (OutOfRange(q) is { } answer) return answer;
        if (buckets.IsEmpty) return double.NaN;
        List<Bucket> merged = Merge(buckets);
        if (!double.IsPositiveInfinity(merged[^1].UpperBound)) return double.NaN;
        Span<Bucket> sorted = CollectionsMarshal.AsSpan(merged);
        isRepaired = Raise(sorted);
        double total = sorted[^1].Count;
        if (sorted.Length < 2 || total == 0 || double.IsNaN(total)) return double.NaN;
        double rank = q * total;
        int at = 0;
        while (at < sorted.Length - 1 && !(sorted[at].Count >= rank)) at++;
        if (at == sorted.Length - 1) return sorted[^2].UpperBound;
        Bucket bucket = sorted[at];
        if (at == 0) return bucket.UpperBound <= 0 ? bucket.UpperBound : bucket.UpperBound * (rank / bucket.Count);
        Bucket before = sorted[at - 1];
        return before.UpperBound + ((bucket.UpperBound - before.UpperBound) * ((rank - before.Count) / (bucket.Count - before.Count)));
    }

    private static double? OutOfRange(double q) => q switch
    {
        double.NaN => double.NaN,
        < 0 => double.NegativeInfinity,
        > 1 => double.PositiveInfinity,
        _ => null,
    };

    private static List<Bucket> Merge(ReadOnlySpan<Bucket> buckets)
    {
        Bucket[] sorted = buckets.ToArray();
        Array.Sort(sorted, static (left, right) => left.UpperBound.CompareTo(right.UpperBound));
        List<Bucket> merged = new(sorted.Length);
        foreach (Bucket bucket in sorted)
        {
            if (merged.Count > 0 && merged[^1].UpperBound.Equals(bucket.UpperBound)) merged[^1] = merged[^1] with { Count = merged[^1].Count + bucket.Count };
            else merged.Add(bucket);
        }

        return merged;
    }

    // Of series that were read at different moments, or are sums of increases, a larger bucket can have less than a smaller one.
    private static bool Raise(Span<Bucket> buckets)
    {
        bool isRepaired = false;
        double before = buckets[0].Count;
        for (int i = 1; i < buckets.Length; i++)
        {
            double count = buckets[i].Count;
            bool isSame = IsAlmost(before, count);
            if (isSame || count < before) buckets[i] = buckets[i] with { Count = before };
            else before = count;
            isRepaired |= !isSame && count < before;
        }

        return isRepaired;
    }

    // As Prometheus' almost.Equal, after http://floating-point-gui.de/errors/comparison/.
    private static bool IsAlmost(double left, double right)
    {
        if (left.Equals(right) || left == right) return true;
        double sum = Math.Abs(left) + Math.Abs(right);
        double difference = Math.Abs(left - right);
        if (left == 0 || right == 0 || sum < SmallestNormal) return difference < SmallDifference * SmallestNormal;
        return difference / Math.Min(sum, double.MaxValue) < SmallDifference;
    }
}

/// <summary>A bucket of a histogram.</summary>
/// <param name="UpperBound">The largest value that it counts.</param>
/// <param name="Count">The observations up to that bound, those of smaller buckets among them.</param>
internal readonly record struct Bucket(double UpperBound, double Count);
