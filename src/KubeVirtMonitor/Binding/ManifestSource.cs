using System.Management.Automation;
using KubeVirtMonitor.Commands;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Loading;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Binding;

/// <summary>Manifests from files, texts and clusters. What cannot be read is an error that does not hide the others; what is unusual is a warning.</summary>
/// <param name="command">The cmdlet.</param>
internal sealed class ManifestSource(CancellableCommand command)
{
    private const string Pipeline = "The text on the pipeline";

    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private readonly List<string> _lines = [];
    private string? _origin;

    /// <summary>Whether something could not be read.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>What is in files, each once however often it is named.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="isLiteral">Whether wildcard characters stand for themselves.</param>
    public IEnumerable<ManifestText> Files(string[] paths, bool isLiteral)
    {
        RefuseClusters();
        PathResolver resolver = new(command.SessionState, FileKind.Manifest, Fail);
        return paths.SelectMany(path => resolver.Resolve(path, isLiteral)).Where(_files.Add).Select(Open).OfType<ManifestText>();
    }

    /// <summary>Ends the cmdlet with an error when parameters name a cluster: what is read is in none.</summary>
    public void RefuseClusters()
    {
        string[] unused = [.. new[] { nameof(ClusterCommand.Session), nameof(ClusterCommand.Context), nameof(MachineCommand.LabelSelector) }.Where(command.MyInvocation.BoundParameters.ContainsKey)];
        if (unused.Length > 0) command.ThrowTerminatingError(ErrorRecords.OnlyForClusters(unused));
    }

    /// <summary>What is in an object of the pipeline: a file, a whole text, or one of the lines of a text.</summary>
    /// <returns>Null where there is nothing to read yet, or at all.</returns>
    public ManifestText? Take(PSObject input)
    {
        if (input.BaseObject is FileInfo or string) RefuseClusters();
        switch (input.BaseObject)
        {
            case FileInfo file:
                return _files.Add(file.FullName) ? Open(file.FullName) : null;
            case string text when text.Contains('\n', StringComparison.Ordinal):
                return Read(text);
            case string line:
                // Lines of Get-Content carry the path of their file: where another begins, there is another text.
                string? origin = input.Properties["PSPath"]?.Value as string;
                ManifestText? ended = origin == _origin ? null : Rest();
                _origin = origin;
                _lines.Add(line);
                return ended;
            default:
                Fail(ErrorRecords.NoProbeSource(input.BaseObject));
                return null;
        }
    }

    /// <summary>The text of the lines so far; null where there are none.</summary>
    public ManifestText? Rest()
    {
        if (_lines.Count == 0) return null;
        string text = string.Join('\n', _lines);
        _lines.Clear();
        return Read(text);
    }

    /// <summary>What is in a file; null when it cannot be read at all.</summary>
    public ManifestText? Open(string path)
    {
        try
        {
            ManifestFile file = command.AwaitRead(() => ManifestFile.Read(path));
            return new ManifestText(path, Report(ManifestReader.ReadContent(file.Text, LazyYamlReader.Instance, path), path), file);
        }
        catch (FormatException error)
        {
            Fail(ErrorRecords.ManifestInvalid(path, error));
        }
        catch (FileNotFoundException error)
        {
            Fail(ErrorRecords.FileNotFound(path, FileKind.Manifest, error));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Fail(ErrorRecords.ManifestUnreadable(path, error));
        }

        return null;
    }

    /// <summary>An object of a cluster; null when it cannot be read, or is not the one of the unique id that is given. Where there is none, <c>missing</c> says so in place of the API server.</summary>
    public VmiManifest? Live(KubeVirtSession session, bool machine, string inNamespace, string name, string? uid = null, Action? missing = null)
    {
        try
        {
            return command.Await(cancellationToken => LiveManifests.GetAsync(session, machine, inNamespace, name, uid, cancellationToken));
        }
        catch (KubernetesException error) when (error.Error == KubernetesError.NotFound && missing is not null)
        {
            missing();
            return null;
        }
        catch (KubernetesException error)
        {
            Fail(ErrorRecords.Failed(error, session, $"{inNamespace}/{name}"));
            return null;
        }
    }

    /// <summary>Whether the guest agent of a machine's instance is connected; null where that is not known. Only the instance knows, and there need not be one.</summary>
    public bool? AgentOf(KubeVirtSession session, VmiManifest manifest)
    {
        try
        {
            return LiveManifests.AgentConnected(!LiveManifests.HasInstance(manifest) ? manifest
                : command.Await(cancellationToken => LiveManifests.GetAsync(session, machine: false, manifest.Namespace!, manifest.Name!, cancellationToken: cancellationToken)));
        }
        catch (KubernetesException error)
        {
            command.WriteVerbose($"Whether a guest agent is connected is not known: {error.Message}");
            return null;
        }
    }

    private ManifestText Read(string text) => new(Pipeline, Report(ManifestReader.ReadContent(text, LazyYamlReader.Instance), Pipeline), null);

    private ManifestContent Report(ManifestContent content, string where)
    {
        foreach (YamlFormatException defect in content.Defects) Fail(ErrorRecords.ManifestInvalid(where, defect));
        foreach (string warning in content.Warnings) command.WriteWarning($"{where}: {warning}.");
        return content;
    }

    private void Fail(ErrorRecord error)
    {
        HasFailed = true;
        command.WriteError(error);
    }
}

/// <summary>A text with manifests.</summary>
/// <param name="Where">What messages call it.</param>
/// <param name="Content">What is in it.</param>
/// <param name="File">The file; null for text of the pipeline.</param>
internal sealed record ManifestText(string Where, ManifestContent Content, ManifestFile? File);
