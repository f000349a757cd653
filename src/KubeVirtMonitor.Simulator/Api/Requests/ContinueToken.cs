using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Where a list goes on: the version it began at (-1 = whatever is there now), and the first key of the next page within the namespace of the list.</summary>
internal sealed record ContinueToken(long Version, string Start)
{
    private const string Form = "meta.k8s.io/v1";

    /// <summary>Reads a token.</summary>
    /// <exception cref="ApiException">It is none of ours: 400.</exception>
    public static ContinueToken Parse(string text)
    {
        try
        {
            JsonNode? json = JsonNode.Parse(Base64Url.DecodeFromChars(text));
            if ((string?)json?["v"] == Form && (long?)json["rv"] is { } version && (string?)json["start"] is { Length: > 0 } start) return new ContinueToken(version, start);
        }
        catch (Exception failure) when (failure is FormatException or JsonException or InvalidOperationException)
        {
            // Said below, as for a token that can be decoded and is none.
        }

        throw ApiErrors.BadRequest("invalid continue token: continue key is not valid: it was not made by this server");
    }

    public override string ToString() =>
        Base64Url.EncodeToString(JsonText.Bytes(new JsonObject { ["v"] = Form, ["rv"] = Version, ["start"] = Start }));
}
