using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Makes foreign text fit to be shown, where no request is at hand whose secrets it could hold; see <see cref="ForeignText"/> for the rest.</summary>
internal static class TextShown
{
    public static string Cut(string text, int most) => ForeignText.Cut(text, most);

    /// <summary>Takes out what could steer a terminal; line breaks and tabs stay.</summary>
    public static string Printable(string text) => ForeignText.Printable(text);
}
