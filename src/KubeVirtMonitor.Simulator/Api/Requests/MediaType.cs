using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Reads Accept headers.</summary>
internal static class MediaType
{
    /// <summary>The first form in the header that the server has.</summary>
    /// <exception cref="ApiException">There is none: 406.</exception>
    public static MediaForm Choose(HttpRequest request, out string version)
    {
        version = "v1";
        string header = request.Headers.Accept.ToString();
        if (header.Length == 0) return MediaForm.Json;
        foreach (string part in header.Split(','))
        {
            string[] pieces = part.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (pieces.Length == 0 || pieces[0] is not ("application/json" or "application/*" or "*/*")) continue;
            string? form = Parameter(pieces, "as=");
            version = Parameter(pieces, "v=") ?? "v1";
            switch (form)
            {
                case null:
                    return MediaForm.Json;
                case "Table" when version is "v1" or "v1beta1":
                    return MediaForm.Table;
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when version == "v1":
                    return MediaForm.Metadata;
                case "APIGroupDiscoveryList" when version is "v2" or "v2beta1":
                    return MediaForm.Aggregated;
            }
        }

        throw ApiErrors.NotAcceptable();
    }

    /// <summary>The Content-Type without parameters.</summary>
    public static string ContentType(HttpRequest request) => (request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    private static string? Parameter(string[] pieces, string prefix) => pieces.FirstOrDefault(piece => piece.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];
}
