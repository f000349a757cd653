namespace KubeVirtMonitor.Text;

/// <summary>Finds the names that a misspelt one may stand for.</summary>
internal static class NearestNames
{
    private const int Most = 3;

    /// <summary>The nearest names, best first, three at most: those that take the fewest edits (a letter more, less, changed, or two swapped), and those that contain it. Case does not count. Empty where none is near.</summary>
    /// <param name="wanted">The name that is not there.</param>
    /// <param name="names">The names that are.</param>
    public static IReadOnlyList<string> Of(string wanted, IEnumerable<string> names)
    {
        string text = wanted.ToLowerInvariant();
        List<(int Rank, int Length, string Name)> near = [];
        foreach (string name in names)
        {
            string other = name.ToLowerInvariant();
            // Of what is not the same from the start, a third of the letters may be wrong; with more, it is another name.
            int limit = Math.Max(text.Length < 4 ? 1 : 2, (text.Length - text.AsSpan().CommonPrefixLength(other)) / 3);
            int distance = Distance(text, other, limit);
            // A part of a long name is as good as its worst misspelling.
            if (distance > limit && text.Length > 2 && other.Contains(text, StringComparison.Ordinal)) distance = limit;
            if (distance <= limit) near.Add((distance, other.Length, name));
        }

        return [.. near.OrderBy(one => one.Rank).ThenBy(one => Math.Abs(one.Length - text.Length)).ThenBy(one => one.Name, StringComparer.Ordinal).Select(one => one.Name).Distinct(StringComparer.Ordinal).Take(Most)];
    }

    /// <summary>How many edits lead from one text to another; more than the limit where there are more.</summary>
    private static int Distance(string left, string right, int limit)
    {
        if (Math.Abs(left.Length - right.Length) > limit) return limit + 1;
        int[] before = new int[right.Length + 1];
        int[] last = new int[right.Length + 1];
        int[] row = new int[right.Length + 1];
        for (int j = 0; j <= right.Length; j++) last[j] = j;
        for (int i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            int least = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int edits = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) edits = Math.Min(edits, before[j - 2] + 1);
                row[j] = edits;
                least = Math.Min(least, edits);
            }

            if (least > limit) return limit + 1;
            (before, last, row) = (last, row, before);
        }

        return last[right.Length];
    }
}
