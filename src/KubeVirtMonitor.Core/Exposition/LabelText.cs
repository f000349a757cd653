using System.Text;

namespace KubeVirtMonitor.Exposition;

/// <summary>Escaped text of label values, names and help, made into strings.</summary>
public static class LabelText
{
    /// <summary>Undoes <c>\\</c>, <c>\"</c> and <c>\n</c>. A backslash before anything else stands for itself, as OpenMetrics has it.</summary>
    /// <param name="escaped">The UTF-8 text between the quotes.</param>
    public static string Unescape(ReadOnlySpan<byte> escaped)
    {
        if (!escaped.Contains((byte)'\\')) return Encoding.UTF8.GetString(escaped);
        byte[] plain = new byte[escaped.Length];
        int length = 0;
        for (int i = 0; i < escaped.Length; i++)
        {
            byte current = escaped[i];
            if (current == '\\' && i + 1 < escaped.Length && escaped[i + 1] is (byte)'\\' or (byte)'"' or (byte)'n')
            {
                i++;
                current = escaped[i] == 'n' ? (byte)'\n' : escaped[i];
            }

            plain[length++] = current;
        }

        return Encoding.UTF8.GetString(plain, 0, length);
    }
}
