using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>The machine that an object of the pipeline is, is about, or names.</summary>
/// <param name="Name">Its name; of text and rows of a file, also a wildcard.</param>
/// <param name="Namespace">Its namespace; null where the object does not say.</param>
/// <param name="Origin">Where it comes from.</param>
internal sealed record PipedMachine(string Name, string? Namespace, Origin Origin)
{
    /// <summary>Whether the names are no patterns, whatever is in them.</summary>
    public bool IsExact { get; private init; }

    /// <summary>Whether no machine can have the names: foreign scrapes may have any.</summary>
    public bool IsOfNone => IsExact && (WildcardPattern.ContainsWildcardCharacters(Name) || WildcardPattern.ContainsWildcardCharacters(Namespace ?? ""));

    /// <summary>Looks at an object.</summary>
    /// <returns>Null for one that is about no machine.</returns>
    public static PipedMachine? Of(PSObject input)
    {
        if (input.BaseObject is string text) return text.Length == 0 ? null : new PipedMachine(text, null, default);
        // These have names of their own, and are about many machines.
        if (input.BaseObject is KubeVirtNode or KubeVirtComponent) return null;
        // What has a name of its own, such as a sample, says in Vmi which machine it is about.
        string? name = Text(input, input.Properties["Vmi"] is null ? "Name" : "Vmi");
        if (name is null) return null;
        return new PipedMachine(name, Text(input, "Namespace"), OriginOf(input)) { IsExact = !IsText(input.BaseObject) };
    }

    /// <summary>Whether names of an object were typed by somebody, and may be patterns: those of text and of rows of a file. What a cluster or a scrape says is what it says.</summary>
    public static bool IsText(object input) => input is string or PSCustomObject;

    /// <summary>Whether an object says of itself that it is about no machine, as samples of work queues and processes do, which come with those that are.</summary>
    public static bool IsOfNoMachine(PSObject input) => input.Properties["Vmi"] is not null && Value(input, "Vmi") is null or "";

    /// <summary>Where an object comes from.</summary>
    public static Origin OriginOf(PSObject input)
    {
        KubeVirtSession? session = Value(input, "Session") as KubeVirtSession;
        // Text and files are whose the user says.
        bool isOfScrape = input.BaseObject switch
        {
            MetricSample sample => sample.Cluster is not null || sample.Target.Contains("://", StringComparison.Ordinal),
            KubeVirtUsage or KubeVirtUsageDetail => true,
            _ => false,
        };
        return new Origin(session, session is null ? Text(input, "Session") ?? Text(input, "Cluster") : null) { IsOfScrape = session is null && isOfScrape };
    }

    private static object? Value(PSObject input, string property) => input.Properties[property]?.Value is { } value ? (value as PSObject)?.BaseObject ?? value : null;

    private static string? Text(PSObject input, string property) => Value(input, property) is string { Length: > 0 } text ? text : null;
}

/// <summary>The cluster that an object is of; nothing where it does not say.</summary>
/// <param name="Session">The session of the object.</param>
/// <param name="Cluster">The text in which a row of a file, which has no session, names its cluster.</param>
internal readonly record struct Origin(KubeVirtSession? Session, string? Cluster)
{
    /// <summary>Whether it was read from an endpoint or a server without a session: the cluster is a label of the server then, and not known where there is none.</summary>
    public bool IsOfScrape { get; init; }
}
