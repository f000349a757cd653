using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>The rules for names in Kubernetes.</summary>
internal static class ResourceNames
{
    /// <summary>RFC 1123 label: the rule for namespaces.</summary>
    public static bool IsLabel(string name) =>
        name.Length is > 0 and <= 63
        && char.IsAsciiLetterOrDigit(name[0])
        && char.IsAsciiLetterOrDigit(name[^1])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>RFC 1123 subdomain, lower case: the rule for names of pods and of most other objects, machines among them.</summary>
    public static bool IsSubdomain(string name) =>
        name.Length is > 0 and <= 253
        && name.Split('.').All(static part =>
            part.Length > 0
            && part[0] != '-'
            && part[^1] != '-'
            && part.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));

    /// <summary>What can stand as one segment of a path: everything that is not empty, a dot path, or holds a slash or percent sign.</summary>
    public static bool IsSegment(string name) =>
        name.Length > 0 && name is not ("." or "..") && name.AsSpan().IndexOfAny('/', '%') < 0 && !name.Any(char.IsControl);
}

/// <summary>Prepares text from others for display when there is no request whose secrets it could contain; see <see cref="ForeignText"/> for the rest.</summary>
internal static class TextShown
{
    public static string Cut(string text, int most) => ForeignText.Cut(text, most);

    /// <summary>Takes out what could steer a terminal; line breaks and tabs stay.</summary>
    public static string Printable(string text) => ForeignText.Printable(text);
}
