using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator;

/// <summary>The version of a Kubernetes API server as its <c>/version</c> tells it; the health checks of KubeVirt pass it on.</summary>
internal static class VersionDocument
{
    /// <summary>The version that is simulated where no other is asked for.</summary>
    public const string Default = "v1.36.2";

    /// <summary>The document of a version such as <c>v1.36.2</c>; from 1.33 on it has the emulated version as well.</summary>
    public static JsonObject Of(string version)
    {
        (string major, int minor) = Numbers(version);
        JsonObject document = new() { ["major"] = major, ["minor"] = Text(minor) };
        if (minor >= 33)
        {
            document["emulationMajor"] = major;
            document["emulationMinor"] = Text(minor);
            document["minCompatibilityMajor"] = major;
            document["minCompatibilityMinor"] = Text(minor - 1);
        }

        document["gitVersion"] = version;
        document["gitCommit"] = StableId.Uid(0, "commit", version).ToString("N", CultureInfo.InvariantCulture) + "0a1b2c3d";
        document["gitTreeState"] = "clean";
        document["buildDate"] = "2026-08-21T00:00:00Z";
        document["goVersion"] = "go1.26.10";
        document["compiler"] = "gc";
        document["platform"] = "linux/amd64";
        return document;
    }

    /// <summary>Whether an API server asks for rights to impersonate by what is to be done (from 1.36 on), and not by who is to be impersonated.</summary>
    public static bool ConstrainsImpersonation(string version) => Numbers(version).Minor >= 36;

    private static (string Major, int Minor) Numbers(string version)
    {
        string[] numbers = version.TrimStart('v').Split('.');
        return (numbers[0], numbers.Length > 1 && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor) ? minor : 0);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
