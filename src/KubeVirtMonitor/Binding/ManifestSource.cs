using KubeVirtMonitor.Commands;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Loading;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Binding;

/// <summary>Manifests from files and texts. What cannot be read is an error that does not hide the others; what is unusual is a warning.</summary>
/// <param name="command">The cmdlet.</param>
internal sealed class ManifestSource(CancellableCommand command)
{
    /// <summary>What is in a file, with the file; null when it cannot be read at all.</summary>
    public (ManifestFile File, ManifestContent Content)? Open(string path)
    {
        try
        {
            ManifestFile file = command.AwaitRead(() => ManifestFile.Read(path));
            return (file, Report(ManifestReader.ReadContent(file.Text, LazyYamlReader.Instance, path), path));
        }
        catch (FormatException error)
        {
            command.WriteError(ErrorRecords.ManifestInvalid(path, error));
        }
        catch (FileNotFoundException error)
        {
            command.WriteError(ErrorRecords.FileNotFound(path, error));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            command.WriteError(ErrorRecords.ManifestUnreadable(path, error));
        }

        return null;
    }

    /// <summary>What is in a text.</summary>
    public ManifestContent Read(string text, string where) => Report(ManifestReader.ReadContent(text, LazyYamlReader.Instance), where);

    private ManifestContent Report(ManifestContent content, string where)
    {
        foreach (YamlFormatException defect in content.Defects) command.WriteError(ErrorRecords.ManifestInvalid(where, defect));
        foreach (string warning in content.Warnings) command.WriteWarning($"{where}: {warning}.");
        return content;
    }
}
