using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>What can go wrong with a credential plugin, in words. What it wrote to standard output is never shown, what it wrote to standard error only redacted.</summary>
internal static class PluginErrors
{
    private const int MostShown = 1500;

    public static KubernetesException NotFound(ExecSettings settings) => Error(
        settings,
        $"the credential plugin '{settings.Command}' is not installed: {(Path.IsPathFullyQualified(settings.Command) ? "there is no such file" : "it is not in PATH")}",
        settings.InstallHint.Length > 0 ? settings.InstallHint : "Install it, or log in another way.");

    public static KubernetesException NotStarted(ExecSettings settings, string path, Exception exception) => Error(
        settings,
        $"the credential plugin {path} cannot be started ({exception.Message})",
        "Check that it is an executable for this system and that this user may run it.",
        exception);

    public static KubernetesException Hung(ExecSettings settings, TimeSpan timeout) => Error(
        settings,
        $"the credential plugin '{settings.Command}' gave no answer within {timeout.TotalSeconds:0} seconds and was ended",
        "Run it by hand: it may be waiting for a login in a browser or a terminal, which it gets none of here.");

    public static KubernetesException Failed(ExecSettings settings, PluginRun run) => Error(
        settings,
        $"the credential plugin '{settings.Command}' failed with exit code {run.ExitCode}{Said(settings, run)}",
        "Log in again with the tool it belongs to, and run it by hand to see more.");

    public static KubernetesException Rubbish(ExecSettings settings, PluginRun run, string what) => Error(
        settings,
        $"the credential plugin '{settings.Command}' gave no credential: {what}{Said(settings, run)}",
        "Run it by hand; it has to write one ExecCredential as JSON to standard output, and everything else to standard error.");

    private static string Said(ExecSettings settings, PluginRun run)
    {
        ForeignText foreign = new([.. Secrets.Among(settings.Variables), .. Secrets.Among(settings.Arguments)]);
        string text = foreign.Scrub(run.ErrorText).Trim();
        if (text.Length == 0) return "";
        return $"; it said: {(text.Length <= MostShown ? text : "..." + text[^MostShown..])}";
    }

    private static KubernetesException Error(ExecSettings settings, string what, string advice, Exception? inner = null) =>
        new(KubernetesError.PluginFailed, $"{what} ({settings.Entry.Place} in {settings.Entry.File})", advice, inner)
        {
            File = settings.Entry.File,
            Entry = settings.Entry.Place,
        };
}
