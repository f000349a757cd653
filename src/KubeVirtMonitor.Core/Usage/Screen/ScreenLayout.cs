namespace KubeVirtMonitor.Usage;

/// <summary>Which columns fit into a window, and how wide they are. The names of rows and the figure that rows are sorted by are always there.</summary>
internal static class ScreenLayout
{
    /// <summary>The narrowest window with a table, in characters.</summary>
    public const int MinimumWidth = 32;

    /// <summary>The lowest window with a table, in lines.</summary>
    public const int MinimumHeight = 8;

    private const int Gap = 1;
    private const int NarrowestName = 10;
    private const int WidestName = 48;
    private const int NarrowestSpark = 8;
    private const int WidestSpark = UsageHistory.Length;

    /// <summary>The columns for a width, from left to right.</summary>
    public static IReadOnlyList<ScreenCell> Fit(UsageScreenState state, int width)
    {
        ScreenWidths names = state.Widths;
        IReadOnlyList<ScreenColumn> figures = ScreenColumn.Of(state.Topic);
        bool ofMachines = state.View == UsageScope.Vmi;
        List<ScreenCell> wanted = [];
        void Text(ScreenText text, string header, int longest, int narrowest, int rank)
        {
            // The sign for the order takes one more.
            int least = header.Length + (rank == 0 ? 1 : 0);
            int most = Math.Clamp(longest, least, WidestName);
            wanted.Add(new ScreenCell { Text = text, Header = header, Width = Math.Min(most, Math.Max(narrowest, least)), Most = most, Rank = rank });
        }

        if (state.HasClusters || state.View == UsageScope.Cluster) Text(ScreenText.Cluster, "CLUSTER", names.Cluster, state.View == UsageScope.Cluster ? NarrowestName : 8, state.View == UsageScope.Cluster ? 0 : 4);
        if (ofMachines || state.View == UsageScope.Namespace) Text(ScreenText.Namespace, "NAMESPACE", names.Namespace, ofMachines ? 8 : NarrowestName, ofMachines ? 5 : 0);
        if (ofMachines) Text(ScreenText.Vmi, "NAME", names.Vmi, NarrowestName, 0);
        if (ofMachines || state.View == UsageScope.Node) Text(ScreenText.Node, "NODE", names.Node, ofMachines ? 8 : NarrowestName, ofMachines ? 25 : 0);
        if (!ofMachines) wanted.Add(new ScreenCell { Text = ScreenText.Machines, Header = "VMS", Width = 5, Rank = 3 });
        for (int i = 0; i < figures.Count; i++)
            wanted.Add(new ScreenCell { Figure = figures[i], Header = figures[i].Header, Width = figures[i].FullWidth, Rank = figures[i].Name == state.Sort ? 1 : i == 0 ? 2 : i < 4 ? 10 + i : 30 + i });
        wanted.Add(new ScreenCell { Text = ScreenText.Spark, Header = "", Width = NarrowestSpark, Most = WidestSpark, Rank = 20 });

        HashSet<ScreenCell> fitting = new(ReferenceEqualityComparer.Instance);
        int left = width;
        foreach (ScreenCell cell in wanted.OrderBy(static cell => cell.Rank))
        {
            int takes = cell.Width + (fitting.Count > 0 ? Gap : 0);
            if (takes > left) continue;
            fitting.Add(cell);
            left -= takes;
        }

        // What is left goes to the names, and then to the history.
        foreach (ScreenCell cell in fitting.Where(static cell => cell.Most > cell.Width).OrderBy(static cell => cell.Text == ScreenText.Spark).ThenBy(static cell => cell.Rank))
        {
            int more = Math.Min(cell.Most - cell.Width, left);
            cell.Width += more;
            left -= more;
        }

        return [.. wanted.Where(fitting.Contains)];
    }
}

/// <summary>A column as it is placed.</summary>
internal sealed class ScreenCell
{
    /// <summary>The figure; null for a text.</summary>
    public ScreenColumn? Figure { get; init; }

    /// <summary>What it shows where it shows no figure.</summary>
    public ScreenText Text { get; init; }

    /// <summary>What stands above it.</summary>
    public required string Header { get; init; }

    /// <summary>Its characters, with the marks of a figure.</summary>
    public required int Width { get; set; }

    /// <summary>How wide it would be at most.</summary>
    public int Most { get; init; }

    /// <summary>What takes its place first: the lowest.</summary>
    public required int Rank { get; init; }
}

/// <summary>What a column without a figure shows.</summary>
internal enum ScreenText
{
    None,
    Cluster,
    Namespace,
    Vmi,
    Node,
    Machines,
    Spark,
}
