using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>
/// A cmdlet that asks clusters: those of the sessions it is given, those of contexts, or the default one. What comes down the pipeline is acted on in the
/// session it came from. A cluster that fails never hides the others.
/// </summary>
public abstract class ClusterCommand : CancellableCommand
{
    private bool _isGiven;

    /// <summary>The sessions, as objects or by their numbers.</summary>
    [Parameter(ValueFromPipeline = true)]
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateNotNullOrEmpty]
    public KubeVirtSession[]? Session { get; set; }

    /// <summary>Contexts of the kubeconfig.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string[]? Context { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Nothing of the pipeline is bound yet.
        _isGiven = Session is not null || Context is not null;
        if (Session is not null && Context is not null) ThrowTerminatingError(ErrorRecords.SessionAndContext());
    }

    private protected override void Process() => InEach(Process);

    /// <summary>Does the work for one cluster.</summary>
    private protected virtual void Process(KubeVirtSession session)
    {
    }

    /// <summary>Takes note that something could not be done; its error is written already.</summary>
    private protected virtual void TakeFailure()
    {
    }

    /// <summary>Works in each cluster that is meant, whatever becomes of the others.</summary>
    private protected void InEach(Action<KubeVirtSession> work)
    {
        foreach (KubeVirtSession session in Sessions()) In(session, work);
    }

    /// <summary>Works in the cluster that an object of the pipeline is of; in each that is meant, where it is of none.</summary>
    /// <param name="own">The session of the object.</param>
    /// <param name="what">The object.</param>
    /// <param name="work">The work.</param>
    private protected void InOwn(KubeVirtSession? own, object what, Action<KubeVirtSession> work)
    {
        foreach (KubeVirtSession session in SessionsFor(own, what)) In(session, work);
    }

    /// <summary>The same for an object that may name its cluster by text.</summary>
    private protected void InOwn(Origin origin, object what, Action<KubeVirtSession> work)
    {
        if (SessionResolver.TryFind(origin, what, Session, _isGiven, Fail, out KubeVirtSession? own)) InOwn(own, what, work);
    }

    /// <summary>Works in one cluster; what fails is an error.</summary>
    private protected void In(KubeVirtSession session, Action<KubeVirtSession> work)
    {
        try
        {
            work(session);
        }
        catch (KubernetesException error)
        {
            Fail(ErrorRecords.Failed(error, session));
        }
    }

    /// <summary>Writes an error of an input or a cluster.</summary>
    private protected void Fail(ErrorRecord error)
    {
        TakeFailure();
        WriteError(error);
    }

    /// <summary>Where an object of the pipeline is acted on: in its own session, and nowhere where that is closed or not among those that were given.</summary>
    private protected IReadOnlyList<KubeVirtSession> SessionsFor(KubeVirtSession? own, object what)
    {
        if (own is null) return Sessions();
        if (own.IsOpen && IsMeant(own)) return [Uses(own)];
        Fail(own.IsOpen ? ErrorRecords.OtherSession(own, what, Context is null ? "-Session" : "-Context") : ErrorRecords.OriginClosed(own, what));
        return [];
    }

    // Contexts are not opened to find out that something is of another.
    private bool IsMeant(KubeVirtSession own) => !_isGiven || (Context is { } contexts ? contexts.Contains(own.Context) : Session!.Contains(own));

    private IReadOnlyList<KubeVirtSession> Sessions()
    {
        if (_isGiven && Context is not null && Session is { } piped) return [.. piped.SelectMany(session => SessionsFor(session, session))];
        return SessionResolver.Resolve(this, Session, Context, Fail, isPiped: !_isGiven);
    }
}
