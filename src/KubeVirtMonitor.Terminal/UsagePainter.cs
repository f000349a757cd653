using System.Globalization;
using KubeVirtMonitor.Usage;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace KubeVirtMonitor.Terminal;

/// <summary>Paints the live screen for a size: one list of segments for each line of the window. What colours say, marks say too.</summary>
/// <param name="state">What is shown.</param>
/// <param name="feed">When the next look is.</param>
/// <param name="now">The time.</param>
/// <param name="isUnicode">Whether the terminal shows more than ASCII.</param>
/// <param name="zone">Whose time is shown; null = the local one.</param>
internal sealed class UsagePainter(UsageScreenState state, UsageFeed feed, DateTimeOffset now, bool isUnicode, TimeZoneInfo? zone = null)
{
    private const int HeaderLines = 3;
    private const int FooterLines = 2;
    private const int TimeWidth = 8;

    private static readonly Style Title = new(decoration: Decoration.Bold);
    private static readonly Style Muted = new(Color.Grey);
    private static readonly Style Heading = new(decoration: Decoration.Underline);
    private static readonly Style SortedHeading = new(decoration: Decoration.Bold | Decoration.Underline);
    private static readonly Style Chosen = new(decoration: Decoration.Invert);
    private static readonly Style Warning = new(Color.Yellow);
    private static readonly Style Critical = new(Color.Red, decoration: Decoration.Bold);
    private static readonly Style Bars = new(Color.Green);

    private static readonly (UsageTopic Topic, string Key, string Name, string Title)[] Topics =
    [
        (UsageTopic.Cpu, "c", "CPU", "CPU"), (UsageTopic.Memory, "m", "mem", "Memory"), (UsageTopic.Disk, "d", "disk", "Disks"),
        (UsageTopic.Network, "n", "net", "Network"), (UsageTopic.Migration, "g", "migr", "Migrations"),
    ];

    private static readonly (UsageScope View, string Key, string Name, string Title)[] Views =
    [
        (UsageScope.Vmi, "v", "VM", "by VM"), (UsageScope.Node, "N", "node", "by node"), (UsageScope.Namespace, "S", "space", "by namespace"), (UsageScope.Cluster, "C", "cluster", "by cluster"),
    ];

    private static readonly (string Keys, string Does)[] Help =
    [
        ("c m d n g", "CPU, memory, disks, network, migrations"),
        ("v N S C", "a row for each VM, node, namespace, cluster"),
        ("< >", "sort by the column to the left or right (or the arrow keys)"),
        ("r", "the other way round"),
        ("/", "only names with the text, or like a pattern such as web-*; Esc: all"),
        ("arrows", "select a row, which is then followed; also PgUp PgDn Home End"),
        ("space", "pause, and go on"),
        ("p", "problems of the last look, and since when they last"),
        ("q Esc", "leave"),
    ];

    /// <summary>How many rows fit into a window.</summary>
    public static int PageSize(int height) => Math.Max(height - HeaderLines - FooterLines, 1);

    /// <summary>Paints all lines of a window.</summary>
    public IReadOnlyList<IReadOnlyList<Segment>> Paint(int width, int height)
    {
        List<Line> lines = [];
        if (width < ScreenLayout.MinimumWidth || height < ScreenLayout.MinimumHeight)
        {
            string[] words = [$"Too small: {width}x{height}.", $"It takes {ScreenLayout.MinimumWidth}x{ScreenLayout.MinimumHeight}.", "q leaves."];
            lines.AddRange(words.Take(height).Select(text => new Line(width, isUnicode).Add(text)));
        }
        else
        {
            lines.Add(TitleLine(width));
            lines.Add(LookLine(width));
            int middle = height - 2 - FooterLines;
            lines.AddRange(state.Overlay switch
            {
                ScreenOverlay.Help => HelpLines(width, middle),
                ScreenOverlay.Problems => ProblemLines(width, middle),
                _ => TableLines(width, middle),
            });
            while (lines.Count < height - FooterLines) lines.Add(new Line(width, isUnicode));
            lines.Add(StatusLine(width));
            lines.Add(KeyLine(width));
        }

        while (lines.Count < height) lines.Add(new Line(width, isUnicode));
        return [.. lines.Select(static line => line.Segments)];
    }

