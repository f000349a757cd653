using System.Globalization;
using KubeVirtMonitor.Usage;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace KubeVirtMonitor.Terminal;

/// <summary>
/// The live screen on a real terminal: reads keys and draws, both on the thread that runs it. A picture is written in one piece over the one before, so that nothing flickers, and only
/// what is visible is drawn. The screen is the terminal's second one, so that what the shell has shown is there again afterwards.
/// </summary>
internal sealed class UsageScreen : IUsageScreen
{
    // Short enough for a key to be answered at once, and long enough to cost nothing.
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(25);

    private static readonly string[] Locales = ["LC_ALL", "LC_CTYPE", "LANG"];

    private readonly IAnsiConsole _console;
    private readonly TimeProvider _clock;

    /// <summary>The screen on the terminal of this process.</summary>
    public UsageScreen()
        : this(Open(), TimeProvider.System)
    {
    }

    /// <summary>The screen on a terminal.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="clock">Whose time is shown.</param>
    internal UsageScreen(IAnsiConsole console, TimeProvider clock)
    {
        _console = console;
        _clock = clock;
    }

    /// <inheritdoc/>
    void IUsageScreen.Run(UsageFeed feed, UsageScreenState state, CancellationToken stop)
    {
        try
        {
            _console.Write(new ControlCode(Vt.Enter));
            Loop(feed, state, stop);
        }
        finally
        {
            _console.Write(new ControlCode(Vt.Leave));
        }
    }

    private void Loop(UsageFeed feed, UsageScreenState state, CancellationToken stop)
    {
        (int Width, int Height, long Second, ScreenLook? Look, bool IsLooking) drawn = default;
        bool isStale = true;
        while (!stop.IsCancellationRequested)
        {
            int width = _console.Profile.Width;
            int height = _console.Profile.Height;
            state.PageSize = UsagePainter.PageSize(height);
            while (!stop.IsCancellationRequested && _console.Input.IsKeyAvailable() && _console.Input.ReadKey(intercept: true) is { } key)
            {
                isStale |= state.Press(key);
                if (state.HasEnded) return;
            }

            // Read once: what comes in between is drawn with the next beat.
            ScreenLook? latest = feed.Latest;
            if (latest is not null) state.Take(latest);
            DateTimeOffset now = _clock.GetUtcNow();
            var current = (width, height, now.ToUnixTimeSeconds(), latest, feed.IsLooking);
            if (isStale || current != drawn)
            {
                bool isResized = drawn.Width != width || drawn.Height != height;
                UsagePainter painter = new(state, feed, now, _console.Profile.Capabilities.Unicode);
                _console.Write(new Picture(painter.Paint(width, height), isResized));
                drawn = current;
                isStale = false;
            }

            stop.WaitHandle.WaitOne(Beat);
        }
    }

    private static IAnsiConsole Open()
    {
        // Where the terminal is asked before, it is known to be one.
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes });
        console.Profile.Capabilities.Unicode &= SpeaksUnicode(Environment.GetEnvironmentVariable, OperatingSystem.IsWindows());
        return console;
    }

    /// <summary>Whether a terminal shows more than ASCII: by its locale, as other programs ask, since .NET writes UTF-8 whatever it is. The console of Linux itself has no bars in its fonts.</summary>
    internal static bool SpeaksUnicode(Func<string, string?> environment, bool isWindows)
    {
        if (isWindows) return true;
        if (environment("TERM") == "linux") return false;
        string locale = Locales.Select(environment).FirstOrDefault(static value => !string.IsNullOrEmpty(value)) ?? "";
        return locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);
    }

    // The second screen, its cursor, and wrapping at the right edge, which would scroll a picture that fills the window.
    private static class Vt
    {
        public const string Enter = "\e[?1049h\e[?25l\e[?7l\e[2J\e[H";

        // Some terminals keep lines of the second screen where its size has changed meanwhile: blank ones, then.
        public const string Leave = "\e[0m\e[2J\e[?7h\e[?25h\e[?1049l";
        public const string ClearLine = "\e[K";
        public const string Clear = "\e[2J";
    }

    /// <summary>A picture over the one before.</summary>
    private sealed class Picture(IReadOnlyList<IReadOnlyList<Segment>> lines, bool isResized) : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
        {
            if (isResized) yield return Segment.Control(Vt.Clear);
            for (int i = 0; i < lines.Count; i++)
            {
                yield return Segment.Control(string.Create(CultureInfo.InvariantCulture, $"\e[{i + 1};1H"));
                foreach (Segment segment in lines[i]) yield return segment;
                // The last column has been reached where the line is full, and clearing there would take its last character.
                if (Segment.CellCount(lines[i]) < maxWidth) yield return Segment.Control(Vt.ClearLine);
            }
        }
    }
}
