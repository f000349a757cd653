using System.Management.Automation;

namespace KubeVirtMonitor;

/// <summary>Exposition text in memory: one or more lines, a complete scrape, or its bytes.</summary>
/// <remarks>Made by PowerShell's parameter binder from strings, byte arrays and collections of strings.</remarks>
public sealed class ScrapeContent
{
    private readonly PSObject? _origin;

    internal ScrapeContent(byte[] bytes) => Bytes = bytes;

    internal ScrapeContent(IReadOnlyList<string> text, PSObject? origin)
    {
        Text = text;
        _origin = origin;
    }

    /// <summary>A whole scrape, plain or gzip, or one byte of it; null where it is text.</summary>
    internal byte[]? Bytes { get; }

    /// <summary>Lines, or one piece of many lines; empty where it is bytes.</summary>
    internal IReadOnlyList<string> Text { get; } = [];

    /// <summary>Whether it is a scrape of its own, and not one line or byte among others.</summary>
    internal bool IsWhole => Bytes is not null ? Bytes.Length > 1 : Text.Count == 1 && Text[0].Contains('\n', StringComparison.Ordinal);

    /// <summary>The file the text is from, where <c>Get-Content</c> noted it; else null.</summary>
    internal string? GetSource()
    {
        if (_origin?.Properties["PSPath"]?.Value is not string path) return null;
        int provider = path.IndexOf("::", StringComparison.Ordinal);
        return provider < 0 ? path : path[(provider + 2)..];
    }
}