    private Line TitleLine(int width)
    {
        string title = $"{Array.Find(Topics, topic => topic.Topic == state.Topic).Title} {Array.Find(Views, view => view.View == state.View).Title}";
        string time = state.Look is { } look ? Clock(look.Time) : "";
        Line line = new Line(width - time.Length - 1, isUnicode).Add(title, Title);
        if ((state.Look ?? feed.Latest)?.Source is { Length: > 0 } source) line.Add($"  {source}", Muted);
        return line.Widen(width).PadTo(width - time.Length).Add(time, Title);
    }

    private Line LookLine(int width)
    {
        Line line = new(width, isUnicode);
        if (state.Look is not { } look) return line.Add("The first look is under way. Rates come with the second.");
        int problems = look.Problems.Count;
        if (state.IsPaused) line.Add("PAUSED", Warning).Add("  ");
        if (problems > 0) line.Add($"{Plural(problems, "problem")} (p)", Critical).Add("  ");
        if (state.Filter.Length > 0) line.Add($"{state.Rows.Count} of {state.Total} ", Title).Add(string.Create(CultureInfo.InvariantCulture, $"like \"{state.Filter}\"")).Add("  ");
        line.Add($"{Plural(state.Machines, "VM")} on {Plural(state.Nodes, "node")}");
        int old = look.Missing.Count;
        if (old > 0) line.Add("  ").Add(string.Create(CultureInfo.InvariantCulture, $"{(old == state.Machines ? "all" : $"{old:N0}")} as of {Clock(look.Missing.Min(static usage => usage.Timestamp))}"), Warning);
        TimeSpan? over = look.Machines.Max(static usage => usage.Interval);
        if (over is { } interval) line.Add(string.Create(CultureInfo.InvariantCulture, $"  over {interval.TotalSeconds:0.0} s"));
        else if (look.Machines.Count > 0 || (old == 0 && problems == 0)) line.Add("  no rates before the second look");
        if (state.IsPaused) return line;
        // A look that hangs is not one that has just begun.
        TimeSpan longer = now - look.Time - look.Interval;
        if (feed.IsLooking && longer > look.Interval) return line.Add(string.Create(CultureInfo.InvariantCulture, $"  no answer for {longer.TotalSeconds:0} s"), Warning);
        string next = feed.IsLooking ? "looking" : feed.Next is { } time ? string.Create(CultureInfo.InvariantCulture, $"next in {Math.Max(Math.Ceiling((time - now).TotalSeconds), 0):0} s") : "";
        return line.Add($"  {next}", Muted);
    }

    private List<Line> TableLines(int width, int height)
    {
        IReadOnlyList<ScreenCell> cells = ScreenLayout.Fit(state, width);
        List<Line> lines = [HeadingLine(cells, width)];
        state.PageSize = height - 1;
        int selected = state.Selected;
        IReadOnlyList<ScreenRow> rows = state.Rows;
        for (int i = state.First; i < rows.Count && lines.Count < height; i++) lines.Add(RowLine(cells, rows[i], i == selected, width));
        if (rows.Count > 0 || state.Look is null) return lines;
        if (state.Filter.Length == 0 && state.Look.Problems.Count > 0) lines.AddRange(ProblemLines(width, height - 1));
        else lines.Add(new Line(width, isUnicode).Add(state.Filter.Length > 0 ? "No name is like the filter. Esc shows all." : "No VM has metrics. Only running ones do.", Muted));
        return lines;
    }

    private Line HeadingLine(IReadOnlyList<ScreenCell> cells, int width)
    {
        Line line = new(width, isUnicode);
        string Sign(bool fromTop) => fromTop ? isUnicode ? "▼" : "v" : isUnicode ? "▲" : "^";
        foreach (ScreenCell cell in cells)
        {
            bool isSorted = cell.Figure is { } figure ? figure.Name == state.Sort : state.Sort == UsageScreenState.NameColumn && cell.Rank == 0;
            string text = isSorted ? Sign(cell.Figure is null == state.IsReversed) + cell.Header : cell.Header;
            if (line.Cells > 0) line.Add(" ");
            bool isRight = cell.Figure is not null || cell.Text == ScreenText.Machines;
            int marks = cell.Width - (cell.Figure?.TextWidth ?? cell.Width);
            line.Add(isRight ? text.PadLeft(cell.Width - marks) + new string(' ', marks) : text.PadRight(cell.Width), isSorted ? SortedHeading : Heading);
        }

        return line.PadTo(width);
    }

