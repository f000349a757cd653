namespace KubeVirtMonitor.AgentConfig;

/// <summary>Where an instance stands, for those who read its options.</summary>
/// <param name="Number">Its place in the file, from 1.</param>
/// <param name="Options">Its options.</param>
/// <param name="Folder">The folder of the file: where relative paths begin.</param>
/// <param name="Warnings">Takes what the user should know.</param>
/// <param name="Notes">Takes what the user may want to know.</param>
internal sealed record InstanceScope(int Number, OptionReader Options, string Folder, OptionWarnings Warnings, OptionWarnings Notes)
{
    /// <summary>The full path of a file that the Agent would open; <c>~</c> is the user's own folder.</summary>
    public string FullPath(string path) => Path.GetFullPath(
        path.StartsWith("~/", StringComparison.Ordinal) ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..]) : path,
        Folder);

    public void Warn(string text) => Warnings.Add(text, Number);
}
