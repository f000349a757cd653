using System.Globalization;
using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes the open sessions of the runspace, in the order in which they were opened.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtSession")]
[OutputType(typeof(KubeVirtSession))]
public sealed class GetKubeVirtSessionCommand : PSCmdlet
{
    /// <summary>Wildcards on the contexts, or numbers.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [Alias("Id")]
    public string[]? Context { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        WriteObject(Context is null ? SessionStore.Current.Sessions : this.OfContexts(Context), enumerateCollection: true);
}

/// <summary>Chooses among the open sessions.</summary>
internal static class SessionChoice
{
    /// <summary>The open sessions of contexts, by wildcards, or with numbers. What is named exactly and is not there is an error.</summary>
    public static KubeVirtSession[] OfContexts(this PSCmdlet command, string[] wanted)
    {
        IReadOnlyList<KubeVirtSession> open = SessionStore.Current.Sessions;
        WildcardPattern[] patterns = command.Patterns(wanted);
        foreach (string one in wanted.Where(one => !WildcardPattern.ContainsWildcardCharacters(one) && !open.Any(session => IsOf(session, one)))) command.WriteError(ErrorRecords.NoSessionOf(one, open));
        return [.. open.Where(session => NamePatterns.IsAnyMatch(patterns, session.Context ?? "") || wanted.Any(one => IsOf(session, one)))];
    }

    private static bool IsOf(KubeVirtSession session, string text) =>
        string.Equals(session.Context, text, StringComparison.OrdinalIgnoreCase) || string.Equals(session.Context, WildcardPattern.Unescape(text), StringComparison.OrdinalIgnoreCase) || session.Id.ToString(CultureInfo.InvariantCulture) == text;
}
