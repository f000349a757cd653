using System.Management.Automation;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Loading;

namespace KubeVirtMonitor.Binding;

/// <summary>Manifests from files and texts; what cannot be read gives an error and nothing else.</summary>
/// <param name="onError">Receives the errors.</param>
internal sealed class ManifestSource(Action<ErrorRecord> onError)
{
    /// <summary>The objects of a file, with the file; null when it cannot be read.</summary>
    public (ManifestFile File, IReadOnlyList<VmiManifest> Found)? Open(string path)
    {
        try
        {
            ManifestFile file = ManifestFile.Read(path);
            return (file, ManifestReader.Read(file.Text, LazyYamlReader.Instance, path));
        }
        catch (FormatException error)
        {
            onError(ErrorRecords.ManifestInvalid(path, error));
        }
        catch (FileNotFoundException error)
        {
            onError(ErrorRecords.FileNotFound(path, error));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            onError(ErrorRecords.ManifestUnreadable(path, error));
        }

        return null;
    }

    /// <summary>The objects of a text.</summary>
    public IReadOnlyList<VmiManifest> Read(string text)
    {
        try
        {
            return ManifestReader.Read(text, LazyYamlReader.Instance);
        }
        catch (FormatException error)
        {
            onError(ErrorRecords.ManifestInvalid("The text on the pipeline", error));
            return [];
        }
    }
}