    private Line RowLine(IReadOnlyList<ScreenCell> cells, ScreenRow row, bool isSelected, int width)
    {
        Line line = new(width, isUnicode) { Over = isSelected ? Chosen : row.IsOld ? Muted : (Style?)null };
        KubeVirtUsage usage = row.Usage;
        foreach (ScreenCell cell in cells)
        {
            if (line.Cells > 0) line.Add(" ");
            if (cell.Figure is { } figure)
            {
                UsageSeverity severity = row.IsOld ? UsageSeverity.None : figure.Threshold?.Of(figure.Value(usage)) ?? UsageSeverity.None;
                string text = figure.Text(usage).PadLeft(figure.TextWidth);
                if (figure.Threshold is not null) text += severity switch { UsageSeverity.Critical => "!!", UsageSeverity.Warning => "! ", _ => "  " };
                line.Add(text, severity switch { UsageSeverity.Critical => Critical, UsageSeverity.Warning => Warning, _ => Style.Plain });
                continue;
            }

            switch (cell.Text)
            {
                case ScreenText.Machines:
                    line.Add(usage.Machines.ToString(CultureInfo.InvariantCulture).PadLeft(cell.Width));
                    break;
                case ScreenText.Spark:
                    string bars = Sparkline.Of(state.History.Last(row.Key, state.Topic, cell.Width), ScreenColumn.IsHistoryPercent(state.Topic), isUnicode).PadLeft(cell.Width);
                    // Where the newest bars would be.
                    if (row.IsOld && row.Since is { } since) line.Add($"{bars[..Math.Max(cell.Width - TimeWidth - 1, 0)]} {Clock(since)}"[^cell.Width..]);
                    else line.Add(bars, Bars);
                    break;
                default:
                    line.AddFitted((cell.Rank == 0 && row.Old > 0 ? "*" : "") + NameOf(usage, cell.Text), cell.Width, cell.Rank == 0 && !row.IsOld ? Title : Style.Plain);
                    break;
            }
        }

        return line.PadTo(width);
    }

    private static string NameOf(KubeVirtUsage usage, ScreenText text) => text switch
    {
        ScreenText.Cluster => usage.Cluster,
        ScreenText.Namespace => usage.Namespace,
        ScreenText.Vmi => usage.Vmi,
        _ => usage.Node,
    } ?? "-";

    private Line StatusLine(int width)
    {
        Line line = new(width, isUnicode);
        if (state.IsTyping) return line.Add("Filter: ", Title).Add(state.Filter).Add("_").Add("  Enter keeps it, Esc shows all", Muted);
        if (state.Overlay != ScreenOverlay.None) return line.Add("Any key leads back.", Muted);
        // Who has selected a row wants to know about it; else what went wrong comes first.
        if (state.Look is { Problems: [var problem, ..] } && state.Selected == 0) return line.Add($"! {problem.Text}", Warning);
        if (state.Rows.Count == 0) return line;
        ScreenRow row = state.Rows[state.Selected];
        KubeVirtUsage usage = row.Usage;
        line.Add($"{state.Selected + 1}/{state.Rows.Count} ", Muted).Add($"{usage}");
        if (usage.Scope == UsageScope.Vmi && usage.Node is { } node) line.Add($" on {node}");
        if (state.HasClusters && usage.Scope != UsageScope.Cluster) line.Add($" in {usage.Cluster}");
        if (row.Since is { } since)
            line.Add(usage.Scope == UsageScope.Vmi ? $": no metrics since {Clock(since)}" : string.Create(CultureInfo.InvariantCulture, $": {(row.IsOld ? "all" : $"{row.Old:N0} of {usage.Machines:N0}")} VMs as of {Clock(since)}"), Warning);
        else if (usage.Restarted) line.Add(": restarted or migrated since the last look", Warning);
        else if (usage.Refreshed == false) line.Add(": KubeVirt has read nothing anew since the last look", Warning);
        return line;
    }

    private Line KeyLine(int width)
    {
        Line line = new(width, isUnicode);
        (string Key, string Name, bool IsOn)[] keys =
        [
            .. Topics.Select(topic => (topic.Key, topic.Name, topic.Topic == state.Topic)), ("", "", false),
            .. Views.Where(view => view.View != UsageScope.Cluster || state.HasClusters).Select(view => (view.Key, view.Name, view.View == state.View)), ("", "", false),
            ("/", "filter", false), ("", "", false), ("h", "help", false), ("", "", false), ("q", "quit", false),
        ];
        // How to get help and out is worth more than the rest.
        int length = keys.Sum(static key => key.Key.Length + key.Name.Length + (key.Key.Length > 0 ? 2 : 1));
        if (length > width) keys = [("h", "help", false), ("", "", false), ("q", "quit", false), ("", "", false), .. keys[..^4]];
        foreach ((string key, string name, bool isOn) in keys)
        {
            int takes = key.Length + name.Length + 1;
            if (line.Cells + takes > width) break;
            if (key.Length > 0) line.Add(key, Title).Add(" ").Add(name, isOn ? Chosen : Muted);
            line.Add(" ");
        }

        return line;
    }

