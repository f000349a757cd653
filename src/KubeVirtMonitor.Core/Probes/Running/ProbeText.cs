using System.Globalization;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Texts in messages.</summary>
internal static class ProbeText
{
    /// <summary>What shows the answer of an instance: it may hold what the probe has told it, in a header or in a command.</summary>
    public static ForeignText Foreign(KubeVirtSession session, VmiProbe probe) => session.Client.Foreign.With(
        [.. probe.Headers.Where(header => Secrets.IsNamed(header.Key) || Secrets.LooksRandom(header.Value)).SelectMany(header => Secrets.OfHeader(header.Key, header.Value)), .. Secrets.Among(probe.Command)]);

    /// <summary>Seconds, such as <c>2 s</c>.</summary>
    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");
}
