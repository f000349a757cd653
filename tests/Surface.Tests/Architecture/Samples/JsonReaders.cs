using System.Text;
using System.Text.Json;

namespace KubeVirtMonitor.Tests.Surface.Architecture.Samples;

internal static class ReadsJsonByLocal
{
    public static string Text(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetRawText();
    }
}

internal static class ReadsJsonByParameter
{
    public static string? Text(JsonElement element) => element.GetString();
}

internal static class ReadsJsonInALambda
{
    public static object Reader() => (Func<object, string?>)(static element => ((JsonElement)element).GetString());
}

internal static class ReadsJsonByToken
{
    public static bool IsJson(string json) => new Utf8JsonReader(Encoding.UTF8.GetBytes(json)).Read();
}

internal static class LetsJsonPass
{
    public static async Task PassAsync(Task<JsonElement> answer) => await answer;
}