    private IEnumerable<Line> HelpLines(int width, int height)
    {
        List<Line> lines = [];
        foreach ((string keys, string does) in Help) lines.Add(new Line(width, isUnicode).Add(keys.PadRight(10), Title).Add(does));
        lines.Add(new Line(width, isUnicode).Add("!".PadRight(10), Warning).Add("worth a look;  ").Add("!!", Critical).Add("  bad;  ").Add("-", Title).Add("  not known;  ").Add("*", Title).Add("  not in the last look"));
        lines.Add(new Line(width, isUnicode));
        foreach (ScreenColumn column in ScreenColumn.Of(state.Topic))
        {
            Line line = new Line(width, isUnicode).Add(column.Header.PadRight(10), Title).Add(column.Meaning);
            if (column.Threshold is { Warning: < double.MaxValue } threshold)
                line.Add(string.Create(CultureInfo.InvariantCulture, $"; ! above {threshold.Warning}") + (double.IsFinite(threshold.Critical) ? string.Create(CultureInfo.InvariantCulture, $", !! {threshold.Critical}") : ""));
            lines.Add(line);
        }

        return lines.Take(height);
    }

    private IEnumerable<Line> ProblemLines(int width, int height)
    {
        if (state.Look is not { Problems: { Count: > 0 } problems }) return [new Line(width, isUnicode).Add("The last look had no problems.")];
        return problems.SelectMany(problem => Wrap($"since {Clock(problem.Since)}: {problem.Text}", width - 2).Select((text, i) => new Line(width, isUnicode).Add(i == 0 ? "! " : "  ", Warning).Add(text))).Take(height);
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        while (text.Length > width)
        {
            int at = text.LastIndexOf(' ', width);
            if (at <= 0) at = width;
            yield return text[..at];
            text = text[at..].TrimStart();
        }

        yield return text;
    }

    private string Clock(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, zone ?? TimeZoneInfo.Local).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Plural(int count, string one) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {one}{(count == 1 ? "" : "s")}");

    /// <summary>A line of the window, which cannot become longer than it is wide.</summary>
    private sealed class Line(int width, bool isUnicode)
    {
        private int _width = width;

        /// <summary>The style that lies over all others.</summary>
        public Style? Over { get; init; }

        /// <summary>How wide it is so far.</summary>
        public int Cells { get; private set; }

        /// <summary>What is in it.</summary>
        public List<Segment> Segments { get; } = [];

        public Line Add(string text) => Add(text, Style.Plain);

        public Line Add(string text, Style style)
        {
            if (!isUnicode) text = ToAscii(text);
            Segment segment = new(Clean(text), Over is { } over ? style.Combine(over) : style);
            int left = _width - Cells;
            int takes = segment.CellCount();
            if (takes > left)
            {
                if (left <= 0) return this;
                segment = Segment.Truncate(segment, left) ?? Segment.Empty;
                takes = segment.CellCount();
            }

            Segments.Add(segment);
            Cells += takes;
            return this;
        }

        /// <summary>Adds a name, with its middle left out where it is too long: names differ at their ends.</summary>
        public void AddFitted(string text, int cells, Style style)
        {
            int end = Cells + cells;
            if (new Segment(text).CellCount() > cells)
            {
                int tail = (cells - 1) / 3;
                text = string.Concat(text.AsSpan(0, Math.Min(cells - 1 - tail, text.Length)), isUnicode ? "…" : "~", text.AsSpan(Math.Max(text.Length - tail, 0)));
                if (new Segment(text).CellCount() > cells) text = Segment.Truncate(new Segment(text), cells)?.Text ?? "";
            }

            Add(text, style);
            PadTo(end);
        }

        public Line PadTo(int cells) => Cells < cells ? Add(new string(' ', cells - Cells)) : this;

        public Line Widen(int to)
        {
            _width = to;
            return this;
        }

        private static string Clean(string text) => !text.Any(char.IsControl) ? text : new string([.. text.Select(static c => char.IsControl(c) ? ' ' : c)]);

        private static string ToAscii(string text) => text.AsSpan().IndexOfAnyExceptInRange('\0', '\u007e') < 0 ? text : new string([.. text.Select(static c => c > '\u007e' ? '?' : c)]);
    }
}
