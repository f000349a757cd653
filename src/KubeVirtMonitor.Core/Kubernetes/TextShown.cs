using System.Globalization;
using System.Text;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Makes foreign text fit to be shown.</summary>
internal static class TextShown
{
    public static string Cut(string text, int most) => text.Length <= most ? text : text[..most] + "...";

    /// <summary>Takes out what could steer a terminal; line breaks and tabs stay.</summary>
    public static string Printable(string text)
    {
        StringBuilder clean = new(text.Length);
        foreach (char c in text)
        {
            bool isKept = c is '\n' or '\t' || (!char.IsControl(c) && char.GetUnicodeCategory(c) != UnicodeCategory.Format);
            if (isKept) clean.Append(c);
            else if (c != '\r') clean.Append('?');
        }

        return clean.ToString();
    }
}
