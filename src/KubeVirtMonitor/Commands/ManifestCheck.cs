using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Commands;

/// <summary>Checks the probes of manifest files against the rules, without a cluster.</summary>
/// <param name="command">The cmdlet.</param>
/// <param name="seen">The files that are checked already: lines of a file that are piped all carry its path.</param>
internal sealed class ManifestCheck(CancellableCommand command, HashSet<string> seen)
{
    /// <summary>Whether anything was there that could be checked.</summary>
    public bool HasChecked { get; private set; }

    /// <summary>Whether something could not be read.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The findings of files, each file by itself: one that cannot be read is an error and hides no other, and one without probes is said.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="isLiteral">Whether wildcard characters stand for themselves.</param>
    /// <param name="wanted">The probes that are checked; null = both.</param>
    public IEnumerable<ProbeFinding> Run(string[] paths, bool isLiteral, ProbeRole? wanted)
    {
        ManifestSource source = new(command);
        PathResolver resolver = new(command.SessionState, error =>
        {
            HasFailed = true;
            command.WriteError(error);
        });
        foreach (string file in paths.SelectMany(path => resolver.Resolve(path, isLiteral)).Where(seen.Add))
        {
            ManifestContent? content = source.Open(file)?.Content;
            HasFailed |= content is null or { Defects.Count: > 0 };
            if (content is null) continue;
            foreach (string nothing in content.Unchecked(wanted)) command.WriteWarning($"{file}: {nothing}.");
            HasChecked |= content.Machines.Any(machine => ManifestContent.HasProbe(machine, wanted));
            foreach (ProbeFinding finding in content.Machines.SelectMany(static machine => ProbeRules.Check(machine)).Concat(content.Findings))
            {
                if (wanted is null || finding.Role is null || finding.Role == wanted) yield return finding;
            }
        }
    }
}
