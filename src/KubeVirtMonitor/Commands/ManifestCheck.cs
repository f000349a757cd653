using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Loading;

namespace KubeVirtMonitor.Commands;

/// <summary>Checks the probes of manifest files by the rules; asks no cluster.</summary>
/// <param name="command">The cmdlet.</param>
internal sealed class ManifestCheck(CancellableCommand command)
{
    /// <summary>The findings of files, each file by itself: one that cannot be read is an error and hides no other.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="isLiteral">Whether wildcard characters stand for themselves.</param>
    /// <param name="wanted">The probes that are checked; null = both.</param>
    /// <param name="failed">Told of what could not be checked.</param>
    public IEnumerable<ProbeFinding> Run(string[] paths, bool isLiteral, ProbeRole? wanted, Action failed)
    {
        PathResolver resolver = new(command.SessionState, error =>
        {
            failed();
            command.WriteError(error);
        });
        foreach (string file in paths.SelectMany(path => resolver.Resolve(path, isLiteral)))
        {
            IReadOnlyList<VmiManifest>? manifests = Read(file);
            if (manifests is null) failed();
            else if (manifests.Count == 0) command.WriteWarning($"There is no machine with probes in '{file}'.");
            foreach (ProbeFinding finding in manifests?.SelectMany(manifest => ProbeRules.Check(manifest)) ?? [])
            {
                if (wanted is null || finding.Role is null || finding.Role == wanted) yield return finding;
            }
        }
    }

    private IReadOnlyList<VmiManifest>? Read(string file)
    {
        try
        {
            return ManifestReader.Read(ManifestFile.Read(file).Text, LazyYamlReader.Instance, file);
        }
        catch (FormatException exception)
        {
            command.WriteError(ErrorRecords.ManifestInvalid(file, exception));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            command.WriteError(ErrorRecords.ManifestUnreadable(file, exception));
        }

        return null;
    }
}
