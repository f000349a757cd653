using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Completion;

/// <summary>
/// Completes names from what the sessions have seen that a command line names, or the default one. The names are listed anew meanwhile; that is waited for
/// only as long as nobody notices, and never where a credential would have to be asked for first. What fails has no effect.
/// </summary>
public abstract class SeenCompleter : IArgumentCompleter
{
    // Within what is a quarter of a second to the user, and within a tenth where there is something to show at once.
    private const int MostWait = 220;
    private const int ShortWait = 50;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        SeenQuestion question = new(commandName, parameterName, Completions.Bare(wordToComplete), fakeBoundParameters);
        IReadOnlyList<KubeVirtSession> sessions = SeenBy.Sessions(fakeBoundParameters);
        CompletionResult[] Known() => [.. Completions.Of(wordToComplete, sessions.SelectMany(session => Names(session, question)).GroupBy(static one => one.Name, StringComparer.Ordinal).Select(static one => (one.Key, string.Join("; ", one.Select(static found => found.Note)))))];
        Task[] lists = [.. sessions.Select(session => session.Seen.RefreshAsync(session, KindOf(question), question.Namespace, TimeSpan.FromMilliseconds(MostWait))).OfType<Task>()];
        CompletionResult[] known = Known();
        if (lists.Length == 0) return known;
        // What a list comes to before it ends is worth something too; why it failed is not.
        Task.WaitAny([Task.WhenAll(lists)], known.Length > 0 ? ShortWait : MostWait);
        return Known();
    }

    private protected abstract SeenKind KindOf(SeenQuestion question);

    private protected abstract IEnumerable<(string Name, string Note)> Names(KubeVirtSession session, SeenQuestion question);
}

/// <summary>Completes the names of machines, of the namespace that is named.</summary>
public sealed class MachineNameCompleter : SeenCompleter
{
    private protected override SeenKind KindOf(SeenQuestion question) => question.OfMachines ? SeenKind.VirtualMachine : SeenKind.Instance;

    private protected override IEnumerable<(string Name, string Note)> Names(KubeVirtSession session, SeenQuestion question)
    {
        WildcardPattern? space = question.NamespacePattern;
        // Of a machine that is named with its namespace, the parameter takes both.
        bool isPlaced = question.Parameter == nameof(Commands.SampleCommand.Vmi) && question.Word.Contains('/', StringComparison.Ordinal);
        (string Namespace, string Name)[] seen = [.. session.Seen.Of(KindOf(question))];
        if (seen.Length == 0) seen = [.. session.Seen.Of(question.OfMachines ? SeenKind.Instance : SeenKind.VirtualMachine)];
        return seen.Where(one => space?.IsMatch(one.Namespace) != false).Select(one => (isPlaced ? $"{one.Namespace}/{one.Name}" : one.Name, $"{one.Namespace}/{one.Name} of {session}"));
    }
}

/// <summary>Completes namespaces, those with machines first.</summary>
public sealed class NamespaceCompleter : SeenCompleter
{
    private protected override SeenKind KindOf(SeenQuestion question) => SeenKind.Namespace;

    private protected override IEnumerable<(string Name, string Note)> Names(KubeVirtSession session, SeenQuestion question)
    {
        Dictionary<string, int> machines = session.Seen.Of(SeenKind.VirtualMachine).Union(session.Seen.Of(SeenKind.Instance)).GroupBy(static one => one.Namespace).ToDictionary(static one => one.Key, static one => one.Count());
        return session.Seen.Of(SeenKind.Namespace).Select(static one => one.Name).OrderBy(name => machines.ContainsKey(name) ? 0 : 1)
            .Select(name => (name, $"namespace of {session}{(machines.TryGetValue(name, out int count) ? $", {count} machine{(count == 1 ? "" : "s")} seen" : "")}"));
    }
}

/// <summary>Completes the names of nodes.</summary>
public sealed class NodeCompleter : SeenCompleter
{
    private protected override SeenKind KindOf(SeenQuestion question) => SeenKind.Node;

    private protected override IEnumerable<(string Name, string Note)> Names(KubeVirtSession session, SeenQuestion question) =>
        session.Seen.Of(SeenKind.Node).Select(one => (one.Name, $"node of {session}"));
}

/// <summary>Completes the names of the pods of KubeVirt itself.</summary>
public sealed class ComponentNameCompleter : SeenCompleter
{
    private protected override SeenKind KindOf(SeenQuestion question) => SeenKind.Pod;

    private protected override IEnumerable<(string Name, string Note)> Names(KubeVirtSession session, SeenQuestion question) =>
        session.Seen.Of(SeenKind.Pod).Select(one => (one.Name, $"pod of {session}"));
}

/// <summary>What is to be completed.</summary>
/// <param name="Command">The cmdlet.</param>
/// <param name="Parameter">Its parameter.</param>
/// <param name="Word">What has been typed, without quotes.</param>
/// <param name="Others">The parameters that have values already.</param>
internal sealed record SeenQuestion(string Command, string Parameter, string Word, IDictionary? Others)
{
    /// <summary>Whether it is about VirtualMachines, which need not run, and not about instances.</summary>
    public bool OfMachines => Command is "Get-KubeVirtVM" or "Set-VmiProbe" or "Remove-VmiProbe" || (Command == "Get-VmiProbe" && Others?.Contains("VM") == true);

    /// <summary>The one namespace that is named for machines; null = none, or several.</summary>
    public string? Namespace => Parameter != "Namespace" && Space is { Length: > 0 } one && !WildcardPattern.ContainsWildcardCharacters(one) ? one : null;

    /// <summary>The namespaces that are named; null = any.</summary>
    public WildcardPattern? NamespacePattern => Space is { Length: > 0 } text ? Completions.Pattern(text) : null;

    private string? Space => Bare(Others?["Namespace"]) switch
    {
        IList list => list.Count == 1 ? Bare(list[0])?.ToString() : null,
        var one => one?.ToString(),
    };

    private static object? Bare(object? given) => given is PSObject wrapped ? wrapped.BaseObject : given;
}
