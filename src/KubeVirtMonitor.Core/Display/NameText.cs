namespace KubeVirtMonitor.Display;

/// <summary>Names in columns of fixed width.</summary>
public static class NameText
{
    private const string Common = "kubevirt_";

    /// <summary>A name that is too long loses what all names have in common (<c>kubevirt_</c>), and after that its middle, so that its start and its last part (<c>.count</c>, <c>.bucket</c>) stay readable.</summary>
    /// <param name="name">The name.</param>
    /// <param name="width">The most characters; at least 3.</param>
    public static string Fit(string name, int width)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 3);
        if (name.Length <= width) return name;
        if (name.StartsWith(Common, StringComparison.Ordinal)) name = string.Concat("…", name.AsSpan(Common.Length));
        if (name.Length <= width) return name;
        int tail = name.LastIndexOf('.');
        int kept = tail < 0 || name.Length - tail > width / 3 ? width / 3 : name.Length - tail;
        return string.Concat(name.AsSpan(0, width - kept - 1), "…", name.AsSpan(name.Length - kept));
    }
}
