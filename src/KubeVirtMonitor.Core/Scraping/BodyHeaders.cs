using System.IO.Compression;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>Reads what an answer says of its body, and small bodies that are read as text.</summary>
internal static class BodyHeaders
{
    public static string? ContentType(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Type", out System.Net.Http.Headers.HeaderStringValues values) ? values.ToString() : null;

    /// <summary>Whether the body is gzip: by Content-Encoding, or because it is a gzip file.</summary>
    /// <exception cref="ScrapeException">It is encoded in another way.</exception>
    public static bool IsGzip(HttpResponseMessage response, string target, string? contentType, Func<ForeignText> foreign)
    {
        if (Encoding(response) is not { } encoding)
            return contentType is not null && (contentType.StartsWith("application/gzip", StringComparison.OrdinalIgnoreCase) || contentType.StartsWith("application/x-gzip", StringComparison.OrdinalIgnoreCase));
        return encoding.ToUpperInvariant() switch
        {
            "GZIP" or "X-GZIP" => true,
            "IDENTITY" => false,
            _ => throw new ScrapeException(ScrapeError.UnsupportedEncoding, target, $"the body is encoded as '{foreign().Line(encoding, 120)}', which was not asked for"),
        };
    }

    /// <summary>The first bytes of a body, unpacked; fewer where it breaks off.</summary>
    public static async Task<byte[]> ReadStartAsync(HttpResponseMessage response, int length, CancellationToken cancellationToken)
    {
        byte[] start = new byte[length];
        int filled = 0;
        try
        {
            Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            if (string.Equals(Encoding(response), "gzip", StringComparison.OrdinalIgnoreCase)) stream = new GZipStream(stream, CompressionMode.Decompress);
            await using (stream.ConfigureAwait(false))
            {
                while (filled < length)
                {
                    int count = await stream.ReadAsync(start.AsMemory(filled), cancellationToken).ConfigureAwait(false);
                    if (count == 0) break;
                    filled += count;
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            // The status is the message; a body that breaks off adds less to it, and takes nothing away.
        }

        return start[..filled];
    }

    private static string? Encoding(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out System.Net.Http.Headers.HeaderStringValues values) && values.ToString().Trim() is { Length: > 0 } encoding
            ? encoding
            : null;
}
