using System.IO.Enumeration;

namespace KubeVirtMonitor.Usage;

/// <summary>
/// What the live screen shows: keys and looks change it, and nothing else. It draws nothing and knows no terminal. Used by one thread.
/// </summary>
internal sealed class UsageScreenState
{
    /// <summary>The name of the column with the names of rows, where rows are sorted by it.</summary>
    public const string NameColumn = "Name";

    private readonly UsageHistory _history = new();
    private readonly string[] _sort = new string[Enum.GetValues<UsageTopic>().Length];
    private readonly bool[] _isReversed = new bool[Enum.GetValues<UsageTopic>().Length];
    private ScreenLook? _newest;
    private ScreenRow[] _all = [];
    private ScreenRow[]? _rows;
    private ScreenKey? _chosen;
    private int _selected;

    /// <summary>A screen as it is opened.</summary>
    /// <param name="topic">The figures; null = those of the column to sort by, else CPU.</param>
    /// <param name="view">What rows are.</param>
    /// <param name="sort">The property of usage to sort by; null = the first figure.</param>
    public UsageScreenState(UsageTopic? topic = null, UsageScope view = UsageScope.Vmi, string? sort = null)
    {
        for (int i = 0; i < _sort.Length; i++) _sort[i] = ScreenColumn.Of((UsageTopic)i)[0].Name;
        View = view;
        Topic = topic ?? Enum.GetValues<UsageTopic>().FirstOrDefault(each => Find(each, sort) is not null);
        if (string.Equals(sort, NameColumn, StringComparison.OrdinalIgnoreCase)) _sort[(int)Topic] = NameColumn;
        else if (Find(Topic, sort) is { } column) _sort[(int)Topic] = column.Name;
    }

    /// <summary>What can be sorted by: the properties of usage that the screen has columns for.</summary>
    /// <param name="topic">Of one topic; null = of all.</param>
    public static IEnumerable<string> SortNames(UsageTopic? topic = null) =>
        Enum.GetValues<UsageTopic>().Where(each => topic is null || topic == each).SelectMany(ScreenColumn.Of).Select(static column => column.Name).Prepend(NameColumn);

    /// <summary>Which figures are shown.</summary>
    public UsageTopic Topic { get; private set; }

    /// <summary>What rows are.</summary>
    public UsageScope View { get; private set; }

    /// <summary>The column that rows are sorted by.</summary>
    public string Sort => _sort[(int)Topic];

    /// <summary>Whether the order is the other way round: figures begin with the largest, and names with the first.</summary>
    public bool IsReversed => _isReversed[(int)Topic];

    /// <summary>Only rows with this are shown; empty = all.</summary>
    public string Filter { get; private set; } = "";

    /// <summary>Whether the filter is being typed.</summary>
    public bool IsTyping { get; private set; }

    /// <summary>Whether new looks wait until the user goes on.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>What lies over the table.</summary>
    public ScreenOverlay Overlay { get; private set; }

    /// <summary>Whether the user has left.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The look that is shown; null before the first one.</summary>
    public ScreenLook? Look { get; private set; }

    /// <summary>How many rows of the table are visible, which scrolling goes by.</summary>
    public int PageSize { get; set; } = 1;

    /// <summary>The number of the selected row.</summary>
    public int Selected => Settle();

    /// <summary>The number of the first visible row.</summary>
    public int First { get; private set; }

    /// <summary>How many rows there are without the filter.</summary>
    public int Total => _all.Length;

    /// <summary>How many machines are shown, with those whose figures are old.</summary>
    public int Machines { get; private set; }

    /// <summary>How many nodes the machines are on, as far as they are known.</summary>
    public int Nodes { get; private set; }

    /// <summary>Whether machines of several clusters are shown.</summary>
    public bool HasClusters { get; private set; }

    /// <summary>What there is to show, in its order.</summary>
    public IReadOnlyList<ScreenRow> Rows => _rows ??= Arrange();

    /// <summary>What rows had before.</summary>
    public UsageHistory History => _history;

    /// <summary>The lengths of the longest names.</summary>
    public ScreenWidths Widths { get; private set; }

    /// <summary>Takes a look. While the screen is paused it is remembered, and shown when the user goes on.</summary>
    public void Take(ScreenLook look)
    {
        if (look.Number == _newest?.Number) return;
        _newest = look;
        _history.Begin();
        foreach (UsageScope scope in Enum.GetValues<UsageScope>())
        {
            foreach (ScreenRow row in ScreenRow.Of(look, scope))
            {
                // Old figures are gaps: nothing is known of the time since.
                if (!row.IsOld) _history.Add(row.Key, row.Usage);
            }
        }

        if (!IsPaused) Show(look);
    }

    /// <summary>Does what a key stands for.</summary>
    /// <returns>Whether it stands for anything.</returns>
    public bool Press(ConsoleKeyInfo key)
    {
        if (key.Key == ConsoleKey.C && key.Modifiers.HasFlag(ConsoleModifiers.Control)) return HasEnded = true;
        if (IsTyping) return Type(key);
        if (Overlay != ScreenOverlay.None) return Close(key);
        return Move(key) || Command(key);
    }

    private bool Type(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                IsTyping = false;
                return true;
            case ConsoleKey.Escape:
                IsTyping = false;
                return SetFilter("");
            case ConsoleKey.Backspace:
                return Filter.Length > 0 ? SetFilter(Filter[..^1]) : !(IsTyping = false);
            case ConsoleKey.UpArrow or ConsoleKey.DownArrow or ConsoleKey.PageUp or ConsoleKey.PageDown:
                return Move(key);
            default:
                if (char.IsControl(key.KeyChar) || key.Modifiers.HasFlag(ConsoleModifiers.Alt)) return false;
                return SetFilter(Filter + key.KeyChar);
        }
    }

    // Any key leads back; those that leave, leave the overlay first.
    private bool Close(ConsoleKeyInfo key)
    {
        ScreenOverlay before = Overlay;
        Overlay = ScreenOverlay.None;
        if (key.KeyChar is 'h' or '?' or 'p' || key.Key is ConsoleKey.Escape or ConsoleKey.Enter or ConsoleKey.Spacebar)
        {
            if ((key.KeyChar == 'p' && before == ScreenOverlay.Help) || (key.KeyChar is 'h' or '?' && before == ScreenOverlay.Problems)) Command(key);
            return true;
        }

        Command(key);
        return true;
    }

    private bool Move(ConsoleKeyInfo key)
    {
        int last = Math.Max(Rows.Count - 1, 0);
        int selected = Selected;
        int? to = key.Key switch
        {
            ConsoleKey.UpArrow => selected - 1,
            ConsoleKey.DownArrow => selected + 1,
            ConsoleKey.PageUp => selected - PageSize,
            ConsoleKey.PageDown => selected + PageSize,
            ConsoleKey.Home => 0,
            ConsoleKey.End => last,
            _ => null,
        };
        if (to is not { } row) return false;
        _selected = Math.Clamp(row, 0, last);
        // The first row is a place, and any other a machine that is followed wherever it goes.
        _chosen = _selected == 0 || Rows.Count == 0 ? null : Rows[_selected].Key;
        return true;
    }

    private bool Command(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Escape:
                return Filter.Length > 0 ? SetFilter("") : HasEnded = true;
            case ConsoleKey.LeftArrow:
                return SortByNext(-1);
            case ConsoleKey.RightArrow:
                return SortByNext(1);
        }

        return key.KeyChar switch
        {
            'q' or 'Q' => HasEnded = true,
            'c' => Show(UsageTopic.Cpu),
            'm' => Show(UsageTopic.Memory),
            'd' => Show(UsageTopic.Disk),
            'n' => Show(UsageTopic.Network),
            'g' => Show(UsageTopic.Migration),
            'v' or 'V' => Show(UsageScope.Vmi),
            'N' => Show(UsageScope.Node),
            'S' or 's' => Show(UsageScope.Namespace),
            'C' => Show(UsageScope.Cluster),
            '<' or ',' => SortByNext(-1),
            '>' or '.' => SortByNext(1),
            'r' or 'R' => Reverse(),
            '/' => IsTyping = true,
            ' ' => Pause(),
            'h' or 'H' or '?' => Lay(ScreenOverlay.Help),
            'p' or 'P' => Lay(ScreenOverlay.Problems),
            _ => false,
        };
    }

    private bool Lay(ScreenOverlay overlay)
    {
        Overlay = overlay;
        return true;
    }

    private bool Show(UsageTopic topic)
    {
        Topic = topic;
        return Rearrange();
    }

    private bool Show(UsageScope view)
    {
        if (View != view)
        {
            View = view;
            First = 0;
            _selected = 0;
            _chosen = null;
            if (Look is { } look) Show(look);
        }

        return true;
    }

    private bool SortByNext(int step)
    {
        string[] names = [.. SortNames(Topic)];
        int at = Array.IndexOf(names, Sort) + step;
        if (at >= 0 && at < names.Length)
        {
            _sort[(int)Topic] = names[at];
            _isReversed[(int)Topic] = false;
        }

        return Rearrange();
    }

    private bool Reverse()
    {
        _isReversed[(int)Topic] = !IsReversed;
        return Rearrange();
    }

    private bool SetFilter(string filter)
    {
        Filter = filter;
        return Rearrange();
    }

    private bool Pause()
    {
        IsPaused = !IsPaused;
        if (!IsPaused && _newest is { } look) Show(look);
        return true;
    }

    private bool Rearrange()
    {
        _rows = null;
        return true;
    }

    private void Show(ScreenLook look)
    {
        Look = look;
        _all = ScreenRow.Of(look, View);
        Array.Sort(_all, static (one, other) => ScreenRow.Compare(one, other));
        KubeVirtUsage[] machines = [.. look.Machines, .. look.Missing];
        Machines = machines.Length;
        Nodes = machines.Where(static usage => usage.Node is not null).Select(static usage => (usage.Session, usage.Node)).Distinct().Count();
        HasClusters = machines.Select(static usage => usage.Session).Distinct().Skip(1).Any();
        Widths = new ScreenWidths(
            Longest(UsageScope.Cluster, static row => row.Usage.Cluster),
            Longest(UsageScope.Namespace, static row => row.Usage.Namespace),
            Longest(UsageScope.Vmi, static row => row.Usage.Vmi),
            Longest(UsageScope.Node, static row => row.Usage.Node));
        _rows = null;
        // What is old has a mark before its name.
        int Longest(UsageScope scope, Func<ScreenRow, string?> text) => _all.Length == 0 ? 0 : _all.Max(row => (text(row)?.Length ?? 0) + (scope == View && row.Old > 0 ? 1 : 0));
    }

    private ScreenRow[] Arrange()
    {
        ScreenRow[] rows = Filter.Length == 0 ? [.. _all] : [.. _all.Where(row => row.Matches(Filter))];
        bool isReversed = IsReversed;
        if (Find(Topic, Sort) is { } column)
        {
            // What is not known comes last, either way. What is equal stays in the order of names, and so does what is equal as far as people care: rows that look the same should not change places at every look.
            double?[] values = [.. rows.Select(row => Round(column.Value(row.Usage)))];
            int[] order = [.. Enumerable.Range(0, rows.Length)];
            Array.Sort(order, (one, other) =>
            {
                double? a = values[one];
                double? b = values[other];
                if (a is null || b is null) return a is null && b is null ? one.CompareTo(other) : a is null ? 1 : -1;
                int compared = isReversed ? a.Value.CompareTo(b.Value) : b.Value.CompareTo(a.Value);
                return compared != 0 ? compared : one.CompareTo(other);
            });
            return [.. order.Select(at => rows[at])];
        }

        if (isReversed) Array.Reverse(rows);
        return rows;
    }

    // To three digits, as it is shown.
    private static double? Round(double? value)
    {
        if (value is not { } number || number == 0 || !double.IsFinite(number)) return value;
        double step = Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(number))) - 2);
        return Math.Round(number / step) * step;
    }

    // Where the selection is in the rows of now, and the page around it.
    private int Settle()
    {
        IReadOnlyList<ScreenRow> rows = Rows;
        if (_chosen is { } key)
        {
            int at = 0;
            while (at < rows.Count && rows[at].Key != key) at++;
            if (at < rows.Count) _selected = at;
        }

        _selected = Math.Clamp(_selected, 0, Math.Max(rows.Count - 1, 0));
        int page = Math.Max(PageSize, 1);
        if (_selected < First) First = _selected;
        if (_selected >= First + page) First = _selected - page + 1;
        First = Math.Clamp(First, 0, Math.Max(rows.Count - page, 0));
        return _selected;
    }

    private static ScreenColumn? Find(UsageTopic topic, string? name) =>
        name is null ? null : ScreenColumn.Of(topic).FirstOrDefault(column => string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>What lies over the table.</summary>
internal enum ScreenOverlay
{
    None,
    Help,
    Problems,
}

/// <summary>The lengths of the longest names of a view.</summary>
internal readonly record struct ScreenWidths(int Cluster, int Namespace, int Vmi, int Node);

/// <summary>A row of the live screen.</summary>
/// <param name="Usage">What it shows.</param>
internal sealed record ScreenRow(KubeVirtUsage Usage)
{
    /// <summary>Which row it is, from look to look.</summary>
    public ScreenKey Key { get; } = ScreenKey.Of(Usage);

    /// <summary>Of how many of its machines the figures are those of an earlier look.</summary>
    public int Old { get; private init; }

    /// <summary>When the oldest figures are of; null where all are of this look.</summary>
    public DateTimeOffset? Since { get; private init; }

    /// <summary>Whether all its figures are those of an earlier look.</summary>
    public bool IsOld => Old > 0 && Old >= Usage.Machines;

    /// <summary>The rows of a look, in no order.</summary>
    public static ScreenRow[] Of(ScreenLook look, UsageScope scope)
    {
        if (look.Missing.Count == 0) return [.. UsageGroups.By(look.Machines, scope).Select(static usage => new ScreenRow(usage))];
        ILookup<ScreenKey, KubeVirtUsage> missing = look.Missing.ToLookup(usage => ScreenKey.Of(usage, scope));
        return
        [
            .. UsageGroups.By([.. look.Machines, .. look.Missing], scope).Select(usage =>
            {
                KubeVirtUsage[] old = [.. missing[ScreenKey.Of(usage)]];
                return new ScreenRow(usage) { Old = old.Length, Since = old.Length == 0 ? null : old.Min(static usage => usage.Timestamp) };
            }),
        ];
    }

    /// <summary>The order of names.</summary>
    public static int Compare(ScreenRow one, ScreenRow other)
    {
        int compared = string.CompareOrdinal(one.Usage.Namespace, other.Usage.Namespace);
        if (compared == 0) compared = string.CompareOrdinal(one.Key.Name, other.Key.Name);
        return compared != 0 ? compared : string.CompareOrdinal(one.Usage.Cluster, other.Usage.Cluster);
    }

    /// <summary>Whether a filter is part of a name, or, with wildcards, is like one.</summary>
    public bool Matches(string filter)
    {
        bool isPattern = filter.AsSpan().IndexOfAny('*', '?') >= 0;
        bool Fits(string? name) => name is not null && (isPattern ? FileSystemName.MatchesSimpleExpression(filter, name, ignoreCase: true) : name.Contains(filter, StringComparison.OrdinalIgnoreCase));
        return Fits(Usage.Namespace) || Fits(Usage.Vmi) || Fits(Usage.Node) || Fits(Usage.Cluster) || (Usage.Scope == UsageScope.Vmi && Fits($"{Usage.Namespace}/{Usage.Vmi}"));
    }
}
